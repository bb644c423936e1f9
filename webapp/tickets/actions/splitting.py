"""Messages that are about something else become a ticket of their own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from flask_babel import gettext
from sqlalchemy import delete, or_, select, update

from webapp.core import clock, db
from webapp.core.errors import Invalid
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.actions.numbering import new_follow_token, reference
from webapp.tickets.actions.relating import relate
from webapp.tickets.events import TicketCreated
from webapp.tickets.models import Attachment, Note, Response, Ticket
from webapp.tickets.relating.kinds import RELATES
from webapp.tickets.states import OPEN


def split_ticket(
    ticket: Ticket,
    *,
    title: str,
    responses: Collection[int],
    notes: Collection[int] = (),
    actor: Actor,
) -> Ticket:
    """A new ticket of the same reporter and place, with those messages, which this one has no longer.

    The reporter's first of them becomes what it reports; a note stays a note and becomes nothing that is public.
    Raises Invalid where nothing, or another ticket's message, is chosen.
    """
    moved = _chosen(ticket, responses)
    written = db.session().scalars(
        select(Note).where(Note.ticket_id == ticket.id, Note.id.in_(notes))
    )
    noted = written.all()
    if not title or not (moved or noted) or len(moved) != len(set(responses)):
        words = gettext("Choose at least one message, and say what it is about.")
        raise Invalid(words, fields={"title": words})
    made = _new(ticket, title, first=_report_among(moved))
    _move(made, moved, noted)
    fact = TicketCreated(subject_id=made.id, ref=made.ref, title=made.title, source=made.source)
    record(fact, actor=actor)
    relate(made, ticket, kind=RELATES, actor=actor)
    return made


def _chosen(ticket: Ticket, ids: Collection[int]) -> Sequence[Response]:
    query = select(Response).where(Response.ticket_id == ticket.id, Response.id.in_(ids))
    return db.session().scalars(query.order_by(Response.id)).all()


def _report_among(responses: Sequence[Response]) -> Response | None:
    return next((each for each in responses if each.author_kind == "reporter"), None)


def _new(ticket: Ticket, title: str, *, first: Response | None) -> Ticket:
    now = clock.now()
    (ticket_id,) = db.reserve_ids(Ticket, 1)
    made = Ticket(
        id=ticket_id,
        ref=reference(ticket_id, at=now),
        title=title,
        description=first.body if first else title,
        status=OPEN,
        category=ticket.category,
        barangay=ticket.barangay,
        place=ticket.place,
        lat=ticket.lat,
        lng=ticket.lng,
        reporter_name=ticket.reporter_name,
        reporter_email=ticket.reporter_email,
        reporter_phone=ticket.reporter_phone,
        follow_token=new_follow_token(),
        source="desk",
        reported_at=first.created_at if first else now,
        created_at=now,
        updated_at=now,
        assignee_id=ticket.assignee_id,
        team_id=ticket.team_id,
        priority=ticket.priority,
    )
    ticket.updated_at = now
    db.session().add(made)
    db.session().flush()
    return made


def _move(made: Ticket, responses: Sequence[Response], notes: Sequence[Note]) -> None:
    """Messages with their files. The one that became the report is no message any more."""
    session = db.session()
    first = _report_among(responses)
    for response in responses:
        response.ticket_id = made.id
    for note in notes:
        note.ticket_id = made.id
    keys = [response.id for response in responses]
    inside = [note.id for note in notes]
    of_them = or_(Attachment.response_id.in_(keys), Attachment.note_id.in_(inside))
    files = update(Attachment).where(of_them)
    session.execute(files.values(ticket_id=made.id).execution_options(synchronize_session=False))
    session.flush()
    if first is not None:
        own = update(Attachment).where(Attachment.response_id == first.id)
        session.execute(own.values(response_id=None).execution_options(synchronize_session=False))
        session.execute(delete(Response).where(Response.id == first.id))
        session.expunge(first)
