"""Readings of mail that came in."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from webapp.core import db
from webapp.core.errors import NotFound
from webapp.mail.models import InboundMail, MailBlock
from webapp.tickets.models import Ticket

PAGE = 50
STATES = ("new", "taken", "ignored", "failed")


def mails(
    *, state: str = "", before: int | None = None
) -> Sequence[tuple[InboundMail, str | None]]:
    """Newest first, one more than a page; each with its ticket's number."""
    query = select(InboundMail, Ticket.ref).outerjoin(Ticket, Ticket.id == InboundMail.ticket_id)
    if state in STATES:
        query = query.where(InboundMail.state == state)
    if before:
        query = query.where(InboundMail.id < before)
    rows = db.session().execute(query.order_by(InboundMail.id.desc()).limit(PAGE + 1)).all()
    return [(row[0], row[1]) for row in rows]


def failed_count(*, most: int = 100) -> int:
    some = select(InboundMail.id).where(InboundMail.state == "failed").limit(most).subquery()
    return db.session().scalar(select(func.count()).select_from(some)) or 0


def get(mail_id: int) -> InboundMail:
    row = db.session().get(InboundMail, mail_id)
    if row is None:
        raise NotFound("There is no such mail.")
    return row


def stops() -> Sequence[MailBlock]:
    """Addresses to which none is sent, newest first."""
    return db.session().scalars(select(MailBlock).order_by(MailBlock.id.desc()).limit(200)).all()
