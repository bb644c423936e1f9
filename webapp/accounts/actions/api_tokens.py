"""Personal tokens: made, used, revoked. Need an open transaction."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.accounts import tokens
from webapp.accounts.events import ApiTokenMade, ApiTokenRevoked
from webapp.accounts.models import ApiToken, User
from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.core.secrets import last4
from webapp.events.record import record
from webapp.events.types import Actor

MOST = 20  # of one person


def make(
    user: User, *, name: str, scopes: Collection[str], days: int, actor: Actor
) -> tuple[ApiToken, str]:
    """The token and its secret, which is not kept. Raises Conflict when the person has too many."""
    if _count(user) >= MOST:
        raise Conflict(gettext("You have %(most)s tokens. Revoke one first.", most=MOST))
    now, secret = clock.now(), tokens.PERSONAL + tokens.new_secret()
    token = ApiToken(
        user_id=user.id,
        name=name,
        hash=tokens.hash_of(secret),
        last4=last4(secret),
        scopes=" ".join(scopes),
        created_at=now,
        expires_at=now + timedelta(days=days),
    )
    db.session().add(token)
    db.session().flush()
    made = ApiTokenMade(subject_id=user.id, name=name, last4=token.last4, scopes=token.scopes)
    record(made, actor=actor)
    return token, secret


def revoke(user: User, token: ApiToken, *, actor: Actor) -> None:
    token.revoked_at = clock.now()
    record(ApiTokenRevoked(subject_id=user.id, name=token.name, last4=token.last4), actor=actor)


def note_used(token: ApiToken) -> None:
    token.last_used_at = clock.now()


def _count(user: User) -> int:
    alive = ApiToken.revoked_at.is_(None), ApiToken.expires_at > clock.now()
    asked = select(func.count()).where(ApiToken.user_id == user.id, *alive)
    return db.session().scalar(asked) or 0
