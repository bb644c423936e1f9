"""Which deliveries may leave now: in each lane only the lowest open one, and only when its time has come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from webapp.core import clock, db
from webapp.outbox.models import Delivery


def targets_due() -> Sequence[str]:
    query = due(clock.now()).with_only_columns(Delivery.target).distinct()
    return db.session().scalars(query).all()


def due(now: datetime) -> Select[Delivery]:
    """The lowest open delivery of each lane, if it may be sent at `now`.

    While sending, `not_before` is the end of the lease, so a delivery whose worker died comes due by itself.
    A parked one is never due and so blocks its lane, no other.
    """
    earlier = aliased(Delivery)
    before_it = (
        select(earlier.id)
        .where(
            earlier.target == Delivery.target,
            earlier.lane == Delivery.lane,
            earlier.settled_at.is_(None),
            earlier.id < Delivery.id,
        )
        .exists()
    )
    return select(Delivery).where(
        Delivery.settled_at.is_(None),
        Delivery.state != "parked",
        Delivery.not_before <= now,
        ~before_it,
    )


def sending_now(target: str, now: datetime, *, leased_until: datetime | None = None) -> int:
    """How many deliveries of `target` are with a worker whose lease holds; or of those whose lease ends before
    `leased_until`, which have been under way for a while."""
    query = select(func.count()).where(
        Delivery.target == target,
        Delivery.settled_at.is_(None),
        Delivery.state == "sending",
        Delivery.lease_until > now,
        *([Delivery.lease_until < leased_until] if leased_until else []),
    )
    return db.session().scalar(query) or 0


def unlocked(*conditions: ColumnElement[bool]) -> Select[int]:
    """Ids of open deliveries that no other transaction holds: two bulk changes then cannot wait for each other."""
    return (
        select(Delivery.id)
        .where(Delivery.settled_at.is_(None), *conditions)
        .with_for_update(skip_locked=True)
    )
