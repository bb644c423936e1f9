"""Background entry points. Safe to run twice, and at once: SQL decides."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from webapp.core import clock, db
from webapp.core.queue import enqueue
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.inbound import ageing, filing, pulling, receiving
from webapp.inbound.events import InboundMailFailed
from webapp.mail.models import InboundMail, Mailbox
from webapp.outbox.outcomes import where

log = logging.getLogger(__name__)
LATE = timedelta(seconds=30)  # whoever wrote it down should have taken it by then


def take(mail_id: int) -> None:
    """Make of one mail what it is."""
    with db.transaction():
        if not receiving.begin(mail_id):
            return
    try:
        with db.transaction():
            row = receiving.locked(mail_id)
            if row.state == "new":
                filing.file_mail(row)
    except OperationalError:
        raise  # the database is away: the tick finds it again
    except Exception as error:  # noqa: BLE001 - one odd mail must not stop the others; it is shown and logged
        log.error("mail %s could not be taken: %s", mail_id, where(error))
        with db.transaction():
            reason = gettext("The desk itself failed; its log says where.")
            receiving.settle(receiving.locked(mail_id), "failed", reason)
            record(InboundMailFailed(subject_id=mail_id), actor=SYSTEM)


def prune() -> dict[str, int]:
    """Mails that were settled long ago, with their originals. What was made of them stays."""
    with db.transaction():
        return {"incoming mails": ageing.forget_old()}


def pull() -> None:
    pulling.pull()


def tick() -> None:
    """Every ten seconds: mails that nobody took, and the mailbox where it is due."""
    now = clock.now()
    left = select(InboundMail.id).where(
        InboundMail.state == "new", InboundMail.received_at < now - LATE
    )
    due = select(Mailbox.id).where(Mailbox.active, Mailbox.next_pull_at <= now)
    for mail_id in db.session().scalars(left.order_by(InboundMail.id).limit(100)).all():
        enqueue(take, mail_id)
    if db.session().scalar(due.limit(1)):
        enqueue(pull, queue="pull")
