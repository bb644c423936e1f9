"""A person makes a ticket: a reporter by the public form, or an agent on somebody's behalf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.core import clock, db
from webapp.core.once import once
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.actions.numbering import new_follow_token, reference
from webapp.tickets.actions.organising import tags_named
from webapp.tickets.attachments import StoredFile
from webapp.tickets.events import TicketCreated
from webapp.tickets.forms import DeskTicketForm, ReportForm
from webapp.tickets.models import Attachment, Note, Response, Ticket
from webapp.tickets.states import NORMAL, OPEN


@dataclass(frozen=True)
class Beginning:
    """What a ticket begins with besides what every form asks: a form's answers, and its defaults."""

    answers: Sequence[tuple[str, str]] = ()  # question, answer
    priority: int = NORMAL
    team_id: int | None = None
    assignee_id: int | None = None
    tags: Sequence[str] = ()  # names


def submit_report(
    report: ReportForm,
    *,
    photos: Sequence[StoredFile] = (),
    beginning: Beginning = Beginning(),
    actor: Actor,
) -> Ticket:
    """A reporter's ticket. Sent twice (same submission_key) it is the same ticket, told once."""
    return _create(report, beginning, photos=photos, actor=actor, source="form")


def create_ticket(
    form: DeskTicketForm,
    *,
    photos: Sequence[StoredFile] = (),
    beginning: Beginning = Beginning(),
    actor: Actor,
) -> Ticket:
    """An agent's ticket on somebody's behalf; otherwise as `submit_report`."""
    return _create(form, beginning, photos=photos, actor=actor, source="desk")


def take_from_mail(
    form: DeskTicketForm, *, photos: Sequence[StoredFile] = (), confirm: bool, actor: Actor
) -> Ticket:
    """A ticket out of a mail. `confirm`: its reporter is told that it has arrived."""
    return _create(form, Beginning(), photos=photos, actor=actor, source="mail", confirm=confirm)


def attach(
    ticket: Ticket,
    files: Sequence[StoredFile],
    *,
    response: Response | None = None,
    note: Note | None = None,
) -> None:
    """Files that are already stored become the ticket's (and the response's, or the note's)."""
    if not files:
        return
    now = clock.now()
    db.session().add_all(
        Attachment(
            ticket_id=ticket.id,
            response_id=response.id if response else None,
            note_id=note.id if note else None,
            name=file.name,
            content_type=file.content_type,
            size=file.size,
            storage_key=file.storage_key,
            thumb_key=file.thumb_key,
            created_at=now,
        )
        for file in files
    )
    db.session().flush()


def _create(
    form: ReportForm | DeskTicketForm,
    beginning: Beginning,
    *,
    photos: Sequence[StoredFile],
    actor: Actor,
    source: str,
    confirm: bool = True,
) -> Ticket:
    ticket, is_new = once(Ticket, form.submission_key, make=lambda: _row(form, beginning, source))
    if is_new:
        if beginning.tags:
            ticket.tags = tags_named(beginning.tags)
        attach(ticket, photos)
        fact = TicketCreated(
            subject_id=ticket.id,
            ref=ticket.ref,
            title=ticket.title,
            source=source,
            confirm=confirm,
        )
        record(fact, actor=actor)
    return ticket


def _row(form: ReportForm | DeskTicketForm, beginning: Beginning, source: str) -> Ticket:
    now = clock.now()
    (ticket_id,) = db.reserve_ids(Ticket, 1)
    return Ticket(
        id=ticket_id,
        ref=reference(ticket_id, at=now),
        title=form.title,
        description=form.description,
        status=OPEN,
        category=form.category,
        barangay=form.barangay,
        place=form.place,
        lat=form.lat,
        lng=form.lng,
        answers=[list(pair) for pair in beginning.answers] or None,
        priority=beginning.priority,
        team_id=beginning.team_id,
        assignee_id=beginning.assignee_id,
        reporter_name=form.name,
        reporter_email=form.email,
        reporter_phone=form.phone,
        follow_token=new_follow_token(),
        source=source,
        reported_at=now,
        created_at=now,
        updated_at=now,
        submission_key=form.submission_key,
        respond_by=None,  # said, so that a reaction that leaves it so writes nothing
        resolve_by=None,
    )
