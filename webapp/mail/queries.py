"""Readings of what was mailed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select, union_all

from webapp.core import db
from webapp.mail.models import InboundMail, MailBlock, Mailbox, MailMessage
from webapp.mail.threads import token_of
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
    """Message-IDs of this thread with this person, theirs and ours, oldest first: the first and the newest ones."""
    sent = (
        select(MailMessage.message_id, MailMessage.created_at)
        .join(Delivery, Delivery.id == MailMessage.delivery_id)
        .where(
            MailMessage.thread == message.thread,
            MailMessage.recipient == message.recipient,
            MailMessage.id < message.id,
            Delivery.state == "sent",
        )
    )
    came = select(InboundMail.message_id, InboundMail.received_at).where(
        *_theirs(message), InboundMail.received_at <= message.created_at
    )
    both = union_all(sent, came).subquery()
    found, at = both.c
    first = db.session().scalars(select(found).order_by(at).limit(1)).all()
    newest = db.session().scalars(select(found).order_by(at.desc()).limit(LONGEST_THREAD)).all()
    return list(dict.fromkeys([*first, *reversed(newest)]))


def answered_by(message: MailMessage) -> str:
    """The Message-ID of the person's newest mail in this thread; "" where they never wrote one."""
    newest = (
        select(InboundMail.message_id)
        .where(*_theirs(message))
        .order_by(InboundMail.id.desc())
        .limit(1)
    )
    return db.session().scalar(newest) or ""


def reply_address(message: MailMessage) -> str:
    """Where an answer to this mail of ours comes in, with a token that only its recipient knows; "" for nowhere."""
    box = mailbox()
    if box is None or not message.thread.startswith("ticket:"):
        return ""
    return _with_token(box, message)


def return_address(message: MailMessage, *, sender: str) -> str:
    """Where the servers on the way send this mail back to: our mailbox, if the sender's domain lets it, with the token
    by which it is known even where they leave out what they return. Else the sender."""
    box = mailbox()
    if box is None or box.address.rpartition("@")[2].lower() != sender.rpartition("@")[2].lower():
        return sender
    return _with_token(box, message)


def mailbox() -> Mailbox | None:
    return db.session().scalar(select(Mailbox).order_by(Mailbox.id).limit(1))


def find_message(message_ids: Sequence[str]) -> MailMessage | None:
    """The first of these that is a mail of ours."""
    query = select(MailMessage).where(MailMessage.message_id.in_(message_ids))
    found = {row.message_id: row for row in db.session().scalars(query)} if message_ids else {}
    return next((found[one] for one in message_ids if one in found), None)


def block_of(address: str) -> MailBlock | None:
    """Why no mail is sent there."""
    wanted = address.strip().lower()
    return db.session().scalar(select(MailBlock).where(MailBlock.address == wanted))


def _with_token(box: Mailbox, message: MailMessage) -> str:
    local, _, domain = box.address.rpartition("@")
    return f"{local}+{token_of(message.message_id)}@{domain}"


def _theirs(message: MailMessage) -> tuple[ColumnElement[bool], ...]:
    return (
        InboundMail.thread == message.thread,
        InboundMail.sender == message.recipient,
        InboundMail.message_id != "",
        InboundMail.state == "taken",
    )
