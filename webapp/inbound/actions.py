"""What people do to mail that comes in. Who may is decided at the edge. Needs an open transaction."""

from __future__ import annotations

from typing import Any

from webapp.core import clock, db, secrets
from webapp.core.errors import Conflict, Misconfigured
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.inbound import filing, receiving
from webapp.inbound.events import InboundMailDecided, MailboxEdited
from webapp.inbound.forms import MailboxForm
from webapp.inbound.pulling import context_of
from webapp.mail import queries as mails
from webapp.mail.models import InboundMail, Mailbox

_SHOWN = (
    "address",
    "active",
    "host",
    "port",
    "security",
    "username",
    "folder",
    "done_folder",
    "interval_minutes",
    "closed_rule",
    "closed_days",
    "kept_days",
)


def try_again(mail_id: int, *, actor: Actor) -> InboundMail:
    """What failed or was ignored is decided anew. Raises Conflict where it was taken meanwhile."""
    row = _open(mail_id)
    row.state, row.reason, row.tries = "new", "", 0
    filing.file_mail(row)
    record(InboundMailDecided(subject_id=row.id, as_new=False), actor=actor)
    return row


def take_as_new(mail_id: int, *, actor: Actor) -> InboundMail:
    """A ticket of it, whatever it is. Raises Conflict where it was taken meanwhile."""
    row = _open(mail_id)
    filing.file_mail(row, as_new=True)
    record(InboundMailDecided(subject_id=row.id, as_new=True), actor=actor)
    return row


def save_mailbox(form: MailboxForm, *, actor: Actor) -> Mailbox:
    """Another server forgets the password and the place; whoever fetches now stops."""
    box = mails.mailbox()
    if box is None:
        box = Mailbox(address=form.address)
        db.session().add(box)
    elsewhere = (box.host, box.port, box.username, box.folder) != (
        form.host,
        form.port,
        form.username,
        form.folder,
    )
    changes = _set(box, form)
    if elsewhere:
        box.uid_validity, box.last_uid = None, 0
    if form.password:
        box.sealed = secrets.seal(form.password, context=context_of(form.host, form.port))
        changes["password"] = ["", "set"]
    box.lease_token = box.lease_until = None
    box.failures, box.error = 0, ""
    box.next_pull_at = clock.now() if form.active else None
    db.session().flush()
    if changes:
        record(MailboxEdited(subject_id=box.id, changes=changes), actor=actor)
    return box


def reseal() -> bool:
    """The password under the first key of the ring; whether it could be read."""
    box = mails.mailbox()
    if box is not None and box.sealed:
        try:
            box.sealed = secrets.reseal(box.sealed)
        except Misconfigured:
            return False
    return True


def _set(box: Mailbox, form: MailboxForm) -> dict[str, list[Any]]:
    changes: dict[str, list[Any]] = {}
    for name in _SHOWN:
        old, new = getattr(box, name), getattr(form, name)
        if old != new:
            changes[name] = [str(old if old is not None else ""), str(new)]
            setattr(box, name, new)
    return changes


def _open(mail_id: int) -> InboundMail:
    row = receiving.locked(mail_id)
    if row.state == "taken":
        raise Conflict("This mail was taken meanwhile.")
    return row
