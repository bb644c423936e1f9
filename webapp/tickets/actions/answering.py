"""Words on a ticket: public responses, and notes that stay inside."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.accounts.models import User
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.core.once import once
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.actions.creating import attach
from webapp.tickets.actions.watching import watch
from webapp.tickets.attachments import StoredFile
from webapp.tickets.composing.mentions import mentioned_in
from webapp.tickets.events import TicketNoted, TicketResponded
from webapp.tickets.models import Note, Response, Ticket
from webapp.tickets.relating.queries import stands_for


def respond(
    ticket: Ticket,
    *,
    body: str,
    actor: Actor,
    attachments: Sequence[StoredFile] = (),
    submission_key: str | None = None,
) -> Response:
    """A public answer, by staff or by the reporter. Sent twice it is one, told once.

    On a merged ticket it goes to the one that stands for it, and remembers by whose way it came.
    """
    now, came_by, ticket = clock.now(), ticket, stands_for(ticket)
    by_other_way = actor.kind == "reporter" and came_by.id != ticket.id
    response, is_new = once(
        Response,
        submission_key,
        make=lambda: Response(
            ticket_id=ticket.id,
            author_kind=actor.kind,
            author_id=actor.id,
            author_name=actor.name,
            body=body,
            created_at=now,
            submission_key=submission_key,
            via_id=came_by.id if by_other_way else None,
        ),
    )
    _check_same_ticket(response, ticket)
    if is_new:
        attach(ticket, attachments, response=response)
        if actor.kind == "user" and ticket.first_response_at is None:
            ticket.first_response_at = now
        ticket.updated_at = now
        db.flush()
        fact = TicketResponded(
            subject_id=ticket.id,
            ref=ticket.ref,
            title=ticket.title,
            response_id=response.id,
            by_reporter=actor.kind == "reporter",
        )
        record(fact, actor=actor)
    return response


def add_note(
    ticket: Ticket,
    *,
    body: str,
    actor: Actor,
    attachments: Sequence[StoredFile] = (),
    submission_key: str | None = None,
) -> Note:
    """An internal note: staff only, never a reporter. Sent twice it is the same note. Whom it names, watches."""
    now = clock.now()
    note, is_new = once(
        Note,
        submission_key,
        make=lambda: Note(
            ticket_id=ticket.id,
            author_id=actor.id,
            author_name=actor.name,
            body=body,
            created_at=now,
            submission_key=submission_key,
        ),
    )
    _check_same_ticket(note, ticket)
    if is_new:
        attach(ticket, attachments, note=note)
        ticket.updated_at = now
        db.flush()
        named = _named_in(body, actor)
        for person in named:
            watch(ticket, user=person, actor=actor)
        fact = TicketNoted(
            subject_id=ticket.id,
            ref=ticket.ref,
            title=ticket.title,
            note_id=note.id,
            mentioned=[person.id for person in named],
        )
        record(fact, actor=actor)
    return note


def _named_in(body: str, actor: Actor) -> list[User]:
    """Colleagues whom a note names by @, without its author."""
    if "@" not in body:
        return []
    people = {person.id: person for person in people_who_may(Permission.TICKETS_SEE)}
    found = mentioned_in(body, {key: person.name for key, person in people.items()})
    own = actor.id if actor.kind == "user" else None
    return [people[key] for key in sorted(found) if key != own]


def _check_same_ticket(row: Response | Note, ticket: Ticket) -> None:
    if row.ticket_id != ticket.id:
        raise Conflict("This form was already sent, for another ticket. Open the ticket again.")
