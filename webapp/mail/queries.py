"""Readings of what was mailed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from webapp.core import db
from webapp.mail.models import MailMessage
from webapp.outbox.models import Delivery

LONGEST_THREAD = 200  # more Message-IDs than any References header takes


def message_of(delivery: Delivery) -> MailMessage:
    """The mail that a delivery is."""
    return (
        db.session()
        .scalars(select(MailMessage).where(MailMessage.delivery_id == delivery.id))
        .one()
    )


def earlier_in_thread(message: MailMessage) -> Sequence[str]:
    """Message-IDs that the same person got before in this thread, oldest first: the first and the newest ones."""
    sent = (
        select(MailMessage.message_id)
        .join(Delivery, Delivery.id == MailMessage.delivery_id)
        .where(
            MailMessage.thread == message.thread,
            MailMessage.recipient == message.recipient,
            MailMessage.id < message.id,
            Delivery.state == "sent",
        )
    )
    first = db.session().scalars(sent.order_by(MailMessage.id).limit(1)).all()
    newest = db.session().scalars(sent.order_by(MailMessage.id.desc()).limit(LONGEST_THREAD)).all()
    return [*first, *(one for one in reversed(newest) if one not in first)]
