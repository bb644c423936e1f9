"""A part of a ticket's page is drawn once for all tickets that look alike in it: by status and people, not number."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple

from flask import current_app, url_for
from markupsafe import Markup
from sqlalchemy import inspect

from webapp.core import db
from webapp.core.kept import drawn
from webapp.tickets.models import Ticket
from webapp.tickets.queries import Opened

Values = dict[str, Any]
_PLAIN = (str, int, float, type(None), date, Decimal)
_NAMED = ("assignee", "team")  # what a part shows of them is their name


def _nothing(_opened: Opened) -> Values:
    return {}


@dataclass(frozen=True)
class Part:
    """What a part of the page takes besides the ticket.

    `shows`: of the ticket, besides its id, ref and version, which are only written; a part that compares its id names
    it, too. `values`: what decides its looks. `words`: what follows from all these and the language. `written`: what
    is only written. `alike` False: it draws itself each time.
    """

    shows: tuple[str, ...] = ()
    values: Callable[[Opened], Values] = _nothing
    words: Callable[[Opened], Values] = _nothing
    written: Callable[[Opened], Values] = _nothing
    alike: bool = True


class Name(NamedTuple):
    name: str


class Face:
    """What a part sees of a ticket."""

    def __init__(self, seen: Mapping[str, Any]) -> None:
        self.__dict__.update(seen)

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(f"A part shows {name} of its ticket and does not say so.")


def html_of(name: str, part: Part, opened: Opened) -> Markup:
    """The partial tickets/_<name>.html as it stands in the page."""
    if not part.alike:
        return fresh(name, part, opened)
    ticket, values = opened.ticket, part.values(opened)
    seen = {each: _seen(ticket, each) for each in part.shows}
    written = {"id": ticket.id, "ref": ticket.ref, "version": ticket.version}
    written |= part.written(opened)
    may_work, viewer_id = opened.may_work, opened.user.id

    def given(marks: Mapping[str, str]) -> Values:
        own = {each: marks[each] for each in ("id", "ref", "version")}
        return {
            "ticket": Face(own | seen),
            "src": _source(marks["ref"], name),
            "may_work": may_work,
            "viewer_id": viewer_id,
            **values,
            **part.words(opened),
            **{key: mark for key, mark in marks.items() if key not in own},
        }

    key = (may_work, viewer_id, frozen(seen), frozen(values))
    return drawn(f"tickets/_{name}.html", key, given, written)


def fresh(name: str, part: Part, opened: Opened, **more: Any) -> Markup:
    """The same, drawn for this ticket alone; `more`: what it shows differently this time."""
    values = {
        "ticket": opened.ticket,
        "src": _source(opened.ticket.ref, name),
        "may_work": opened.may_work,
        "viewer_id": opened.user.id,
        **part.values(opened),
        **part.words(opened),
        **part.written(opened),
        **more,
    }
    template = current_app.jinja_env.get_template(f"tickets/_{name}.html")
    return Markup(template.render(values))  # noqa: S704 - a template's output, escaped there


def frozen(value: Any) -> Hashable:
    """What decides how `value` looks, to be compared. Of a row: its columns."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, list | tuple):
        return tuple(map(frozen, value))
    if isinstance(value, Mapping):
        return tuple((key, frozen(each)) for key, each in value.items())
    if isinstance(value, db.Base):
        kind = type(value)
        return (kind, *(frozen(getattr(value, name)) for name in _columns(kind)))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return (type(value), *(frozen(getattr(value, f.name)) for f in dataclasses.fields(value)))
    raise TypeError(f"How {type(value).__name__} looks cannot be compared.")


@cache
def _columns(kind: type[db.Base]) -> tuple[str, ...]:
    return tuple(each.key for each in inspect(kind).column_attrs)


def _seen(ticket: Ticket, name: str) -> Any:
    value = getattr(ticket, name)
    return Name(value.name) if name in _NAMED and value is not None else value


def _source(ref: str, name: str) -> str:
    return url_for("tickets.ticket_part", ref=ref, part=name)
