"""A mail is written down before anything is made of it: then nothing can lose it."""

from __future__ import annotations

import hashlib

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import clock, db, storage
from webapp.core.inserting import insert_new
from webapp.inbound import progress
from webapp.inbound.message import Incoming, read
from webapp.inbound.nature import subject_key
from webapp.mail.models import InboundMail

MOST_BYTES = 30 * 1024 * 1024  # of a whole mail; above it nothing is made of it
MOST_TRIES = 3


def receive(raw: bytes, *, size: int | None = None) -> int:
    """Its row's id; the same one where it was written down before. `size`: its own, where `raw` is its head alone."""
    mail = read(raw[:MOST_BYTES])
    now, key = clock.now(), _key(mail, raw)
    row = {
        "key": key,
        "message_id": mail.message_id[:260],
        "sender": mail.sender.address[:254],
        "sender_name": mail.sender.name,
        "subject": mail.subject,
        "subject_key": subject_key(mail.subject),
        "state": "new",
        "storage_key": storage.put(raw),
        "size": size or len(raw),
        "partial": size is not None,
        "received_at": now,
    }
    insert_new(InboundMail, [row])
    progress.tell()
    return db.session().scalars(select(InboundMail.id).where(InboundMail.key == key)).one()


def begin(mail_id: int) -> bool:
    """Count a try. False: it is settled, or each worker that tried it has died of it."""
    row = locked(mail_id)
    if row.state != "new":
        return False
    row.tries += 1
    if row.tries > MOST_TRIES:
        settle(row, "failed", gettext("The worker stopped each time it was read."))
        return False
    return True


def locked(mail_id: int) -> InboundMail:
    query = select(InboundMail).where(InboundMail.id == mail_id).with_for_update()
    return db.session().scalars(query.execution_options(populate_existing=True)).one()


def settle(row: InboundMail, state: str, reason: str) -> None:
    row.state, row.reason, row.settled_at = state, reason, clock.now()
    progress.tell()


def _key(mail: Incoming, raw: bytes) -> str:
    """One mail comes by several ways with other Received lines; and somebody may use an id of somebody else."""
    if not mail.message_id:
        return hashlib.sha256(raw).hexdigest()
    told = "\x00".join([mail.message_id, mail.sender.address, mail.subject, mail.whole])
    return hashlib.sha256(told.encode()).hexdigest()
