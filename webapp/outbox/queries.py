"""Readings of the outbox for its page and for a ticket's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo

from flask_babel import gettext
from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from webapp.core import db
from webapp.core.errors import NotFound
from webapp.outbox.filters import WAITING, DeliveryFilter
from webapp.outbox.models import FINAL_STATES, OPEN_STATES, Delivery

# Beyond this a page says "10,000+": counting on would be a scan.
COUNT_LIMIT = 10_000


def filtered(
    chosen: DeliveryFilter, *, zone: tzinfo, before_id: int | None = None, limit: int = 50
) -> Sequence[Delivery]:
    """What the filter leaves, newest first, paged by id."""
    query = select(Delivery).where(*chosen.conditions(zone))
    if before_id is not None:
        query = query.where(Delivery.id < before_id)
    return db.session().scalars(query.order_by(Delivery.id.desc()).limit(limit)).all()


def page_of(
    *,
    state: str = "",
    channel: str = "",
    target: str = "",
    subject: tuple[str, int] | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> Sequence[Delivery]:
    """Newest first, paged by id. `state` may be `waiting`: all that is on its way."""
    query = select(Delivery).order_by(Delivery.id.desc()).limit(limit)
    if state:
        query = query.where(Delivery.state.in_(WAITING if state == "waiting" else (state,)))
    if channel:
        query = query.where(Delivery.channel == channel)
    if target:
        query = query.where(Delivery.target == target)
    if subject is not None:
        query = query.where(Delivery.subject_kind == subject[0], Delivery.subject_id == subject[1])
    if before_id is not None:
        query = query.where(Delivery.id < before_id)
    return db.session().scalars(query).all()


def get(delivery_id: int) -> Delivery:
    """One delivery with its attempts. Raises NotFound."""
    query = (
        select(Delivery).where(Delivery.id == delivery_id).options(selectinload(Delivery.attempts))
    )
    delivery = db.session().scalars(query).first()
    if delivery is None:
        raise NotFound(gettext("There is no such delivery."))
    return delivery


def deliveries_of(subject_kind: str, subject_id: int, *, limit: int = 50) -> Sequence[Delivery]:
    """What left or waits to leave because of one record, newest first."""
    return page_of(subject=(subject_kind, subject_id), limit=limit)


def blocked_by(delivery: Delivery) -> Delivery | None:
    """The parked delivery that this one waits behind, if any."""
    query = select(Delivery).where(
        Delivery.target == delivery.target,
        Delivery.lane == delivery.lane,
        Delivery.settled_at.is_(None),
        Delivery.state == "parked",
        Delivery.id < delivery.id,
    )
    return db.session().scalars(query.order_by(Delivery.id).limit(1)).first()


def counts() -> dict[str, int]:
    """State → how many, each counted up to COUNT_LIMIT + 1."""
    return {state: _count(state) for state in (*OPEN_STATES, *FINAL_STATES)}


def oldest_waiting(*, target: str = "") -> datetime | None:
    """Since when the oldest delivery waits that is neither settled nor parked (health, "oldest unsent change")."""
    query = select(func.min(Delivery.created_at)).where(
        Delivery.settled_at.is_(None), Delivery.state.in_(WAITING)
    )
    if target:
        query = query.where(Delivery.target == target)
    return db.session().scalar(query)


def _count(state: str) -> int:
    some = select(Delivery.id).where(Delivery.state == state).limit(COUNT_LIMIT + 1).subquery()
    return db.session().scalar(select(func.count()).select_from(some)) or 0
