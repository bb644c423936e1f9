"""Fetching what is new in the mailbox. Each mail is written down and committed before it is marked as taken there.

A worker that dies in between leaves a mail that is found again, and known by its key. No decision here.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update

from webapp.core import clock, db
from webapp.core import secrets as sealing
from webapp.core.errors import AppError
from webapp.core.queue import enqueue
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.inbound import imap
from webapp.inbound.events import MailboxFailing, MailboxRecovered
from webapp.inbound.receiving import MOST_BYTES, receive
from webapp.mail.models import Mailbox

LEASE = timedelta(minutes=3)
LONGEST_PAUSE = timedelta(hours=1)
TOLD_FROM = 3  # failures in a row from which on the admins are told


class Fenced(Exception):
    """Another worker fetches by now, or the settings were changed."""


def pull() -> int | None:
    """How many mails came; None where nothing was due or somebody else fetches."""
    with db.transaction():
        box, token = _claim()
    if box is None:
        return None
    before = box.failures
    try:
        count = _pull(box, token)
    except Fenced:
        return None
    except AppError as error:
        failures = before + 1
        pause = min(timedelta(minutes=box.interval_minutes * 2 ** min(failures, 6)), LONGEST_PAUSE)
        _finish(token, pause, failures=failures, error=error.message)
        if failures == TOLD_FROM:
            _tell(MailboxFailing(subject_id=box.id, error=error.message))
        return None
    pause = timedelta(minutes=box.interval_minutes)
    _finish(token, pause, failures=0, error="", last_success_at=clock.now())
    if before >= TOLD_FROM:
        _tell(MailboxRecovered(subject_id=box.id, failures=before))
    return count


def place_of(box: Mailbox) -> imap.Place:
    password = sealing.unseal(box.sealed, context=context_of(box.host, box.port))
    return imap.Place(box.host, box.port, box.security, box.username, password, box.folder)


def context_of(host: str, port: int) -> str:
    return f"mailbox {host}:{port}"


def _claim() -> tuple[Mailbox | None, str]:
    now, token = clock.now(), secrets.token_hex(16)
    won = db.session().execute(
        update(Mailbox)
        .where(
            Mailbox.active,
            Mailbox.next_pull_at <= now,
            or_(Mailbox.lease_token.is_(None), Mailbox.lease_until <= now),
        )
        .values(lease_token=token, lease_until=now + LEASE)
        .execution_options(synchronize_session=False)
    )
    if not getattr(won, "rowcount", 0):
        return None, token
    return db.session().scalar(select(Mailbox).where(Mailbox.lease_token == token)), token


def _pull(box: Mailbox, token: str) -> int:
    count, last = 0, box.last_uid
    into, validity = box.done_folder, box.uid_validity
    with imap.opened(place_of(box), into=into) as folder:
        if folder.uid_validity != validity:  # numbered anew: what was taken is known by its key
            last = 0
        while numbers := folder.after(last):
            for uid in numbers:
                _take(folder, uid, token)
                folder.done(uid, into=into)
                last, count = uid, count + 1
                _hold(token, last_uid=last, uid_validity=folder.uid_validity)
    return count


def _take(folder: imap.Folder, uid: int, token: str) -> None:
    from webapp.inbound.tasks import take  # the task calls us

    size = folder.size(uid)
    if size is None:
        return
    too_large = size > MOST_BYTES
    raw = folder.read(uid, head_only=too_large)
    with db.transaction():
        mail_id = receive(raw, size=size if too_large else None)
        enqueue(take, mail_id)


def _hold(token: str, **values: Any) -> None:
    with db.transaction():
        _write(token, lease_until=clock.now() + LEASE, **values)


def _finish(token: str, pause: timedelta, **values: Any) -> None:
    with db.transaction():
        _write(
            token, next_pull_at=clock.now() + pause, lease_token=None, lease_until=None, **values
        )


def _tell(fact: MailboxFailing | MailboxRecovered) -> None:
    with db.transaction():
        record(fact, actor=SYSTEM)


def _write(token: str, **values: Any) -> None:
    done = db.session().execute(
        update(Mailbox)
        .where(Mailbox.lease_token == token)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    if not getattr(done, "rowcount", 0):
        raise Fenced
