"""One ticket, as the person asking may see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from flask_babel import gettext
from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.among import among_given, given
from webapp.core.entities import Entities, belongs
from webapp.core.errors import NotFound
from webapp.core.plain import Plain
from webapp.tickets.models import Attachment, Note, Response, Ticket
from webapp.tickets.relating.queries import merged_into

_OF_REF = Ticket.ref == bindparam("ref")
_TO_CHANGE = Entities(Ticket, more=lambda query: query.where(_OF_REF).with_for_update())
_assignee = aliased(User, name="assignee")
_TO_READ = Entities(
    Ticket,
    _assignee,
    more=lambda query: (
        query.select_from(Ticket)
        .outerjoin(_assignee, _assignee.id == Ticket.assignee_id)
        .where(_OF_REF)
    ),
)


def ticket_for(user: User, ref: str, *, lock: bool = False) -> Ticket:
    """Raises NotFound, also for those who may not see tickets. `lock`: nobody else changes it now."""
    if not user.may(Permission.TICKETS_SEE):
        raise not_found()
    found = (_TO_CHANGE if lock else _TO_READ).first({"ref": ref})
    if found is None:
        raise not_found()
    ticket: Ticket = found[0]
    if not lock:
        belongs(ticket, "assignee", found[1])
    return ticket


def ticket_by_follow_token(token: str, *, lock: bool = False) -> Ticket:
    """Whoever holds the token may follow. Raises NotFound."""
    query = select(Ticket).where(Ticket.follow_token == token)
    ticket = db.session().scalar(query.with_for_update() if lock else query)
    if ticket is None:
        raise not_found()
    return ticket


def ticket_by_id(ticket_id: int) -> Ticket:
    """For tasks and reactions, which act for nobody. Raises NotFound."""
    ticket = db.session().get(Ticket, ticket_id)
    if ticket is None:
        raise not_found()
    return ticket


def find_response(response_id: int) -> Response | None:
    """For mails and reactions: the response that an event tells of."""
    return db.session().get(Response, response_id)


def newest_response_id(ticket: Ticket, *, among: Sequence[Message] | None = None) -> int:
    """The key of its newest answer; 0 without any. `among`: its conversation, where that was read already."""
    if among is not None:
        return max((each.response_id for each in among), default=0)
    ids = [ticket.id, *(merged.id for merged in merged_into(ticket))]
    query = select(func.max(Response.id)).where(Response.ticket_id.in_(ids))
    return db.session().scalar(query) or 0


def responses_after(
    ticket: Ticket, response_id: int, *, not_by: int | None = None
) -> Sequence[Response]:
    """What was answered since that one, oldest first."""
    ids = [ticket.id, *(merged.id for merged in merged_into(ticket))]
    query = select(Response).where(Response.ticket_id.in_(ids), Response.id > response_id)
    if not_by is not None:
        query = query.where(or_(Response.author_kind != "user", Response.author_id != not_by))
    return db.session().scalars(query.order_by(Response.id)).all()


def refinements(category: ColumnElement[str] | str, *, limit: int = 50) -> Select[str]:
    """How tickets of this category were refined of late, for suggestions: `words`, in the index's own terms."""
    recent = (
        select(Ticket.refined_category.label("words"))
        .where(Ticket.category == category, Ticket.refined_category != literal_column("''"))
        .order_by(Ticket.id.desc())
        .limit(500)
        .subquery()
    )
    return select(recent.c.words).distinct().order_by(recent.c.words).limit(limit)


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


class Message(NamedTuple):
    """One entry of a conversation. `kind`: reporter, staff or note (internal)."""

    id: str
    kind: str
    author: str
    body: str
    at: datetime
    attachments: tuple[Attachment, ...] = ()
    of_ticket: int = 0
    from_ref: str = ""  # of the merged ticket that it stands on
    response_id: int = 0


def conversation_of(ticket: Ticket, *, internal: bool) -> list[Message]:
    """Responses, and with `internal` the notes among them, oldest first, also of tickets that this one stands for.

    A reporter's page asks without: then the notes' table is not even read, and of other reporters nothing is there.
    """
    return staff_conversation(ticket, merged_into(ticket)) if internal else _for_reporter(ticket)


def staff_conversation(
    ticket: Ticket, merged: Sequence[Ticket], *, some_files: bool = True
) -> list[Message]:
    """With everything. `merged`: the tickets that it stands for; `some_files`: whether there may be any."""
    refs = {each.id: each.ref for each in merged}
    ids = [ticket.id, *refs]
    files = _files(Attachment.ticket_id.in_(ids)) if some_files else []
    rest = [
        _report(each, files)._replace(id=f"report-{each.id}", from_ref=each.ref) for each in merged
    ]
    dialect = db.session().get_bind().dialect.name
    found = _said(dialect).all({"ids": given(ids, dialect)})
    for what, key, response_id, who, name, body, at, of_ticket in found:
        own = _files_of(what, key, files) if files else ()
        kind, ref = _KINDS.get(who, "reporter"), refs.get(of_ticket, "")
        rest.append(
            Message(f"{what}-{key}", kind, name, body, at, own, of_ticket, ref, response_id)
        )
    return [_report(ticket, files), *sorted(rest, key=attrgetter("at"))]


def _files_of(what: str, key: int, files: Sequence[Attachment]) -> tuple[Attachment, ...]:
    return tuple(f for f in files if key == (f.note_id if what == "note" else f.response_id))


@cache
def _said(dialect: str) -> Plain:
    """Responses and notes of some tickets, each kind in its order. Made once: it is long."""
    responses = select(
        literal("response").label("what"),
        Response.id,
        Response.id.label("response_id"),
        Response.author_kind,
        Response.author_name,
        Response.body,
        Response.created_at,
        func.coalesce(Response.via_id, Response.ticket_id).label("of_ticket"),
    ).where(among_given(Response.ticket_id, "ids", dialect))
    notes = select(
        literal("note"),
        Note.id,
        literal(0),
        literal("note"),
        Note.author_name,
        Note.body,
        Note.created_at,
        Note.ticket_id,
    ).where(among_given(Note.ticket_id, "ids", dialect))
    return Plain(union_all(responses, notes).order_by("what", "id"))


_KINDS = {"user": "staff", "note": "note"}  # who wrote it, as the page has it; else a reporter


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
    first = and_(
        Attachment.ticket_id == ticket.id,
        Attachment.response_id.is_(None),
        Attachment.note_id.is_(None),
    )
    files = _files(or_(first, Attachment.response_id.in_(keys)))
    return [_report(ticket, files), *(_of_response(each, files) for each in responses)]


def _files(wanted: ColumnElement[bool]) -> Sequence[Attachment]:
    return db.session().scalars(select(Attachment).where(wanted).order_by(Attachment.id)).all()


def _report(ticket: Ticket, files: Sequence[Attachment]) -> Message:
    author = ticket.reporter_name or gettext("Reporter")
    own = tuple(f for f in files if f.is_of_report and f.ticket_id == ticket.id)
    text, at = ticket.description, ticket.reported_at
    return Message("report", "reporter", author, text, at, own, of_ticket=ticket.id)


def _of_response(response: Response, files: Sequence[Attachment]) -> Message:
    kind = "staff" if response.author_kind == "user" else "reporter"
    own = tuple(file for file in files if file.response_id == response.id)
    return Message(
        f"response-{response.id}",
        kind,
        response.author_name,
        response.body,
        response.created_at,
        own,
        of_ticket=response.via_id or response.ticket_id,
    )


def not_found() -> NotFound:
    return NotFound(gettext("There is no such ticket, or you may not see it."))
