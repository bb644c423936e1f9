"""The second factor of a person: set up, asked, removed. Need an open transaction."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import delete, select, update

from webapp.accounts import passwords, queries, tokens, totp
from webapp.accounts.events import (
    RecoveryCodesMade,
    RecoveryCodeUsed,
    SecondFactorRemoved,
    SecondFactorSet,
)
from webapp.accounts.models import RecoveryCode, User
from webapp.core import clock, db, secrets
from webapp.core.errors import Invalid, Misconfigured
from webapp.events.record import record
from webapp.events.types import Actor


def begin(user: User) -> None:
    """A new secret, which counts once a code of it was entered."""
    user.totp_sealed = secrets.seal(totp.new_secret(), context=_context(user))
    user.totp_since, user.totp_step = None, 0


def secret_of(user: User) -> str:
    """ "" while none was made."""
    if not user.totp_sealed:
        return ""
    return secrets.unseal(user.totp_sealed, context=_context(user))


def check_password(user: User, given: str) -> None:
    """Raises Invalid unless it is theirs: a device that is left open changes no factor."""
    if not passwords.matches(user.password_hash, given):
        words = gettext("That is not your password.")
        raise Invalid(words, fields={"current": words})


def confirm(user: User, code: str) -> list[str]:
    """The recovery codes, shown once. Raises Invalid when the code does not fit."""
    if user.totp_since is not None or not user.totp_sealed or not _code_fits(user, code):
        words = gettext("This code does not fit. Is the clock of your phone right?")
        raise Invalid(words, fields={"code": words})
    user.totp_since = clock.now()
    record(SecondFactorSet(subject_id=user.id), actor=user.actor)
    return _new_codes(user)


def new_codes(user: User) -> list[str]:
    """In place of the old ones."""
    record(RecoveryCodesMade(subject_id=user.id), actor=user.actor)
    return _new_codes(user)


def remove(user: User, *, actor: Actor) -> None:
    user.totp_sealed, user.totp_since, user.totp_step = "", None, 0
    _forget_codes(user)
    record(SecondFactorRemoved(subject_id=user.id), actor=actor)


def fits(user: User, code: str) -> bool:
    """Whether that is the person's second factor now: a code of their app, or a recovery code. Neither counts twice."""
    return _code_fits(user, code) or _recovery_fits(user, code)


def reseal_all() -> int:
    """Every secret under the first key of the ring. How many could not be read."""
    unreadable = 0
    for user in db.session().scalars(select(User).where(User.totp_sealed != "").order_by(User.id)):
        try:
            user.totp_sealed = secrets.reseal(user.totp_sealed)
        except Misconfigured:
            unreadable += 1
    return unreadable


def _code_fits(user: User, code: str) -> bool:
    step = totp.step_of(secret_of(user), code, now=clock.now(), after=user.totp_step)
    if step is None:
        return False
    # Two that come at the same moment with one code: only the first finds the older step.
    took = db.session().scalar(
        update(User)
        .where(User.id == user.id, User.totp_step < step)
        .values(totp_step=step)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    db.session().refresh(user, ["totp_step"])
    return took is not None


def _recovery_fits(user: User, code: str) -> bool:
    took = db.session().scalar(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.hash == tokens.hash_of(totp.plain(code)),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
        .returning(RecoveryCode.id)
        .execution_options(synchronize_session=False)
    )
    if took is None:
        return False
    left = queries.recovery_codes_left(user)
    record(RecoveryCodeUsed(subject_id=user.id, left=left), actor=user.actor)
    return True


def _new_codes(user: User) -> list[str]:
    _forget_codes(user)
    made = [totp.recovery_code() for _ in range(totp.RECOVERY_CODES)]
    db.session().add_all(
        RecoveryCode(user_id=user.id, hash=tokens.hash_of(totp.plain(code))) for code in made
    )
    return made


def _forget_codes(user: User) -> None:
    db.session().execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def _context(user: User) -> str:
    return f"user:{user.id} second factor"
