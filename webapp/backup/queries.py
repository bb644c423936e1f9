"""How backups went."""

from __future__ import annotations

from sqlalchemy import select

from webapp.backup.models import DONE, FAILED, Backup
from webapp.core import db


def last_made() -> Backup | None:
    query = select(Backup).where(Backup.state == DONE)
    return db.session().scalar(query.order_by(Backup.ended_at.desc()).limit(1))


def last_problem() -> str:
    """Why the last try failed, if it did."""
    last = db.session().scalar(select(Backup).order_by(Backup.begun_at.desc()).limit(1))
    return last.problem if last is not None and last.state == FAILED else ""
