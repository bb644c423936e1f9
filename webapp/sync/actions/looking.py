"""Looking for records that an upstream lists no longer, after a person has said so."""

from __future__ import annotations

from webapp.core import db
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.sync.actions.running import due_now
from webapp.sync.events import SyncRequested
from webapp.sync.models import Connection
from webapp.sync.pull import vanished


def look_for_vanished(connection: Connection, *, actor: Actor) -> int:
    """The next pull, which is due at once, asks for each by its id; what is not found is marked as gone."""
    count = vanished.look_for(connection.id)
    if count:
        due_now(connection)
        db.session().flush()
        record(SyncRequested(subject_id=connection.id, name=connection.name), actor=actor)
    return count
