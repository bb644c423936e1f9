"""Who gave the right password and is asked for the second factor: kept in the signed session, for five minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import session

from webapp.accounts import queries
from webapp.accounts.models import User
from webapp.core import clock
from webapp.core.errors import NotFound

LASTS = timedelta(minutes=5)
_KEY = "halfway"


def begin(user: User, *, leads_to: str) -> None:
    session[_KEY] = [user.id, user.epoch, clock.now().isoformat(), leads_to]


def person() -> User | None:
    """None when nobody is halfway, it was too long ago, or their password or rights have changed since."""
    kept = session.get(_KEY)
    if not kept or clock.now() - datetime.fromisoformat(kept[2]) > LASTS:
        return None
    try:
        user = queries.get_user(int(kept[0]))
    except NotFound:
        return None
    return user if user.active and user.epoch == kept[1] else None


def end() -> str:
    """Where they wanted to go."""
    kept = session.pop(_KEY, None)
    return str(kept[3]) if kept else ""
