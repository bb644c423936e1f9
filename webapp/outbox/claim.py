"""The first of a delivery's two transactions: claim it, make its message, write the attempt down.

A worker that dies after it leaves a delivery in `sending` whose lease runs out: the next claim counts that attempt as
interrupted, and the channel is told that it may have had its effect.
"""

from __future__ import annotations

import logging
import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from flask_babel import gettext
from sqlalchemy import CursorResult, select, update

from webapp.core import clock, db
from webapp.core.errors import AppError, Misconfigured, RemoteError
from webapp.outbox import backoff, channels, lanes, outcomes, roads, watch
from webapp.outbox.channels import Channel, Hold, Prepared, Settled
from webapp.outbox.models import Attempt, Delivery

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=90)  # longer than the longest call
# Calls to one target, over all workers: half of the processes of `deliver` (worker.LAYOUT), so that a target which
# begins to hang leaves the others theirs.
MOST_AT_ONCE = 2
SLOW = timedelta(
    seconds=2
)  # a target that takes longer is asked one thing at a time: the workers serve others, too


class Pass(Enum):
    """Why there is nothing to send in this turn."""

    NOTHING_DUE = auto()
    TARGET_HELD = auto()
    NEXT = auto()  # settled, parked or taken by another worker: look again


@dataclass(frozen=True)
class Sending:
    """A claimed delivery, its attempt already committed."""

    delivery_id: int
    attempt_id: int
    lease_token: str
    channel: Channel
    prepared: Prepared


def claim(target: str, *, rng: random.Random) -> Sending | Pass:
    """Claim the next due delivery of `target` and write its attempt."""
    with db.transaction() as session:
        now = clock.now()
        slow = lanes.sending_now(target, now, leased_until=now + LEASE - SLOW)
        if lanes.sending_now(target, now) >= (1 if slow else MOST_AT_ONCE):
            return Pass.NOTHING_DUE
        query = lanes.due(now).where(Delivery.target == target)
        found = session.scalars(query.order_by(Delivery.not_before, Delivery.id).limit(1)).first()
        if found is None:
            return Pass.NOTHING_DUE
        was = found.state
        token = secrets.token_hex(16)
        if not _win(found, token=token, now=now):
            return Pass.NEXT
        if was == "sending" and _interrupted(found, rng=rng):
            return Pass.NEXT
        return _start(found, token=token, was=was, rng=rng)


def _win(delivery: Delivery, *, token: str, now: datetime) -> bool:
    """Compare and set: of two workers that saw the same row, one gets it."""
    session = db.session()
    lease = Delivery.lease_token
    result = session.execute(
        update(Delivery)
        .where(
            Delivery.id == delivery.id,
            Delivery.state == delivery.state,
            Delivery.settled_at.is_(None),
            Delivery.not_before <= now,
            lease.is_(None) if delivery.lease_token is None else lease == delivery.lease_token,
        )
        .values(state="sending", lease_token=token, lease_until=now + LEASE, not_before=now + LEASE)
        .execution_options(synchronize_session=False)
    )
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        return False
    session.refresh(delivery)
    return True


def _interrupted(delivery: Delivery, *, rng: random.Random) -> bool:
    """Close the attempt that a dead worker left open. True when it was the last one allowed."""
    outcomes.close_interrupted(delivery)
    if delivery.attempt_count < backoff.MOST_ATTEMPTS:
        return False
    error = RemoteError(
        gettext("The last of %(n)s attempts was interrupted.", n=delivery.attempt_count),
        kind="interrupted",
    )
    _conclude(delivery, error, rng=rng)
    return True


def _start(delivery: Delivery, *, token: str, was: str, rng: random.Random) -> Sending | Pass:
    made = _prepare(delivery)
    if isinstance(made, (Settled, Hold, RemoteError)):
        if isinstance(made, RemoteError):
            delivery.attempt_count += 1
        _conclude(delivery, made, rng=rng)
        held = isinstance(made, Hold) and made.whole_target
        return Pass.TARGET_HELD if held else Pass.NEXT
    channel, prepared = made
    if was == "held":
        _unhold(delivery)
    delivery.attempt_count += 1
    delivery.reason = ""
    attempt = Attempt(
        delivery_id=delivery.id,
        n=max((a.n for a in delivery.attempts), default=0) + 1,
        started_at=clock.now(),
        request=prepared.request,
    )
    delivery.attempts.append(attempt)
    db.session().flush()
    watch.tell(delivery)
    return Sending(delivery.id, attempt.id, token, channel, prepared)


def _prepare(delivery: Delivery) -> tuple[Channel, Prepared] | Settled | Hold | RemoteError:
    channel = channels.find(delivery.channel)
    if channel is None:
        return Hold(
            gettext("This desk has no channel “%(name)s”.", name=delivery.channel),
            whole_target=False,
        )
    unsure = any(a.ambiguous for a in delivery.attempts)
    try:
        roads.check_open(delivery.target)
        with db.session().begin_nested():
            prepared = channel.prepare(delivery, unsure=unsure)
            if isinstance(prepared, Prepared):
                roads.enter(delivery.target)
    except (Hold, RemoteError) as answer:
        return answer
    except Misconfigured as error:
        return Hold(error.message)
    except AppError as error:
        return RemoteError(error.message, kind="rejected")
    except Exception as error:  # noqa: BLE001 - one broken delivery must not stop the others; it is parked and logged
        log.error("delivery %s could not be prepared: %s", delivery.id, outcomes.where(error))
        return RemoteError(outcomes.our_fault(error), kind="internal")
    return prepared if isinstance(prepared, Settled) else (channel, prepared)


def _conclude(delivery: Delivery, outcome: channels.Outcome, *, rng: random.Random) -> None:
    """Close a claimed delivery for which no call is made."""
    delivery.lease_token = delivery.lease_until = None
    outcomes.apply(delivery, outcome, rng=rng)


def _unhold(delivery: Delivery) -> None:
    """The target is open again: those that waited with this one no longer say that they are held."""
    ever_tried = select(Attempt.id).where(Attempt.delivery_id == Delivery.id).exists()
    for state, condition in (("retrying", ever_tried), ("pending", ~ever_tried)):
        held = lanes.unlocked(
            Delivery.target == delivery.target,
            Delivery.state == "held",
            Delivery.not_before <= clock.now(),
            condition,
        )
        db.session().execute(
            update(Delivery)
            .where(Delivery.id.in_(held))
            .values(state=state, reason="")
            .execution_options(synchronize_session=False)
        )
