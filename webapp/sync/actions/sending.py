"""Somebody wants our present values to be sent, whether or not anything has changed."""

from __future__ import annotations

from flask_babel import gettext

from webapp.core import db
from webapp.core.errors import Conflict
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.outbox import actions as outbox
from webapp.outbox.models import Delivery
from webapp.sync import subjects
from webapp.sync.events import PushRequested
from webapp.sync.models import Connection, Link
from webapp.sync.push.queueing import open_pushes, push_decided, pushed_fields

_WAITS_FOR_SOMEBODY = ("parked", "retrying", "held")


def push_now(link_id: int, *, field: str, actor: Actor) -> Delivery:
    """Send our value of `field` of a linked record; what is on its way already goes at once. Raises Conflict where
    there is nothing to send or the upstream does not take it."""
    session = db.session()
    link = session.get_one(Link, link_id, with_for_update=True, populate_existing=True)
    connection = session.get_one(Connection, link.connection_id)
    local = subjects.local_of(link)
    call = pushed_fields(connection, link.kind).get(field)
    if local is None or call is None or link.state == "gone":
        raise Conflict(gettext("%(name)s does not take this.", name=connection.name))
    if not subjects.of(link.local_kind).present(local, (field,)).get(field):
        raise Conflict(gettext("There is nothing to send yet."))
    waiting = open_pushes(link, connection, call)
    if not waiting:
        push_decided(link, local, connection, field)
        waiting = open_pushes(link, connection, call)
    delivery = waiting[0]
    if delivery.state in _WAITS_FOR_SOMEBODY:
        outbox.retry_now(delivery.id, actor=actor)
    fact = PushRequested(
        subject_kind=link.local_kind,
        subject_id=link.local_id,
        connection=connection.name,
        call=call,
        delivery_id=delivery.id,
    )
    record(fact, actor=actor)
    return delivery
