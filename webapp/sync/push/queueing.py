"""Which changes leave, and to which upstream: the first half of a push, inside the change's own transaction."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import db
from webapp.events.models import Event
from webapp.events.types import Fact
from webapp.outbox import queue
from webapp.outbox.models import Delivery
from webapp.sync import subjects
from webapp.sync.connections import declared
from webapp.sync.models import Connection, Link
from webapp.sync.subjects import Local

STATUS = "status"


def queue_pushes(event: Event, _fact: Fact) -> None:
    """Reaction to a change of a record: a delivery for each upstream that has it, except the one whose own
    change this is."""
    subject = subjects.of(event.subject_kind)
    if STATUS not in subject.changed_in(event):
        return
    for link, connection in _linked(event.subject_kind, event.subject_id):
        if event.actor_kind == "connection" and event.actor_id == connection.id:
            continue
        local = subjects.local_of(link)
        if local is not None and can_push(connection):
            _put(link, connection, local, event_id=event.id)


def push_again(link: Link, local: Local, *, connection_id: int) -> None:
    """Our status won a conflict: it goes out, unless it is already on its way or a person gave it up."""
    connection = db.session().get_one(Connection, connection_id)
    if not can_push(connection):
        return
    last = db.session().scalar(
        select(Delivery)
        .where(Delivery.target == connection.target, Delivery.lane == lane(link.id))
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    if last is not None and (last.settled_at is None or last.state == "cancelled"):
        return
    _put(link, connection, local, event_id=None)


def push_decided(link: Link, local: Local, connection: Connection) -> bool:
    """Somebody decided that our status counts: it goes out, unless it is already on its way.

    False where this upstream takes no statuses.
    """
    if not can_push(connection):
        return False
    waits = db.session().scalar(
        select(Delivery.id).where(
            Delivery.target == connection.target,
            Delivery.lane == lane(link.id),
            Delivery.settled_at.is_(None),
        )
    )
    if waits is None:
        _put(link, connection, local, event_id=None)
    return True


def can_push(connection: Connection) -> bool:
    """Whether status changes of this connection's records leave at all."""
    return connection.push_enabled and STATUS in declared(connection).shape.push


def lane(link_id: int) -> str:
    """One record, one lane: its changes arrive in their order."""
    return f"link:{link_id}"


def _linked(kind: str, local_id: int) -> Sequence[tuple[Link, Connection]]:
    found = db.session().execute(
        select(Link, Connection)
        .join(Connection, Connection.id == Link.connection_id)
        .where(Link.local_kind == kind, Link.local_id == local_id, Link.state != "gone")
        .order_by(Link.id)
    )
    return [(link, connection) for link, connection in found]


def _put(link: Link, connection: Connection, local: Local, *, event_id: int | None) -> None:
    subject = subjects.of(link.local_kind)
    status = subject.present(local, (STATUS,))[STATUS]
    words = dict(subject.choices(STATUS))
    queue.put(
        channel="push",
        target=connection.target,
        lane=lane(link.id),
        kind=STATUS,
        subject=(link.local_kind, link.local_id),
        payload={"link_id": link.id, "status": status},
        summary=gettext(
            "Status of %(ref)s to %(name)s: %(status)s",
            ref=subject.face(local).ref,
            name=connection.name,
            status=words.get(status, status),
        ),
        event_id=event_id,
        coalesce=True,
    )
