"""The declaration of a connection as tables for people: fields, values, ways of asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.sync.connectors.declaration import FieldRule, Shape
from webapp.sync.connectors.plan import Plan, certain_plan, parts
from webapp.sync.models import ValueMap
from webapp.tickets.words import field_name, status_name

_AUTH = {
    "bearer": _l("the token in the header Authorization (Bearer)"),
    "header": _l("the token in a header of its own"),
    "query": _l("a key in the address"),
    "form": _l("a key in the form"),
    "basic": _l("user name and password"),
    "none": _l("nothing; reading is open"),
}
_PAGING = {
    "none": _l("all in one answer"),
    "cursor": _l("each answer names the next page"),
    "page_number": _l("numbered pages"),
    "offset": _l("so many records further each time"),
    "link": _l("each answer links to the next page"),
    "window": _l("slices of time, smaller where there is much"),
}
_INCREMENTAL = {
    "updated_since": _l("asked by time of change"),
    "created_window": _l("new ones by time of creation; open ones asked for again"),
    "full": _l("everything is read; what is unchanged is recognised and left alone"),
}


@dataclass(frozen=True)
class FieldRow:
    label: str
    paths: tuple[str, ...]
    how: str


@dataclass(frozen=True)
class ValueRow:
    """`ours` empty: nobody mapped it yet."""

    theirs: str
    ours: str
    back: str
    by: str


@dataclass(frozen=True)
class ValueTable:
    label: str
    rows: tuple[ValueRow, ...]


def fields_of(shape: Shape) -> list[FieldRow]:
    """What fills which field of the ticket."""
    rows = [
        FieldRow(_("Number there"), shape.record.id, ""),
        *(FieldRow(_label(name), rule.from_, _how(rule)) for name, rule in shape.fields.items()),
    ]
    if shape.record.updated_at is not None:
        rows.append(FieldRow(_("Changed there"), shape.record.updated_at.from_, ""))
    return rows


def value_maps_of(shape: Shape, decided: Sequence[ValueMap]) -> list[ValueTable]:
    """Declared values first, then those that came in since, decided here or not."""
    tables = []
    for field, rule in shape.fields.items():
        if rule.values is None:
            continue
        declared = shape.values[rule.values]
        here = [row for row in decided if row.field == field]
        overridden = {row.upstream.casefold() for row in here if row.local}
        rows = [
            ValueRow(theirs, _word(ours), _back(declared.out, theirs), _("the declaration"))
            for theirs, ours in declared.in_.items()
            if theirs.casefold() not in overridden
        ]
        rows += [
            ValueRow(
                row.upstream,
                _word(row.local or ""),
                "",
                _("this desk") if row.local else _("nobody yet"),
            )
            for row in here
        ]
        tables.append(ValueTable(_label(field), tuple(rows)))
    return tables


def asking_of(shape: Shape, options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How reports are asked for and statuses sent, as (name, words) pairs."""
    plan = options.get("plan") or {}
    chosen = Plan(**plan) if plan.get("shape") == shape.name else certain_plan(shape)
    auth, paging, incremental = parts(shape, chosen)
    pushes = [call.title for call in shape.push.values()]
    return [
        (_("Speaks as"), shape.title),
        (_("List"), f"GET {shape.base_path}{shape.list.path}"),
        (_("Signs in by"), str(_AUTH.get(auth.kind, auth.kind))),
        (_("Pages"), str(_PAGING.get(paging.kind, paging.kind))),
        (_("Only what changed"), str(_INCREMENTAL.get(incremental.kind, incremental.kind))),
        (_("Sends back"), ", ".join(pushes) or _("nothing")),
    ]


def _how(rule: FieldRule) -> str:
    words = [use.name.replace("_", " ") for use in rule.transforms]
    if rule.join is not None:
        words.append(_("joined"))
    if rule.values is not None:
        words.append(_("mapped by the table below"))
    if rule.required:
        words.append(_("must be there"))
    return ", ".join(words)


def _label(field: str) -> str:
    return _("Status") if field == "status" else field_name(field)


def _word(ours: str) -> str:
    return status_name(ours) if ours else ""


def _back(out: Mapping[str, str], theirs: str) -> str:
    """Which of our values goes back as this one of theirs."""
    return ", ".join(status_name(ours) for ours, sent in out.items() if sent == theirs)
