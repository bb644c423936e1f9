"""Answers that wait some seconds before they are answers: until then their author can call them back.

Nothing of them stands where a reporter, a mail or an upstream could find it: that follows from the answer itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import bindparam, select

from webapp.accounts.models import User
from webapp.accounts.queries import get_user
from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.core.once import once
from webapp.events.record import record
from webapp.tickets.actions.answering import respond
from webapp.tickets.actions.drafting import keep_draft
from webapp.tickets.actions.working import change_status
from webapp.tickets.attachments import StoredFile
from webapp.tickets.composing.models import Draft, Sending
from webapp.tickets.events import AnswerCalledBack, AnswerHeld
from webapp.tickets.models import Response, Ticket
from webapp.tickets.queries.one import newest_response_id, ticket_by_id
from webapp.tickets.relating.queries import stands_for

_LEFT = select(Response.id).where(Response.submission_key == bindparam("key"))


def hold_answer(
    ticket: Ticket,
    *,
    user: User,
    body: str,
    seconds: int,
    attachments: Sequence[StoredFile] = (),
    status: str = "",
    submission_key: str | None = None,
) -> Sending | None:
    """It leaves in `seconds`. Sent twice it is one; None where it has left already."""
    if submission_key and _has_left(submission_key):
        return None
    now = clock.now()
    sending, is_new = once(
        Sending,
        submission_key,
        make=lambda: Sending(
            ticket_id=ticket.id,
            user_id=user.id,
            body=body,
            files=[asdict(file) for file in attachments],
            status=status,
            seen_status=ticket.status,
            submission_key=submission_key,
            created_at=now,
            release_at=now + timedelta(seconds=seconds),
        ),
    )
    if sending.ticket_id != ticket.id:
        raise Conflict(gettext("This form was already sent, for another ticket."))
    if is_new:
        fact = AnswerHeld(subject_id=ticket.id, ref=ticket.ref, title=ticket.title)
        record(fact, actor=user.actor)
    return sending


def release_answer(sending_id: int, *, at_once: bool = False) -> Response | None:
    """Make it the answer that it was meant to be, if its time has come. None where it is gone or waits on.

    A status goes with it unless somebody has moved the ticket meanwhile.
    """
    sending = _locked(sending_id)
    if sending is None or (sending.release_at > clock.now() and not at_once):
        return None
    ticket, user = stands_for(ticket_by_id(sending.ticket_id)), get_user(sending.user_id)
    db.session().delete(sending)
    response = respond(
        ticket,
        body=sending.body,
        actor=user.actor,
        attachments=[StoredFile(**file) for file in sending.files],
        submission_key=sending.submission_key,
    )
    if sending.status and sending.seen_status == ticket.status:
        change_status(ticket, status=sending.status, actor=user.actor)
    return response


def call_back(sending_id: int, *, user: User, typed: str = "") -> Draft | None:
    """It will not leave; its text is its author's draft again, before what they have `typed` since.

    Raises Conflict where it has left or is not theirs.
    """
    sending = _locked(sending_id)
    if sending is None or sending.user_id != user.id:
        raise Conflict(gettext("It is too late: this answer has left."))
    ticket = ticket_by_id(sending.ticket_id)
    db.session().delete(sending)
    db.session().flush()
    draft = keep_draft(
        ticket,
        user_id=user.id,
        body="\n\n".join(text for text in (sending.body, typed) if text),
        status=sending.status,
        seen_response_id=newest_response_id(ticket),
    )
    fact = AnswerCalledBack(subject_id=ticket.id, ref=ticket.ref, title=ticket.title)
    record(fact, actor=user.actor)
    return draft


def _locked(sending_id: int) -> Sending | None:
    query = select(Sending).where(Sending.id == sending_id).with_for_update()
    return db.session().scalar(query.execution_options(populate_existing=True))


def _has_left(key: str) -> bool:
    return db.session().connection().scalar(_LEFT, {"key": key}) is not None
