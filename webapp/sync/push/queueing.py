"""Which changes leave, and to which upstream: the first half of a push, inside the change's own transaction.

A delivery is of one push call of the declaration, and carries that call's fields: one delivery per concern.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import db
from webapp.core.errors import Conflict
from webapp.events.models import Event
from webapp.events.record import Batch, for_batches
from webapp.events.types import SYSTEM, Actor, Fact
from webapp.outbox import actions as outbox
from webapp.outbox import lanes, queue
from webapp.outbox.models import OPEN_STATES, Delivery
from webapp.sync import subjects
from webapp.sync.connections import declared
from webapp.sync.models import Connection, Link
from webapp.sync.pull.scope import Scope
from webapp.sync.subjects import Local, Subject

LINK, ALONG = "link_id", "along"  # what a payload holds besides the values by their fields


def queue_pushes(event: Event, _fact: Fact) -> None:
    """Reaction to a change of a record: deliveries for each upstream that has it and takes one of the changed
    fields, except the one whose own change this is. What is told once only, as a payment is, waits for a person
    where the upstream has the record no longer."""
    actor = Actor(event.actor_kind, event.actor_id, event.actor_name)
    _queue(event, _linked(event.subject_kind, [event.subject_id], own=actor)[event.subject_id])


@for_batches(queue_pushes)
def queue_pushes_of_many(batch: Batch) -> None:
    """As queue_pushes for each, with one look at who has them."""
    kind = batch.facts[0].subject_kind
    linked = _linked(kind, [fact.subject_id for fact in batch.facts], own=batch.actor)
    if not linked:  # as with whatever one upstream alone has
        return
    for event, _ in batch.each():
        _queue(event, linked[event.subject_id])


def _queue(event: Event, linked: Sequence[tuple[Link, Connection]]) -> None:
    changed = set(subjects.of(event.subject_kind).changed_in(event))
    for link, connection in linked:
        carried = pushed_fields(connection, link.kind)
        calls = {carried[field] for field in changed if field in carried}
        if link.state == "gone":  # what a pull sends once more, should it come back, need not wait
            calls = {call for call in calls if not _again(connection, link.kind, call)}
        local = subjects.local_of(link) if calls else None
        if local is not None:
            _put(link, connection, local, calls, event_id=event.id)


def push_again(link: Link, local: Local, calls: Iterable[str], *, connection_id: int) -> None:
    """Our values are not the agreed ones: they go out, unless that is on its way or a person gave it up."""
    connection = db.session().get_one(Connection, connection_id)
    for call in calls:
        last = db.session().scalar(
            select(Delivery)
            .where(*_of_call(link, connection, call))
            .order_by(Delivery.id.desc())
            .limit(1)
        )
        if last is None or (last.settled_at is not None and last.state != "cancelled"):
            _put(link, connection, local, [call], event_id=None)


def push_decided(link: Link, local: Local, connection: Connection, field: str) -> bool:
    """Somebody decided that our value counts: it goes out, unless it is already on its way.

    False where this upstream does not take this field.
    """
    call = pushed_fields(connection, link.kind).get(field)
    if call is None:
        return False
    if not open_pushes(link, connection, call):
        _put(link, connection, local, [call], event_id=None)
    return True


def give_up(link: Link, scope: Scope, calls: Collection[str], *, reason: str) -> None:
    """What waits with these calls is wanted no longer. What a worker holds at this moment is left alone."""
    waiting = lanes.unlocked(
        Delivery.target == scope.source,
        Delivery.lane == lane(link.id),
        Delivery.kind.in_(calls),
        Delivery.state.in_(OPEN_STATES),
        Delivery.settled_at.is_(None),
    )
    for delivery_id in db.session().scalars(waiting).all():
        try:
            outbox.cancel(delivery_id, reason=reason, actor=SYSTEM)
        except Conflict:
            continue


def open_pushes(link: Link, connection: Connection, call: str = "") -> Sequence[Delivery]:
    """What is on its way of this record (with this call), oldest first."""
    query = select(Delivery).where(*_of_call(link, connection, call), Delivery.settled_at.is_(None))
    return db.session().scalars(query.order_by(Delivery.id)).all()


def pushed_fields(connection: Connection, kind: str = "") -> dict[str, str]:
    """field → the call that takes our value of it there; empty while nothing is sent to this upstream. `kind`: of
    the records, where they are not the list's own."""
    if not connection.push_enabled:
        return {}
    calls = declared(connection, kind).shape.push
    return {field: name for name, call in calls.items() for field in call.fields}


def lane(link_id: int) -> str:
    """One record, one lane: its changes arrive in their order."""
    return f"link:{link_id}"


def wanted(delivery: Delivery) -> dict[str, Any]:
    """field → the value that is sent."""
    return {name: value for name, value in delivery.payload.items() if name not in (LINK, ALONG)}


def along(delivery: Delivery) -> dict[str, Any]:
    """field → the value that its call needs besides."""
    return dict(delivery.payload.get(ALONG) or {})


def told(subject: Subject, values: Mapping[str, Any]) -> tuple[str, str]:
    """(the fields, their values) in words, without personal data."""
    shown = []
    for field, value in values.items():
        if field not in subject.personal:
            shown.append(dict(subject.choices(field)).get(value) or str(value or "–"))
    return ", ".join(subject.label(field) for field in values), ", ".join(shown)


def _again(connection: Connection, kind: str, call: str) -> bool:
    return declared(connection, kind).shape.push[call].again


def _of_call(link: Link, connection: Connection, call: str) -> tuple[Any, ...]:
    lane_of = (Delivery.target == connection.target, Delivery.lane == lane(link.id))
    return (*lane_of, Delivery.kind == call) if call else lane_of


def _linked(
    kind: str, local_ids: Sequence[int], *, own: Actor
) -> defaultdict[int, list[tuple[Link, Connection]]]:
    """local id → who has it, but for the connection that `own` is."""
    query = (
        select(Link, Connection)
        .join(Connection, Connection.id == Link.connection_id)
        .where(Link.local_kind == kind, Link.local_id.in_(local_ids))
        .order_by(Link.id)
    )
    if own.kind == "connection":
        query = query.where(Link.connection_id != own.id)
    found: defaultdict[int, list[tuple[Link, Connection]]] = defaultdict(list)
    for link, connection in db.session().execute(query):
        found[link.local_id].append((link, connection))
    return found


def _put(
    link: Link,
    connection: Connection,
    local: Local,
    calls: Iterable[str],
    *,
    event_id: int | None,
) -> None:
    subject, declaration = subjects.of(link.local_kind), declared(connection, link.kind).shape
    for call in calls:
        declared_call = declaration.push[call]
        values = subject.present(local, declared_call.fields)
        besides = subject.present(local, declared_call.along)
        telling = declared_call.confirmed_by or declared_call.fields
        fields, shown = told(subject, {name: values[name] for name in telling})
        summary = gettext(
            "%(fields)s of %(ref)s to %(name)s: %(values)s",
            fields=fields,
            ref=subject.face(local).ref,
            name=connection.name,
            values=shown,
        )
        queue.put(
            channel="push",
            target=connection.target,
            lane=lane(link.id),
            kind=call,
            subject=(link.local_kind, link.local_id),
            payload={LINK: link.id, **({ALONG: besides} if besides else {}), **values},
            summary=summary.removesuffix(": "),
            event_id=event_id,
            coalesce=declared_call.coalesce,
        )
