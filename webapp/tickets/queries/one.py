"""One ticket, as the person asking may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import joinedload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.errors import NotFound
from webapp.tickets.models import Attachment, Note, Response, Ticket
from webapp.tickets.relating.queries import merged_into


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
    ids = [ticket.id, *(merged.id for merged in merged_into(ticket))]
    query = select(Response).where(Response.ticket_id.in_(ids), Response.id > response_id)
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
    """A file of a ticket that was already looked up, or of one that it stands for. Raises NotFound."""
    found = db.session().get(Attachment, attachment_id)
    ids = [ticket.id]
    if found is not None and found.ticket_id != ticket.id:
        ids += [merged.id for merged in merged_into(ticket)]
    if found is None or found.ticket_id not in ids:
        raise _no_file()
    return found


def attachment_for_reporter(ticket: Ticket, attachment_id: int) -> Attachment:
    """A file that the reporter's own page shows. Raises NotFound for every other."""
    for message in _for_reporter(ticket):
        for file in message.attachments:
            if file.id == attachment_id:
                return file
    raise _no_file()


def _no_file() -> NotFound:
    return NotFound(gettext("There is no such file."))


@dataclass(frozen=True)
class Message:
    """One entry of a conversation. `kind`: reporter, staff or note (internal)."""

    id: str
    kind: str
    author: str
    body: str
    at: datetime
    attachments: Sequence[Attachment] = ()
    of_ticket: int = 0
    from_ref: str = ""  # of the merged ticket that it stands on


def conversation_of(ticket: Ticket, *, internal: bool) -> list[Message]:
    """Responses, and with `internal` the notes among them, oldest first, also of tickets that this one stands for.

    A reporter's page asks without: then the notes' table is not even read, and of other reporters nothing is there.
    """
    if not internal:
        return _for_reporter(ticket)
    session = db.session()
    merged = {each.id: each for each in merged_into(ticket)}
    ids = [ticket.id, *merged]
    files = _files(Attachment.ticket_id.in_(ids))
    responses = session.scalars(select(Response).where(Response.ticket_id.in_(ids)))
    notes = session.scalars(select(Note).where(Note.ticket_id.in_(ids)))
    rest = [replace(_report(each, files), id=f"report-{each.id}") for each in merged.values()]
    rest += [_of_response(each, files) for each in responses.all()]
    rest += [
        Message(f"note-{n.id}", "note", n.author_name, n.body, n.created_at, of_ticket=n.ticket_id)
        for n in notes
    ]
    told = [
        replace(each, from_ref=merged[each.of_ticket].ref) if each.of_ticket in merged else each
        for each in rest
    ]
    return [_report(ticket, files), *sorted(told, key=lambda message: message.at)]


def _for_reporter(ticket: Ticket) -> list[Message]:
    """Their own words and the desk's. A merged ticket's reporter reads what the desk answers where it went."""
    own = and_(Response.ticket_id == ticket.id, Response.via_id.is_(None))
    shown = [own]
    above = ticket
    while above.merged_into_id is not None and ticket.merged_at is not None:
        above = db.session().get_one(Ticket, above.merged_into_id)
        by_desk = and_(Response.author_kind == "user", Response.created_at >= ticket.merged_at)
        shown.append(
            and_(Response.ticket_id == above.id, or_(by_desk, Response.via_id == ticket.id))
        )
    responses = (
        db.session().scalars(select(Response).where(or_(*shown)).order_by(Response.id)).all()
    )
    keys = [response.id for response in responses]
    first = and_(Attachment.ticket_id == ticket.id, Attachment.response_id.is_(None))
    files = _files(or_(first, Attachment.response_id.in_(keys)))
    return [_report(ticket, files), *(_of_response(each, files) for each in responses)]


def _files(wanted: ColumnElement[bool]) -> Sequence[Attachment]:
    return db.session().scalars(select(Attachment).where(wanted).order_by(Attachment.id)).all()


def _report(ticket: Ticket, files: Sequence[Attachment]) -> Message:
    author = ticket.reporter_name or gettext("Reporter")
    own = [file for file in files if file.response_id is None and file.ticket_id == ticket.id]
    text, at = ticket.description, ticket.reported_at
    return Message("report", "reporter", author, text, at, own, of_ticket=ticket.id)


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
        of_ticket=response.via_id or response.ticket_id,
    )


def _one(query: object) -> Ticket:
    ticket: Ticket | None = db.session().scalar(query)  # type: ignore[call-overload]
    if ticket is None:
        raise _not_found()
    return ticket


def _not_found() -> NotFound:
    return NotFound(gettext("There is no such ticket, or you may not see it."))
