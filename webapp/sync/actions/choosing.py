"""One field, two values: a person says which one counts. The base follows, so that nobody is asked twice."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update

from webapp.core import clock, db
from webapp.core.errors import Conflict as Moved
from webapp.core.errors import NotFound
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.outbox import actions as outbox
from webapp.outbox.models import Delivery
from webapp.sync import merge, progress, subjects
from webapp.sync.events import FieldDecided
from webapp.sync.models import Conflict, Connection, Link
from webapp.sync.push import queueing
from webapp.sync.subjects import Local
from webapp.sync.values import in_short


def decide_conflict(
    connection: Connection,
    *,
    conflict_id: int,
    keep: str,
    actor: Actor,
    ours: str | None = None,
    theirs: str | None = None,
) -> None:
    """Settle an open conflict for `keep`: local or upstream. `ours`, `theirs`: as the person saw them.

    Raises NotFound, or Conflict when it is decided already or our value has changed since.
    """
    row = db.session().scalar(
        select(Conflict)
        .join(Link, Link.id == Conflict.link_id)
        .where(Conflict.id == conflict_id, Link.connection_id == connection.id)
    )
    if row is None:
        raise NotFound(gettext("There is no such conflict."))
    if row.decision:
        raise Moved(gettext("Somebody has decided this already."))
    if _unlike(ours, row.local) or _unlike(theirs, row.upstream):
        raise Moved(gettext("The values have changed since. Look at them again."))
    settle_field(row.link_id, row.field, theirs=row.upstream, keep=keep, actor=actor)


def settle_field(link_id: int, field: str, *, theirs: Any, keep: str, actor: Actor) -> None:
    """`keep` local: ours stays and, where the upstream takes it, is sent. upstream: theirs is taken, and what
    was on its way is cancelled. Raises NotFound, Conflict while a push of it is being sent.
    """
    connection, link, local = locked(link_id)
    subject = subjects.of(link.local_kind)
    ours = subject.present(local, (field,)).get(field)
    if keep == merge.UPSTREAM:
        _cancel_pushes(connection, link, field, actor=actor)
        # In the upstream's name: its value does not go back to it, other upstreams of the record get it.
        subject.update(local, {field: theirs}, actor=connection.actor)
    # What both sides have seen of each other is the base now: the same difference is no news any more.
    link.base = {**link.base, field: theirs}
    link.payload_hash = ""  # the next page with this record is compared in full
    _close_conflicts(link, field, keep=keep, actor=actor)
    db.session().flush()
    if keep == merge.LOCAL:
        _cancel_parked(connection, link, field, actor=actor)
        queueing.push_decided(link, local, connection, field)
    given_up, kept = (theirs, ours) if keep == merge.LOCAL else (ours, theirs)
    fact = FieldDecided(
        subject_kind=link.local_kind,
        subject_id=link.local_id,
        connection=connection.name,
        field=field,
        kept=keep,
        changes={field: [in_short(given_up), in_short(kept)]},
    )
    record(fact, actor=actor)
    progress.announce(connection.id, at_once=True)


def locked(link_id: int) -> tuple[Connection, Link, Local]:
    """The rows in the order in which a page of a pull locks them, read anew. Raises NotFound."""
    session = db.session()
    connection = session.scalar(
        select(Connection)
        .join(Link, Link.connection_id == Connection.id)
        .where(Link.id == link_id)
        .with_for_update(of=Connection)
        .execution_options(populate_existing=True)
    )
    link = session.get(Link, link_id, with_for_update=True, populate_existing=True)
    local = subjects.local_of(link, lock=True) if link else None
    if connection is None or link is None or local is None:
        raise NotFound(gettext("The record is no longer linked."))
    return connection, link, local


def _cancel_pushes(connection: Connection, link: Link, field: str, *, actor: Actor) -> None:
    reason = gettext("Decided: the value of %(name)s counts.", name=connection.name)
    for delivery in _carrying(connection, link, field):
        outbox.cancel(delivery.id, reason=reason, actor=actor)


def _cancel_parked(connection: Connection, link: Link, field: str, *, actor: Actor) -> None:
    """A parked one would hold the lane; what was decided is sent in its place."""
    for delivery in _carrying(connection, link, field):
        if delivery.state == "parked":
            reason = gettext("Replaced by a decision: our value is sent anew.")
            outbox.cancel(delivery.id, reason=reason, actor=actor)


def _carrying(connection: Connection, link: Link, field: str) -> list[Delivery]:
    """What is on its way of this field, also where nothing is sent there any more."""
    return [each for each in queueing.open_pushes(link, connection) if field in each.payload]


def _close_conflicts(link: Link, field: str, *, keep: str, actor: Actor) -> None:
    db.session().execute(
        update(Conflict)
        .where(Conflict.link_id == link.id, Conflict.field == field, Conflict.decision == "")
        .values(decision=keep, decided_by=actor.name, decided_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _unlike(seen: str | None, stored: Any) -> bool:
    """Browsers send line breaks as they like, and blanks at the ends are not sent."""
    return seen is not None and seen.split() != str(stored or "").split()
