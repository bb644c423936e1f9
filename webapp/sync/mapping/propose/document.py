"""A whole declaration from one answer of a system that nobody knows yet. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask_babel import gettext

from webapp.core.errors import Invalid
from webapp.sync.connectors.declaration import parse_dict
from webapp.sync.mapping.document import dump
from webapp.sync.mapping.propose.fields import fields_of, id_path, status_values, time_path
from webapp.sync.mapping.propose.finding import find_list, leaves, looks_like_time
from webapp.sync.mapping.propose.paging import paging_of, paging_params, total_of

Rule = dict[str, Any]

_SINCE = (
    "since",
    "updated_since",
    "updatedSince",
    "updated_after",
    "modified_since",
    "changed_since",
)


@dataclass(frozen=True)
class Answer:
    """What came: the parsed body, the headers (names in small letters), and the path and query asked for."""

    value: Any
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    form: str = "json"


@dataclass(frozen=True)
class Proposal:
    """`text`: the declaration as YAML. `records`: those of the sample. `notes`: what a person should look at."""

    text: str
    records: list[Any]
    notes: list[str]


def propose(answer: Answer, *, title: str, auth: Mapping[str, Any]) -> Proposal:
    """Raises Invalid with a sentence where there is no list of records, or none with an id."""
    found = find_list(answer.value) or _xml_single(answer)
    if found is None:
        raise _none(gettext("There is no list of records in this answer."))
    items, records = found
    known = leaves(records)
    identity = id_path(known)
    if identity is None:
        raise _none(gettext("No field of these records tells them apart: there is no id."))
    updated, created = time_path(known, created=False), time_path(known, created=True)
    fields = fields_of(known)
    parts = urlsplit(answer.path)
    params = dict(parse_qsl(parts.query))
    shape: dict[str, Any] = {
        "name": "rest",
        "title": title,
        "format": answer.form,
        "auth": [dict(auth)],
        "list": _list(answer, items, records, params),
        "record": _record(identity, updated, created),
        "fields": fields,
    }
    if "status" in fields:
        seen = status_values(known, fields["status"]["from"])
        shape["values"] = {"status": {"in": seen}}
    if answer.form == "json" and not re.search(r"\.\w+$", parts.path):
        shape["get"] = {"path": parts.path.rstrip("/") + "/{id}"}
    whole = {"name": "blank", "title": title, "record": "record", "timezone": "UTC",
             "secret": {"label": "Token", "required": auth["kind"] != "none"}, "shapes": [shape]}  # fmt: skip
    parse_dict(whole)
    return Proposal(dump(whole), records, _notes(shape, params, known))


def _list(answer: Answer, items: str, records: list[Any], params: Mapping[str, str]) -> Rule:
    paging = paging_of(answer.value, params=params, headers=answer.headers)
    path, value = urlsplit(answer.path).path, answer.value
    since = next((name for name in _SINCE if name in params), None)
    left_out = paging_params(params) | ({since} if since else set())
    always = {
        name: text for name, text in params.items() if name not in left_out and "{" not in text
    }
    found: dict[str, Any] = {"path": path or "/", "items": items, "paging": [paging]}
    found["incremental"] = [
        {"kind": "updated_since", "param": since} if since else {"kind": "full"}
    ]
    if always:
        found["params"] = always
    total = total_of(value, records)
    if total:
        found["total"] = total
    return found


def _record(identity: str, updated: str | None, created: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {"id": identity}
    if updated:
        found["updated_at"] = updated
    if created:
        found["created_at"] = created
    return found


def _notes(shape: Mapping[str, Any], params: Mapping[str, str], known: Any) -> list[str]:
    notes = []
    kind = shape["list"]["paging"][0]["kind"]
    if kind == "none":
        notes.append(
            gettext(
                "Nothing shows how the list goes on: it is read as one page. Add paging if there is more."
            )
        )
    if "updated_at" not in shape["record"]:
        notes.append(gettext("No time of change was found: everything is read each time."))
    elif shape["list"]["incremental"][0]["kind"] == "full":
        notes.append(
            gettext("If the list can be asked for changes since a time, name that parameter below.")
        )
    times = [leaf for leaf in known if looks_like_time(leaf.values)]
    texts = [text for leaf in times for text in leaf.texts]
    if texts and not any(re.search(r"(Z|[+-]\d{2}:?\d{2})$", text) for text in texts):
        notes.append(gettext("Their times name no zone: set it in the settings of the connection."))
    if any("/" in text[:6] for text in texts):
        notes.append(
            gettext(
                "Some times are written with slashes: give the transform datetime their format."
            )
        )
    if "status" in shape["fields"] and not shape["values"]["status"]["in"]:
        notes.append(gettext("None of their status words could be mapped by itself."))
    return notes


def _xml_single(answer: Answer) -> tuple[str, list[Any]] | None:
    """XML cannot tell one record from a list of one: the only object beneath the root's."""
    value, path = answer.value, ""
    while answer.form == "xml" and isinstance(value, dict) and len(value) == 1:
        name, value = next(iter(value.items()))
        path = f"{path}.{name}" if path else str(name)
    if answer.form == "xml" and isinstance(value, dict) and "." in path:
        return path, [value]
    return None


def _none(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"sample": sentence})
