"""Readings for a connection's problems besides what could not be read: conflicts, and records gone upstream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from webapp.core import db
from webapp.events.models import Event
from webapp.sync.models import Conflict, Connection, Link
from webapp.tickets.models import Ticket

MISSING = ("gone", "withdrawn")
_FACTS = ("ticket.status_changed", "ticket.edited")
_MOST_FACTS = 1000


@dataclass(frozen=True)
class Shown:
    """A conflict with both sides. `ours_by`, `ours_at`: who changed it here last, as far as is known."""

    row: Conflict
    link: Link
    ticket: Ticket
    ours_by: str
    ours_at: datetime | None


@dataclass(frozen=True)
class Missing:
    link: Link
    ticket: Ticket


def conflicts_of(connection: Connection, *, is_open: bool, limit: int = 50) -> list[Shown]:
    """Open ones oldest first; decided ones newest first."""
    condition = Conflict.decision == "" if is_open else Conflict.decision != ""
    order = Conflict.id if is_open else Conflict.id.desc()
    rows = db.session().execute(
        select(Conflict, Link, Ticket)
        .join(Link, Link.id == Conflict.link_id)
        .join(Ticket, Ticket.id == Link.local_id)
        .where(Link.connection_id == connection.id, condition)
        .order_by(order)
        .limit(limit)
    )
    found = [(row[0], row[1], row[2]) for row in rows]
    last = _last_changes([ticket.id for _, _, ticket in found], connection.id) if is_open else {}
    nobody: tuple[str, datetime | None] = ("", None)
    return [
        Shown(row, link, ticket, *last.get((ticket.id, row.field), nobody))
        for row, link, ticket in found
    ]


def count_open_conflicts(connection_ids: Sequence[int]) -> dict[int, int]:
    rows = db.session().execute(
        select(Link.connection_id, func.count())
        .join(Conflict, Conflict.link_id == Link.id)
        .where(Link.connection_id.in_(connection_ids), Conflict.decision == "")
        .group_by(Link.connection_id)
    )
    return {row[0]: row[1] for row in rows}


def missing_of(connection: Connection, *, after_id: int = 0, limit: int = 50) -> list[Missing]:
    """Records that are gone or were withdrawn there, with their tickets, by their ids."""
    rows = db.session().execute(
        select(Link, Ticket)
        .join(Ticket, Ticket.id == Link.local_id)
        .where(
            Link.connection_id == connection.id,
            Link.local_kind == "ticket",
            Link.state.in_(MISSING),
            Link.id > after_id,
        )
        .order_by(Link.id)
        .limit(limit)
    )
    return [Missing(row[0], row[1]) for row in rows]


def count_missing(connection_id: int) -> int:
    query = select(func.count()).where(Link.connection_id == connection_id, Link.state.in_(MISSING))
    return db.session().scalar(query) or 0


def _last_changes(
    ticket_ids: Sequence[int], connection_id: int
) -> dict[tuple[int, str], tuple[str, datetime | None]]:
    """(ticket, field) → who changed it last here and when; the upstream's own changes are not ours."""
    if not ticket_ids:
        return {}
    events = db.session().scalars(
        select(Event)
        .where(
            Event.subject_kind == "ticket",
            Event.subject_id.in_(ticket_ids),
            Event.type.in_(_FACTS),
        )
        .order_by(Event.id.desc())
        .limit(_MOST_FACTS)
    )
    found: dict[tuple[int, str], tuple[str, datetime | None]] = {}
    for event in events:
        if (event.actor_kind, event.actor_id) == ("connection", connection_id):
            continue
        for field in _fields(event):
            found.setdefault((event.subject_id, field), (event.actor_name, event.at))
    return found


def _fields(event: Event) -> Sequence[Any]:
    if event.type == "ticket.status_changed":
        return ("status",)
    return list(event.data.get("changes") or ())
