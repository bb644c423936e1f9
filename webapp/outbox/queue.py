"""Putting things into the outbox. The rows are written with the change that causes them; sending comes after commit."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import CursorResult, select, update

from webapp.core import clock, db
from webapp.core.queue import enqueue
from webapp.outbox import roads, tasks, watch
from webapp.outbox.models import Attempt, Delivery

LONGEST_SUMMARY = 300


def put(
    *,
    channel: str,
    target: str,
    lane: str,
    kind: str,
    subject: tuple[str, int],
    payload: Mapping[str, Any],
    summary: str,
    event_id: int | None = None,
    not_before: datetime | None = None,
    coalesce: bool = False,
) -> Delivery:
    """Queue one thing to leave, in the transaction of the change that causes it.

    `summary` is for people and holds no personal data. `coalesce`: never-attempted deliveries of the same kind
    directly before this one in its lane are superseded by it.
    """
    if not db.in_transaction():
        raise RuntimeError("put() needs an open transaction().")
    now = clock.now()
    delivery = Delivery(
        channel=channel,
        target=target,
        lane=lane,
        kind=kind,
        subject_kind=subject[0],
        subject_id=subject[1],
        payload=dict(payload),
        summary=summary[:LONGEST_SUMMARY],
        key=secrets.token_hex(16),
        state="pending",
        not_before=not_before or now,
        event_id=event_id,
        created_at=now,
    )
    session = db.session()
    session.add(delivery)
    session.flush()
    if coalesce:
        supersede_before(delivery)
    watch.tell(delivery)
    nudge(target)
    return delivery


def supersede_before(delivery: Delivery) -> list[Delivery]:
    """Supersede the untouched deliveries of the same kind that stand directly before `delivery` in its lane."""
    session = db.session()
    waiting = session.scalars(
        select(Delivery)
        .where(
            Delivery.target == delivery.target,
            Delivery.lane == delivery.lane,
            Delivery.settled_at.is_(None),
            Delivery.id < delivery.id,
        )
        .order_by(Delivery.id.desc())
    )
    superseded = []
    for earlier in waiting.all():
        if earlier.kind != delivery.kind or not supersede(
            earlier, reason=f"Superseded by delivery {delivery.id}."
        ):
            break
        superseded.append(earlier)
    return superseded


def supersede(delivery: Delivery, *, reason: str) -> bool:
    """Settle a delivery that nobody has tried yet: a later one says more. False: it was tried, it stays."""
    session = db.session()
    session.flush()
    result = session.execute(
        update(Delivery)
        .where(
            Delivery.id == delivery.id,
            Delivery.state.in_(("pending", "held")),
            Delivery.settled_at.is_(None),
            ~select(Attempt.id).where(Attempt.delivery_id == delivery.id).exists(),
        )
        .values(state="superseded", reason=reason, settled_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    won = isinstance(result, CursorResult) and result.rowcount == 1
    session.refresh(delivery)
    if won:
        watch.tell(delivery)
    return won


def release(target: str) -> None:
    """What is held for `target` is due now: its connection was resumed, its token replaced."""
    roads.lift(target)
    db.session().execute(
        update(Delivery)
        .where(Delivery.target == target, Delivery.state == "held", Delivery.settled_at.is_(None))
        .values(not_before=clock.now())
        .execution_options(synchronize_session=False)
    )
    nudge(target)


def nudge(target: str) -> None:
    """After the commit a worker drains `target`; once per transaction, however often it is asked."""
    if db.first_time(f"drain {target}"):
        enqueue(tasks.drain, target, queue="deliver", road=target)
