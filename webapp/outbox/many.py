"""What can be done to many deliveries at once: which of a list it concerns, why not the others, and each step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import db
from webapp.events.types import Actor
from webapp.outbox import actions
from webapp.outbox.filters import DeliveryFilter
from webapp.outbox.models import OPEN_STATES, Delivery

RETRY, CANCEL = "deliveries.retry", "deliveries.cancel"


def retry_step(delivery_id: int, _args: Mapping[str, Any], actor: Actor) -> str:
    actions.retry_now(delivery_id, actor=actor)
    return ""


def cancel_step(delivery_id: int, args: Mapping[str, Any], actor: Actor) -> str:
    actions.cancel(delivery_id, reason=str(args["reason"]), actor=actor)
    return ""


def candidates(
    chosen: DeliveryFilter, *, kind: str, zone: tzinfo, ids: tuple[int, ...] = ()
) -> Iterator[tuple[int, str]]:
    """(id, why it is left out or "") of what the filter shows, or only of `ids` among it, oldest first."""
    query = select(Delivery.id, Delivery.state).where(*chosen.conditions(zone))
    if ids:
        query = query.where(Delivery.id.in_(ids))
    elif (
        not chosen.state
    ):  # all of a list is about what is open; nobody means the thousands that arrived
        query = query.where(Delivery.settled_at.is_(None))
    for delivery_id, state in db.session().execute(
        query.order_by(Delivery.id), execution_options={"yield_per": 1000}
    ):
        yield delivery_id, excluded(state, kind=kind)


def excluded(state: str, *, kind: str) -> str:
    """Why a delivery in that state is left out; empty where it is not."""
    if state not in OPEN_STATES:
        return {
            "sent": gettext("it has arrived"),
            "superseded": gettext("a later one replaced it"),
            "cancelled": gettext("it is cancelled"),
        }.get(state, state)
    if state == "sending":
        return gettext("it is being sent right now")
    return ""
