"""How they are asked, as a form: where the list is and what a record is known by; the ways beside it are in ways.

Children have less: where they stand, and what each is known by. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext

from webapp.core.errors import Invalid
from webapp.sync.mapping.document import Document, Place
from webapp.sync.mapping.editor import Form

Said = Callable[[str], str]


def asking_values(place: Place) -> dict[str, str]:
    """What the controls show."""
    part = place.part
    record = part["record"]
    known_by = {
        "id": _listed(record["id"]),
        "updated": _paths(record.get("updated_at")),
        "created": _paths(record.get("created_at")),
    }
    if place.is_child:
        return known_by | {
            "path": part.get("path", ""),
            "inside": part.get("inside", ""),
            "items": _listed(part.get("items", "")),
        }
    call = part["list"]
    return known_by | {
        "format": part.get("format", "json"),
        "base_path": part.get("base_path", ""),
        "path": call["path"],
        "params": ", ".join(f"{k}={v}" for k, v in (call.get("params") or {}).items()),
        "items": _listed(call["items"]),
        "one": (part.get("get") or {}).get("path", ""),
    }


def put_asking(place: Place, form: Form) -> None:
    """The controls `a__…` into the part. Raises Invalid, naming them."""
    if not form.get("a__id") and not form.get("a__path"):
        return  # a form without them

    def said(name: str) -> str:
        return form.get(f"a__{name}").strip()

    wrong: dict[str, str] = {}
    if place.is_child:
        _put_child(place.part, said, wrong)
    else:
        _put_list(place.part, said, wrong)
    _put_record(place.part["record"], said, wrong)
    if wrong:
        raise Invalid(gettext("Please correct the marked fields."), fields=wrong)


def _put_list(shape: Document, said: Said, wrong: dict[str, str]) -> None:
    shape["format"] = said("format") or "json"
    shape["base_path"] = said("base_path").rstrip("/")
    call = shape["list"]
    call["path"] = said("path")
    params = dict(
        pair.strip().partition("=")[::2] for pair in said("params").split(",") if pair.strip()
    )
    call["params"] = params
    call["items"] = _items(said)
    _put_get(shape, said("one"), wrong)


def _put_child(child: Document, said: Said, wrong: dict[str, str]) -> None:
    for name in ("path", "inside", "items"):
        child.pop(name, None)
    if bool(said("path")) == bool(said("inside")):
        wrong["a__path"] = gettext("They stand at a path or inside the record: say one of the two.")
    if said("path"):
        if "{parent}" not in said("path"):
            wrong["a__path"] = gettext("The path holds {parent}, which is the id of the record.")
        child["path"] = said("path")
        if said("items"):
            child["items"] = _items(said)
    else:
        child["inside"] = said("inside")


def _items(said: Said) -> Any:
    items = [each.strip() for each in said("items").split(",")]
    return items if len(items) > 1 else items[0]


def _put_get(shape: Document, path: str, wrong: dict[str, str]) -> None:
    if not path:
        shape.pop("get", None)
    elif "{id}" not in path:
        wrong["a__one"] = gettext("The address of one record holds {id}.")
    else:
        shape["get"] = {**(shape.get("get") or {}), "path": path}


def _put_record(record: Document, said: Said, wrong: dict[str, str]) -> None:
    ids = _split(said("id"))
    if not ids:
        wrong["a__id"] = gettext("Say which of their fields holds the id.")
    record["id"] = ids if len(ids) > 1 else (ids or ["id"])[0]
    for name, control in (("updated_at", "updated"), ("created_at", "created")):
        paths = _split(said(control))
        before = record.get(name)
        if not paths:
            record.pop(name, None)
        elif isinstance(before, dict):
            record[name] = {**before, "from": paths}
        else:
            record[name] = paths


def _split(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]


def _listed(paths: Any) -> str:
    return paths if isinstance(paths, str) else ", ".join(paths)


def _paths(rule: Any) -> str:
    if rule is None:
        return ""
    return _listed(rule["from"] if isinstance(rule, dict) else rule)
