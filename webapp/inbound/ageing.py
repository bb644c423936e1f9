"""Mails are kept for a time that an admin sets, with their originals."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from webapp.core import clock, db
from webapp.mail import queries as mails
from webapp.mail.models import InboundMail
from webapp.tickets.portal import uploads

USUAL_DAYS = 365  # where no mailbox says otherwise
AT_ONCE = 500


def forget_old() -> int:
    """How many. What still waits or could not be taken by itself is old only when it is settled. Needs an open
    transaction."""
    box, session, gone = mails.mailbox(), db.session(), 0
    days = box.kept_days if box else USUAL_DAYS
    if not days:
        return 0
    settled = InboundMail.settled_at < clock.now() - timedelta(days=days)
    query = select(InboundMail.id, InboundMail.storage_key).where(settled).order_by(InboundMail.id)
    while rows := session.execute(query.limit(AT_ONCE)).all():
        session.execute(delete(InboundMail).where(InboundMail.id.in_([row.id for row in rows])))
        uploads.let_go({row.storage_key for row in rows})
        gone += len(rows)
    return gone
