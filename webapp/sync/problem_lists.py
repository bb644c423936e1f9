"""Readings for a connection's problems besides what could not be read: conflicts, and records gone upstream."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from webapp.core import db
from webapp.events.models import Event
from webapp.sync import subjects
from webapp.sync.models import Conflict, Connection, Link, Quarantine
from webapp.sync.subjects import Face

MISSING = ("gone", "withdrawn")
_MOST_FACTS = 1000


@dataclass(frozen=True)
class Shown:
    """A conflict with both sides. `ours_by`, `ours_at`: who changed it here last, as far as is known."""

    row: Conflict
    link: Link
    face: Face
    ours_by: str
    ours_at: datetime | None


@dataclass(frozen=True)
class Missing:
    link: Link
    face: Face


def conflicts_of(connection: Connection, *, is_open: bool, limit: int = 50) -> list[Shown]:
    """Open ones oldest first; decided ones newest first."""
    condition = Conflict.decision == "" if is_open else Conflict.decision != ""
    order = Conflict.id if is_open else Conflict.id.desc()
    rows = db.session().execute(
        select(Conflict, Link)
        .join(Link, Link.id == Conflict.link_id)
        .where(Link.connection_id == connection.id, condition)
        .order_by(order)
        .limit(limit)
    )
    found = [(row[0], row[1]) for row in rows]
    faces = subjects.faces_of([link for _, link in found])
    last = _last_changes([link for _, link in found], connection.id) if is_open else {}
    nobody: tuple[str, datetime | None] = ("", None)
    return [
        Shown(row, link, faces[link.id], *last.get((link.id, row.field), nobody))
        for row, link in found
        if link.id in faces
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
    """Records that are gone or were withdrawn there, with ours, by their ids."""
    query = select(Link).where(
        Link.connection_id == connection.id, Link.state.in_(MISSING), Link.id > after_id
    )
    links = db.session().scalars(query.order_by(Link.id).limit(limit)).all()
    faces = subjects.faces_of(links)
    return [Missing(link, faces[link.id]) for link in links if link.id in faces]


def entry_of(connection: Connection, entry_id: int | None) -> Quarantine | None:
    """A record of this connection that waits in quarantine; None where it is no such one, or no longer."""
    found = db.session().get(Quarantine, entry_id) if entry_id else None
    mine = found is not None and found.connection_id == connection.id and found.state == "open"
    return found if mine else None


def parents_of(records: Sequence[Quarantine]) -> dict[int, Face]:
    """link's id → what a record that could not be read belongs to, of those that belong to one."""
    ids = {record.parent_id for record in records if record.parent_id is not None}
    links = db.session().scalars(select(Link).where(Link.id.in_(ids))).all() if ids else []
    return subjects.faces_of(links)


def count_missing(connection_id: int) -> int:
    query = select(func.count()).where(Link.connection_id == connection_id, Link.state.in_(MISSING))
    return db.session().scalar(query) or 0


def _last_changes(
    links: Sequence[Link], connection_id: int
) -> dict[tuple[int, str], tuple[str, datetime | None]]:
    """(link, field) → who changed it last here and when; the upstream's own changes are not ours."""
    found: dict[tuple[int, str], tuple[str, datetime | None]] = {}
    for kind in {link.local_kind for link in links}:
        subject = subjects.of(kind)
        link_of = {link.local_id: link.id for link in links if link.local_kind == kind}
        events = db.session().scalars(
            select(Event)
            .where(
                Event.subject_kind == kind,
                Event.subject_id.in_(link_of),
                Event.type.in_(subject.fact_types()),
            )
            .order_by(Event.id.desc())
            .limit(_MOST_FACTS)
        )
        for event in events:
            if (event.actor_kind, event.actor_id) == ("connection", connection_id):
                continue
            for field in subject.changed_in(event):
                key = (link_of[event.subject_id], field)
                found.setdefault(key, (event.actor_name, event.at))
    return found
