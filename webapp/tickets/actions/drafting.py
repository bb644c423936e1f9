"""What a person has begun to write on a ticket: kept for that person alone, and told to nobody."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.exc import IntegrityError

from webapp.core import clock, db
from webapp.core.plain import Plain
from webapp.tickets.composing.models import Draft, Sending
from webapp.tickets.composing.queries import draft_of
from webapp.tickets.models import Note, Response, Ticket

_DROPPED = Plain(
    delete(Draft)
    .where(Draft.ticket_id == bindparam("ticket"), Draft.user_id == bindparam("user"))
    .returning(Draft.id)
)


def keep_draft(
    ticket: Ticket,
    *,
    user_id: int,
    body: str,
    mode: str = "answer",
    status: str = "",
    seen_response_id: int = 0,
    submission_key: str | None = None,
) -> Draft | None:
    """The text so far; an empty one is let go of. `submission_key`: of the form. What was sent with it already is
    no draft any more, however late its last keystrokes arrive."""
    if not body.strip() or _was_sent(submission_key):
        drop_draft(ticket, user_id=user_id)
        return None
    draft = draft_of(ticket, user_id) or _new(ticket, user_id)
    draft.body, draft.mode, draft.status = body, mode, status
    draft.seen_response_id = seen_response_id
    draft.updated_at = clock.now()
    db.session().flush()
    return draft


def drop_draft(ticket: Ticket, *, user_id: int) -> None:
    """It was sent, or its writer wants it no longer."""
    _DROPPED.all({"ticket": ticket.id, "user": user_id})


def _new(ticket: Ticket, user_id: int) -> Draft:
    """Two windows of one person may begin at once: the second finds the first's."""
    draft = Draft(ticket_id=ticket.id, user_id=user_id, body="", updated_at=clock.now())
    try:
        with db.session().begin_nested():
            db.session().add(draft)
            db.session().flush()
    except IntegrityError:
        found = draft_of(ticket, user_id)
        if found is None:
            raise
        return found
    return draft


def _was_sent(key: str | None) -> bool:
    if key is None:
        return False
    made = [exists().where(kind.submission_key == key) for kind in (Response, Note, Sending)]
    return any(db.session().scalar(select(each)) for each in made)
