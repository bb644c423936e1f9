"""What people do to deliveries. Who may is decided at the edge (admins). Needs an open transaction."""

from __future__ import annotations

import random

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import clock, db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.events.record import record
from webapp.events.types import SYSTEM, Actor
from webapp.outbox import outcomes, queue, roads, watch
from webapp.outbox.channels import Cancelled
from webapp.outbox.events import DeliveryCancelled, DeliveryParked, DeliveryRetried
from webapp.outbox.models import OPEN_STATES, Delivery

RETRYABLE = ("pending", "retrying", "held", "parked")


def retry_now(delivery_id: int, *, actor: Actor) -> Delivery:
    """Due at once. A parked one starts its schedule anew; its attempts stay on record.

    Raises NotFound, or Conflict when it is settled or being sent.
    """
    delivery = locked(delivery_id)
    _check_open(delivery)
    roads.lift(delivery.target)
    retry(delivery, actor=actor)
    return delivery


def cancel(delivery_id: int, *, reason: str, actor: Actor) -> Delivery:
    """Give a delivery up; what waits behind it in its lane goes on. Raises NotFound, Invalid, Conflict."""
    reason = reason.strip()
    if not reason:
        raise Invalid(
            gettext("Say why it is cancelled."),
            fields={"reason": gettext("Say why it is cancelled.")},
        )
    delivery = locked(delivery_id)
    _check_open(delivery)
    delivery.lease_token = delivery.lease_until = None
    outcomes.close_interrupted(delivery)
    # The channel is told too: a push remembers what was given up, so that the next pull does not bring it back.
    outcomes.apply(delivery, Cancelled(reason), rng=random.Random())
    record(
        DeliveryCancelled(subject_id=delivery.id, summary=delivery.summary, reason=reason),
        actor=actor,
    )
    queue.nudge(delivery.target)
    return delivery


def locked(delivery_id: int) -> Delivery:
    """The row, kept from everybody else until the transaction ends. Raises NotFound."""
    query = select(Delivery).where(Delivery.id == delivery_id).with_for_update()
    delivery = db.session().scalars(query.execution_options(populate_existing=True)).first()
    if delivery is None:
        raise NotFound(gettext("There is no such delivery."))
    return delivery


def _check_open(delivery: Delivery) -> None:
    if delivery.state not in OPEN_STATES:
        raise Conflict(gettext("This delivery is already settled."))
    if delivery.state == "sending" and delivery.lease_until and delivery.lease_until > clock.now():
        raise Conflict(gettext("This delivery is being sent right now; look again in a moment."))


def retry(delivery: Delivery, *, actor: Actor) -> None:
    """Due at once; the caller holds the row and knows that it is open."""
    if delivery.state == "parked":
        delivery.attempt_count = 0
    if (
        delivery.state != "sending"
    ):  # a dead worker's: the claim must still see that it was interrupted
        delivery.state = "retrying" if delivery.attempts else "pending"
        delivery.reason = ""
    delivery.not_before = clock.now()
    record(DeliveryRetried(subject_id=delivery.id, summary=delivery.summary), actor=actor)
    watch.tell(delivery)
    queue.nudge(delivery.target)


def park_returned(delivery_id: int, *, reason: str) -> None:
    """A mail that its server had taken came back: it needs a person again. What follows in its lane waits."""
    delivery = locked(delivery_id)
    if delivery.state != "sent":
        return
    delivery.state, delivery.reason, delivery.settled_at = "parked", reason, None
    db.session().flush()
    fact = DeliveryParked(subject_id=delivery.id, summary=delivery.summary, reason=reason)
    record(fact, actor=SYSTEM)
    watch.tell(delivery)
