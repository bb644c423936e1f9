"""One ticket, as the person asking may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.errors import NotFound
from webapp.tickets.models import Attachment, Note, Response, Ticket


def ticket_for(user: User, ref: str, *, lock: bool = False) -> Ticket:
    """Raises NotFound, also for those who may not see tickets. `lock`: nobody else changes it now."""
    if not user.may(Permission.TICKETS_SEE):
        raise _not_found()
    query = select(Ticket).where(Ticket.ref == ref)
    query = query.with_for_update() if lock else query.options(joinedload(Ticket.assignee))
    return _one(query)


def ticket_by_follow_token(token: str, *, lock: bool = False) -> Ticket:
    """Whoever holds the token may follow. Raises NotFound."""
    query = select(Ticket).where(Ticket.follow_token == token)
    return _one(query.with_for_update() if lock else query)


def ticket_by_id(ticket_id: int) -> Ticket:
    """For tasks and reactions, which act for nobody. Raises NotFound."""
    ticket = db.session().get(Ticket, ticket_id)
    if ticket is None:
        raise _not_found()
    return ticket


def find_response(response_id: int) -> Response | None:
    """For mails and reactions: the response that an event tells of."""
    return db.session().get(Response, response_id)


def newest_response_id(ticket: Ticket, *, not_by: int | None = None) -> int:
    """The key of its newest answer; 0 without any. `not_by`: a person whose own do not count."""
    return max((response.id for response in responses_after(ticket, 0, not_by=not_by)), default=0)


def responses_after(
    ticket: Ticket, response_id: int, *, not_by: int | None = None
) -> Sequence[Response]:
    """What was answered since that one, oldest first."""
    query = select(Response).where(Response.ticket_id == ticket.id, Response.id > response_id)
    if not_by is not None:
        query = query.where(or_(Response.author_kind != "user", Response.author_id != not_by))
    return db.session().scalars(query.order_by(Response.id)).all()


def known_refinements(category: str, *, limit: int = 50) -> list[str]:
    """How tickets of this category were refined of late, for suggestions."""
    recent = (
        select(Ticket.refined_category)
        .where(Ticket.category == category, Ticket.refined_category != "")
        .order_by(Ticket.id.desc())
        .limit(500)
        .subquery()
    )
    found = select(recent.c.refined_category).distinct().order_by(recent.c.refined_category)
    return list(db.session().scalars(found.limit(limit)))


def attachment_for(ticket: Ticket, attachment_id: int) -> Attachment:
    """A file of a ticket that was already looked up. Raises NotFound for another ticket's."""
    found = db.session().scalar(
        select(Attachment).where(Attachment.id == attachment_id, Attachment.ticket_id == ticket.id)
    )
    if found is None:
        raise NotFound(gettext("There is no such file."))
    return found


@dataclass(frozen=True)
class Message:
    """One entry of a conversation. `kind`: reporter, staff or note (internal)."""

    id: str
    kind: str
    author: str
    body: str
    at: datetime
    attachments: Sequence[Attachment] = ()


def conversation_of(ticket: Ticket, *, internal: bool) -> list[Message]:
    """Responses, and with `internal` the notes among them, oldest first.

    A reporter's page asks without: then the notes' table is not even read.
    """
    session = db.session()
    files = session.scalars(
        select(Attachment).where(Attachment.ticket_id == ticket.id).order_by(Attachment.id)
    ).all()
    responses = session.scalars(
        select(Response).where(Response.ticket_id == ticket.id).order_by(Response.id)
    ).all()
    messages = [_report(ticket, files), *(_of_response(r, files) for r in responses)]
    if internal:
        notes = session.scalars(
            select(Note).where(Note.ticket_id == ticket.id).order_by(Note.id)
        ).all()
        messages += [
            Message(f"note-{n.id}", "note", n.author_name, n.body, n.created_at) for n in notes
        ]
        messages[1:] = sorted(messages[1:], key=lambda message: message.at)
    return messages


def _report(ticket: Ticket, files: Sequence[Attachment]) -> Message:
    author = ticket.reporter_name or gettext("Reporter")
    own = [file for file in files if file.response_id is None]
    return Message("report", "reporter", author, ticket.description, ticket.reported_at, own)


def _of_response(response: Response, files: Sequence[Attachment]) -> Message:
    kind = "staff" if response.author_kind == "user" else "reporter"
    own = [file for file in files if file.response_id == response.id]
    return Message(
        f"response-{response.id}",
        kind,
        response.author_name,
        response.body,
        response.created_at,
        own,
    )


def _one(query: object) -> Ticket:
    ticket: Ticket | None = db.session().scalar(query)  # type: ignore[call-overload]
    if ticket is None:
        raise _not_found()
    return ticket


def _not_found() -> NotFound:
    return NotFound(gettext("There is no such ticket, or you may not see it."))
