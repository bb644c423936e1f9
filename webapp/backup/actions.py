"""Which backup is made by whom, and how it went. Needs an open transaction."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from webapp.accounts.queries import desk
from webapp.backup.models import DONE, FAILED, RUNNING, Backup
from webapp.core import clock, db

FROM_HOUR = 2  # on the desk's clock
AGAIN_AFTER = timedelta(hours=1)  # where it failed
GIVEN_UP_AFTER = timedelta(hours=8)  # where nobody has heard of it since


def claim_due() -> Backup | None:
    """Tonight's, where it is due and nobody is at it: to be made now."""
    from zoneinfo import ZoneInfo

    now = clock.now()
    local = now.astimezone(ZoneInfo(desk().timezone))
    if local.hour < FROM_HOUR:
        return None
    name = f"tulay-{local:%Y-%m-%d}.tar"
    session = db.session()
    found = session.scalar(select(Backup).where(Backup.name == name).with_for_update())
    if found is None:
        found = Backup(name=name, begun_at=now)
        session.add(found)
    elif found.state == DONE or now - found.begun_at < _rest(found):
        return None
    found.state, found.begun_at = RUNNING, now
    session.flush()
    return found


def settle(backup_id: int, *, size: int | None = None, problem: str = "") -> None:
    found = db.session().get(Backup, backup_id)
    if found is not None:
        found.state = FAILED if problem else DONE
        found.size, found.problem, found.ended_at = size, problem, clock.now()


def _rest(backup: Backup) -> timedelta:
    return AGAIN_AFTER if backup.state == FAILED else GIVEN_UP_AFTER
