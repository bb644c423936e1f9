"""What becomes of each row: a new ticket, a change to one, nothing, or a refusal with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.core import db
from webapp.imports import places
from webapp.imports.cells import Reading, Refused, checked
from webapp.imports.files import Row
from webapp.imports.models import BAD, CREATE, UNCHANGED, UPDATE, Import
from webapp.tickets.models import Ticket
from webapp.tickets.values import TicketValues

KEYS = ("control_number", "ref")  # by which a row may be a ticket that is known
_FIXED = ("ref", "resolved_at")  # what an update leaves as it is


@dataclass
class Decision:
    """`changes`: field → [before, after] as JSON has it. `given`, `place`: what an update sets."""

    number: int
    outcome: str
    key: str = ""  # the number by which it may be a known ticket
    reason: str = ""
    title: str = ""
    values: TicketValues | None = None
    ticket: Ticket | None = None
    given: dict[str, Any] = field(default_factory=dict)
    place: dict[str, Any] = field(default_factory=dict)  # team, assignee, tags that it gets
    changes: dict[str, Any] = field(default_factory=dict)


def reading_of(it: Import) -> Reading:
    return Reading(
        mapping={int(place): name for place, name in it.mapping.items()},
        words=it.words,
        zone=ZoneInfo(it.options["zone"]),
        day_first=bool(it.options.get("day_first", True)),
        width=len(it.columns),
        names=places.our_names(),
    )


def decide(it: Import, rows: Sequence[Row], *, lock: bool = False) -> list[Decision]:
    """In the order of `rows`. `lock`: the tickets are about to be changed."""
    key, reading = str(it.options.get("key", "")), reading_of(it)
    read = [(number, _read(reading, cells)) for number, cells in rows]
    wanted = {values[key] for _, values in read if isinstance(values, dict) and values.get(key)}
    known = _known(key, wanted, lock=lock) if key else {}
    return [_decision(number, values, key=key, known=known) for number, values in read]


def as_json(value: Any) -> Any:
    """A field's value as it is kept, whole, to be given back."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _read(reading: Reading, cells: Sequence[Any]) -> dict[str, Any] | str:
    """Field → value, cleaned; or why not."""
    try:
        values = reading.values_of(cells)
        ref = str(values.pop("ref", "")).strip()
        values, place = places.told_apart(values)
        clean = checked(values)
        return {**clean.given(), **({"ref": ref} if ref else {}), "": clean, "place": place}
    except Refused as error:
        return str(error)


def _known(key: str, wanted: set[str], *, lock: bool) -> dict[str, list[Ticket]]:
    column = Ticket.ref if key == "ref" else Ticket.control_number
    query = select(Ticket).where(column.in_(wanted)).options(selectinload(Ticket.tags))
    query = query.execution_options(populate_existing=True)
    found: dict[str, list[Ticket]] = {}
    for ticket in db.session().scalars(query.with_for_update() if lock else query):
        found.setdefault(getattr(ticket, key), []).append(ticket)
    return found


def _decision(
    number: int, values: dict[str, Any] | str, *, key: str, known: Mapping[str, list[Ticket]]
) -> Decision:
    if isinstance(values, str):
        return Decision(number, BAD, reason=values)
    clean: TicketValues = values[""]
    tickets = known.get(values.get(key, ""), []) if key else []
    if len(tickets) > 1:
        words = gettext("%(n)s tickets have this number.", n=len(tickets))
        return Decision(number, BAD, reason=words)
    own = str(values.get(key, "")) if key else ""
    if tickets:
        return _against(number, own, tickets[0], clean, values["place"])
    if key == "ref" and values.get("ref"):
        return Decision(number, BAD, reason=gettext("There is no ticket of this reference."))
    if not (clean.title or clean.description):
        words = gettext("It has neither a title nor a description.")
        return Decision(number, BAD, reason=words)
    return Decision(
        number, CREATE, own, title=clean.shown_title, values=clean, place=values["place"]
    )


def _against(
    number: int, key: str, ticket: Ticket, clean: TicketValues, place: Mapping[str, Any]
) -> Decision:
    given = {
        name: value
        for name, value in clean.given().items()
        if name not in _FIXED and value != getattr(ticket, name)
    }
    changes = {name: [as_json(getattr(ticket, name)), as_json(new)] for name, new in given.items()}
    placed = places.changes_to(ticket, place)
    changes |= placed
    outcome = UPDATE if changes else UNCHANGED
    return Decision(
        number,
        outcome,
        key,
        title=ticket.title,
        ticket=ticket,
        given=given,
        place={name: new for name, (_, new) in placed.items()},
        changes=changes,
    )


class Twice:
    """Finds rows of one file that are about the same number: all but the first are refused."""

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}  # the number's hash, which needs little memory → row

    def mark(self, decisions: Sequence[Decision]) -> None:
        for each in decisions:
            if not each.key:
                continue
            first = self._seen.setdefault(hash(each.key), each.number)
            if first != each.number:
                each.outcome, each.changes = BAD, {}
                each.reason = gettext("Row %(n)s is about the same number.", n=first)
