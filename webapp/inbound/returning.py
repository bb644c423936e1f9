"""Mail of ours that came back: no more goes to that address, and the ticket and the outbox say so."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import clock, db
from webapp.core.inserting import insert_new
from webapp.events.record import record
from webapp.events.types import SYSTEM, Actor
from webapp.inbound.bounces import Bounce
from webapp.inbound.events import MailReturned, MailStopLifted
from webapp.inbound.knowing import message_behind
from webapp.inbound.message import Incoming
from webapp.inbound.receiving import settle
from webapp.mail import queries as mails
from webapp.mail.models import InboundMail, MailBlock
from webapp.mail.smtp import without_addresses
from webapp.outbox import actions as outbox
from webapp.tickets.models import Ticket


def returned(row: InboundMail, bounce: Bounce, mail: Incoming) -> None:
    """Anybody can write a bounce; the one that names a mail of ours comes from a server that had it, and so does the
    one to an address that only this mail had."""
    named = mails.find_message([bounce.message_id]) if bounce.message_id else None
    message = named or message_behind(mail)
    if message is None:
        settle(row, "ignored", gettext("A bounce that names no mail of ours."))
        return
    told = without_addresses(bounce.reason) or bounce.status
    reason = gettext("The mail came back: %(told)s", told=told or gettext("no reason given"))
    stop(message.recipient, reason)
    outbox.park_returned(message.delivery_id, reason=reason)
    kind, _, rest = message.thread.partition(":")
    ticket = db.session().get(Ticket, int(rest.partition(":")[0])) if kind == "ticket" else None
    if ticket is not None:
        row.ticket_id = ticket.id
        fact = MailReturned(subject_id=ticket.id, ref=ticket.ref, title=ticket.title, reason=reason)
        record(fact, actor=SYSTEM)
    settle(row, "taken", reason)


def stop(address: str, reason: str) -> None:
    values = {"address": address.lower(), "reason": reason, "created_at": clock.now()}
    insert_new(MailBlock, [values])


def lift(block_id: int, *, actor: Actor) -> None:
    """Mail may go there again. Nothing where it was lifted already."""
    block = db.session().scalar(select(MailBlock).where(MailBlock.id == block_id))
    if block is not None:
        db.session().delete(block)
        db.session().flush()
        record(MailStopLifted(subject_id=block_id), actor=actor)
