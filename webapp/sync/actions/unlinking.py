"""Records that the upstream has no longer: look for them again, or let ours go on alone."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import db
from webapp.core.errors import Conflict, NotFound
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.outbox import actions as outbox
from webapp.sync import progress
from webapp.sync.actions.choosing import locked
from webapp.sync.actions.running import due_now
from webapp.sync.events import RecordUnlinked, UpstreamAskedAgain
from webapp.sync.leases import PULLABLE
from webapp.sync.models import Connection, Link
from webapp.sync.push.queueing import open_pushes

MISSING = ("gone", "withdrawn")


def look_again(connection: Connection, *, link_id: int, actor: Actor) -> None:
    """The next pull, which is due now unless the connection rests, asks for this record. Raises NotFound."""
    link = _link(connection, link_id)
    link.reread, link.payload_hash = True, ""
    if connection.state in PULLABLE:
        due_now(connection)
    db.session().flush()
    fact = UpstreamAskedAgain(
        subject_kind=link.local_kind, subject_id=link.local_id, connection=connection.name
    )
    record(fact, actor=actor)
    progress.announce(connection.id, at_once=True)


def unlink(connection: Connection, *, link_id: int, actor: Actor) -> None:
    """Forget that ours is theirs as well; what waits to be sent of it is cancelled.

    Raises NotFound, Conflict for a record that is still there: its next pull would make a second one of ours.
    """
    _link(connection, link_id)
    connection, link, _local = locked(link_id)
    if link.state not in MISSING:
        raise Conflict(gettext("The record is still there; only one that is gone can be unlinked."))
    for delivery in open_pushes(link, connection):
        outbox.cancel(delivery.id, reason=gettext("The record was unlinked."), actor=actor)
    fact = RecordUnlinked(
        subject_kind=link.local_kind,
        subject_id=link.local_id,
        connection=connection.name,
        external_id=link.external_id,
    )
    db.session().delete(link)
    db.session().flush()
    record(fact, actor=actor)
    progress.announce(connection.id, at_once=True)


def _link(connection: Connection, link_id: int) -> Link:
    found = db.session().scalar(
        select(Link).where(Link.id == link_id, Link.connection_id == connection.id)
    )
    if found is None:
        raise NotFound(gettext("The record is no longer linked."))
    return found
