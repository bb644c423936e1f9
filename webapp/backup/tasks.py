"""Background entry points. Safe to run twice, and at once."""

from __future__ import annotations

import logging
from pathlib import Path

from flask_babel import gettext
from sqlalchemy.exc import SQLAlchemyError

from webapp.backup import actions
from webapp.backup.models import RUNNING, Backup
from webapp.core import db, settings
from webapp.core.errors import AppError
from webapp.core.queue import enqueue

log = logging.getLogger(__name__)

LONGEST_S = 6 * 3600


def begin_due() -> None:
    """Every ten minutes: tonight's, where a folder is set and it is due."""
    if not settings.current().backup_folder:
        return
    with db.transaction():
        due = actions.claim_due()
        if due is not None:
            enqueue(make, due.id, longest_s=LONGEST_S)


def make(backup_id: int) -> None:
    """Write it, then let go of the oldest."""
    from webapp.backup import archive  # it brings Alembic along, once a night

    found = db.session().get(Backup, backup_id)
    if found is None or found.state != RUNNING:
        return
    folder = Path(settings.current().backup_folder)
    file = folder / found.name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        archive.write(file)
        size, problem = file.stat().st_size, ""
        forget_old(folder, kept=settings.current().backup_kept)
    except (OSError, SQLAlchemyError, AppError) as error:
        log.exception("the backup failed")
        size, problem = None, _told(error)
    with db.transaction():
        actions.settle(backup_id, size=size, problem=problem)


def forget_old(folder: Path, *, kept: int) -> None:
    """All but the newest `kept`, by the day in their names; what others have put there is let alone."""
    for old in sorted(folder.glob("tulay-????-??-??.tar"))[:-kept]:
        old.unlink(missing_ok=True)


def _told(error: Exception) -> str:
    if isinstance(error, AppError):
        return error.message
    if isinstance(error, OSError):
        return gettext("It could not be written: %(why)s.", why=error.strerror or "?")
    return gettext("The database did not answer.")
