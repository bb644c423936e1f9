"""A delivery that a person corrects: other values, a new revision and with it a new idempotency key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from webapp.core import db
from webapp.core.errors import Conflict
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.outbox.actions import locked, retry
from webapp.outbox.events import DeliveryEdited
from webapp.outbox.models import Delivery

EDITABLE = ("parked", "held")
CHANNELS = ("mail", "push")  # what else leaves says what it says
HIDDEN = "…"  # stands in the audit trail for an address


def is_editable(delivery: Delivery) -> bool:
    return delivery.state in EDITABLE and delivery.channel in CHANNELS


def check_editable(delivery: Delivery) -> None:
    """Raises Conflict."""
    if not is_editable(delivery):
        raise Conflict(gettext("Only a delivery that is held or waits for somebody can be edited."))


def edit_and_retry(
    delivery_id: int, *, values: Mapping[str, Any], actor: Actor, hide: tuple[str, ...] = ()
) -> Delivery:
    """Replace these values of what is wanted and send it at once. `hide`: values that are personal data.

    Raises NotFound, or Conflict when it is neither parked nor held.
    """
    delivery = locked(delivery_id)
    check_editable(delivery)
    changes = {
        name: [_shown(delivery.payload.get(name), name in hide), _shown(new, name in hide)]
        for name, new in values.items()
        if delivery.payload.get(name) != new
    }
    if changes:
        delivery.payload = {**delivery.payload, **values}
        delivery.revision += 1
        db.session().flush()
        fact = DeliveryEdited(subject_id=delivery.id, summary=delivery.summary, changes=changes)
        record(fact, actor=actor)
    retry(delivery, actor=actor)
    return delivery


def _shown(value: Any, hidden: bool) -> str:
    return HIDDEN if hidden else str(value)
