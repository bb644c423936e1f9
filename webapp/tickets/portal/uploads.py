"""Files that wait for the rest of their form: noted when the form is shown again, let go of when it is never sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta

from sqlalchemy import delete, select

from webapp.core import clock, db, loading, storage
from webapp.tickets.attachments import KEPT_FOR_S, StoredFile
from webapp.tickets.composing.models import Sending
from webapp.tickets.portal.models import Upload

# The columns in which any part of the desk keeps the key of a file, by their name.
KEY_COLUMNS = ("storage_key", "thumb_key")
AT_ONCE = 500
_WAITS = timedelta(seconds=KEPT_FOR_S, hours=1)  # an hour more than a form's token counts


def note(files: Sequence[StoredFile]) -> None:
    """These wait. Needs an open transaction."""
    now = clock.now()
    db.session().add_all(
        Upload(storage_key=file.storage_key, thumb_key=file.thumb_key, created_at=now)
        for file in files
    )


def forget_unsent() -> int:
    """Let go of what waited too long and belongs to nothing; how many files. Needs an open transaction."""
    session, gone = db.session(), 0
    query = select(Upload).where(Upload.created_at < clock.now() - _WAITS).order_by(Upload.id)
    while rows := session.scalars(query.limit(AT_ONCE)).all():
        ids = [row.id for row in rows]
        keys = {key for row in rows for key in (row.storage_key, row.thumb_key) if key}
        session.execute(delete(Upload).where(Upload.id.in_(ids)))
        gone += let_go(keys)
    return gone


def let_go(keys: Collection[str]) -> int:
    """Drop those of the files that nothing points to any more; how many."""
    unused = set(keys) - _in_use(keys)
    for key in unused:
        storage.drop(key)
    return len(unused)


def _in_use(keys: Collection[str]) -> set[str]:
    """Those of the keys that anything still points to: the same photo may have come twice."""
    waiting = db.session().scalars(select(Sending.files)).all()  # answers about to leave: few
    found = {file.get(name) for files in waiting for file in files for name in KEY_COLUMNS}
    loading.bring_models()  # in whichever of all tables it stands
    for table in db.Base.metadata.sorted_tables:
        for name in KEY_COLUMNS:
            if name in table.c:
                column = table.c[name]
                found |= set(db.session().scalars(select(column).where(column.in_(keys))))
    return {key for key in found if key}
