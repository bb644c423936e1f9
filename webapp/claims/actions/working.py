"""What people do to bulletins and bordereaux at their desk."""

from __future__ import annotations

from decimal import Decimal

from flask_babel import gettext
from sqlalchemy import select

from webapp.claims.actions.deriving import settle_bordereau
from webapp.claims.actions.moving import change_bulletin_status
from webapp.claims.events import BulletinFileAdded, BulletinNoted
from webapp.claims.models import Bordereau, Bulletin, BulletinFile, BulletinNote
from webapp.claims.states import REJECTED, REJECTIONS, VALIDATED, check_bordereau_step
from webapp.core import clock, db
from webapp.core.errors import Conflict, Invalid
from webapp.core.once import once
from webapp.events.models import Event
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.attachments import StoredFile


def decide_bulletin(
    bulletin: Bulletin,
    *,
    status: str,
    actor: Actor,
    amount: Decimal | None = None,
    rejection_code: str = "",
    rejection_text: str = "",
) -> Event | None:
    """Take up, validate, reject or put back. Raises Invalid, IllegalTransition or Conflict (it is in a payment)."""
    if status == VALIDATED:
        _check_amount(bulletin, amount)
    if status == REJECTED:
        _check_reason(rejection_code, rejection_text)
    return change_bulletin_status(
        bulletin,
        status=status,
        actor=actor,
        amount=amount,
        rejection_code=rejection_code,
        rejection_text=rejection_text,
    )


def step_bordereau(bordereau: Bordereau, *, step: str, actor: Actor) -> Event | None:
    """One of its own steps (states.BORDEREAU_STEPS). Reopened, it is what its bulletins say."""
    check_bordereau_step(bordereau.status, step)
    return settle_bordereau(bordereau, actor=actor, wanted=step)


def add_bulletin_note(
    bulletin: Bulletin, *, body: str, actor: Actor, submission_key: str | None = None
) -> BulletinNote:
    """An internal note. Sent twice it is the same note."""
    note, is_new = once(
        BulletinNote,
        submission_key,
        make=lambda: BulletinNote(
            bulletin_id=bulletin.id,
            author_id=actor.id,
            author_name=actor.name,
            body=body,
            created_at=clock.now(),
            submission_key=submission_key,
        ),
    )
    if note.bulletin_id != bulletin.id:
        raise Conflict(gettext("This form was already sent, for another bulletin. Open it again."))
    if is_new:
        fact = BulletinNoted(subject_id=bulletin.id, ref=bulletin.number, note_id=note.id)
        record(fact, actor=actor)
    return note


def add_bulletin_file(bulletin: Bulletin, file: StoredFile, *, actor: Actor) -> BulletinFile:
    """A file that is already stored becomes the bulletin's. The same content twice is one file."""
    session = db.session()
    known = session.scalar(
        select(BulletinFile).where(
            BulletinFile.bulletin_id == bulletin.id, BulletinFile.storage_key == file.storage_key
        )
    )
    if known is not None:
        return known
    row = BulletinFile(
        bulletin_id=bulletin.id,
        name=file.name,
        content_type=file.content_type,
        size=file.size,
        storage_key=file.storage_key,
        thumb_key=file.thumb_key,
        author_name=actor.name,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(
        BulletinFileAdded(subject_id=bulletin.id, ref=bulletin.number, name=file.name), actor=actor
    )
    return row


def _check_amount(bulletin: Bulletin, amount: Decimal | None) -> None:
    if amount is None or amount <= 0:
        words = gettext("Say how much is to be paid: more than nought.")
    elif amount > bulletin.total:
        words = gettext("This is more than the bulletin's total. At most the total can be paid.")
    else:
        return
    raise Invalid(words, fields={"amount": words})


def _check_reason(code: str, text: str) -> None:
    if code not in REJECTIONS:
        words = gettext("Choose why it is rejected.")
        raise Invalid(words, fields={"reason": words})
    if code == "other" and not text:
        words = gettext("Say why it is rejected, since it is none of the listed reasons.")
        raise Invalid(words, fields={"text": words})
