"""Tickets as rows of a file: read in pieces, so that a list of any length needs little memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, literal, select, tuple_

from webapp.accounts.models import User
from webapp.core import db, storage
from webapp.core.errors import NotFound
from webapp.tickets.models import Tag, Team, Ticket, TicketExport, ticket_tag
from webapp.tickets.queries.filters import Filters
from webapp.tickets.queries.finding import conditions
from webapp.tickets.states import PRIORITY_CODES

_PIECE = 1000

_COLUMNS = {
    "reference": Ticket.ref,
    "title": Ticket.title,
    "description": Ticket.description,
    "status": Ticket.status,
    "priority": Ticket.priority,
    "category": Ticket.category,
    "refined_category": Ticket.refined_category,
    "barangay": Ticket.barangay,
    "place": Ticket.place,
    "latitude": Ticket.lat,
    "longitude": Ticket.lng,
    "assignee": User.name,
    "team": Team.name,
    "reporter_name": Ticket.reporter_name,
    "reporter_email": Ticket.reporter_email,
    "reporter_phone": Ticket.reporter_phone,
    "source": Ticket.source,
    "source_name": Ticket.source_name,
    "control_number": Ticket.control_number,
    "source_url": Ticket.source_url,
    "upstream_status": Ticket.external_status,
    "reported_at": Ticket.reported_at,
    "created_at": Ticket.created_at,
    "updated_at": Ticket.updated_at,
    "due_at": Ticket.due_at,
    "first_response_at": Ticket.first_response_at,
    "resolved_at": Ticket.resolved_at,
}
HEADINGS = (*_COLUMNS, "tags", "time_zone")
_PRIORITY = HEADINGS.index("priority")


def all_rows(user: User, filters: Filters, *, zone: str) -> Iterator[tuple[Any, ...]]:
    """A row of HEADINGS for every ticket of the list, newest first. `zone`: whose clock the file's times follow.

    Between two pieces nothing is held open, so that a slow download keeps no database busy. Who comes in
    meanwhile is not in it.
    """
    query = (
        select(*_COLUMNS.values(), Ticket.id)
        .outerjoin(User, User.id == Ticket.assignee_id)
        .outerjoin(Team, Team.id == Ticket.team_id)
        .where(*conditions(user, filters))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
        .limit(_PIECE)
    )
    piece = query
    while rows := db.session().execute(piece).all():
        tags = _tags_of([row.id for row in rows])
        db.session().rollback()
        for row in rows:
            told = [row[place] for place in range(len(_COLUMNS))]
            told[_PRIORITY] = PRIORITY_CODES[row.priority]
            yield (*told, tags.get(row.id, ""), zone)
        if len(rows) < _PIECE:
            return
        position = tuple_(literal(rows[-1].created_at, Ticket.created_at.type), rows[-1].id)
        piece = query.where(tuple_(Ticket.created_at, Ticket.id) < position)


def count_all(user: User, filters: Filters, *, up_to: int | None = None) -> int:
    """How many the list has, or `up_to` where it has more."""
    some = select(Ticket.id).where(*conditions(user, filters)).limit(up_to)
    return db.session().scalar(select(func.count()).select_from(some.subquery())) or 0


def refs_of(ids: Sequence[int]) -> dict[int, str]:
    """Key → reference, of those that there are."""
    rows = db.session().execute(select(Ticket.id, Ticket.ref).where(Ticket.id.in_(ids)))
    found = {ticket_id: ref for ticket_id, ref in rows}  # noqa: C416 - a row is no pair to mypy
    return {each: found[each] for each in ids if each in found}


def export_for(user: User, export_id: int) -> TicketExport:
    """A sheet that `user` asked for. Raises NotFound."""
    found = db.session().get(TicketExport, export_id)
    if found is None or found.user_id != user.id:
        raise NotFound(gettext("There is no such file; sheets are kept for a week."))
    return found


def export_file(export: TicketExport) -> Path:
    """Where its sheet stands once it is done."""
    return storage.passing(f"export-{export.id}.xlsx")


def _tags_of(ids: Sequence[int]) -> dict[int, str]:
    rows = db.session().execute(
        select(ticket_tag.c.ticket_id, Tag.name)
        .join(Tag, Tag.id == ticket_tag.c.tag_id)
        .where(ticket_tag.c.ticket_id.in_(ids))
        .order_by(Tag.key)
    )
    found: dict[int, str] = {}
    for ticket_id, name in rows:
        found[ticket_id] = f"{found[ticket_id]}, {name}" if ticket_id in found else name
    return found
