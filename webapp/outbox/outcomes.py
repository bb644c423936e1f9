"""What an outcome makes of a delivery: its state, its reason, its next time, and who is told."""

from __future__ import annotations

import random
import traceback
from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import update

from webapp.core import clock, db
from webapp.core.errors import RemoteError
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.outbox import backoff, channels, lanes, watch
from webapp.outbox.channels import Answer, Cancelled, Gone, Hold, Outcome, Settled
from webapp.outbox.events import DeliveryParked
from webapp.outbox.models import FINAL_STATES, Delivery

LOOK_AGAIN = timedelta(seconds=60)  # at what is held, unless it says when


def apply(delivery: Delivery, outcome: Outcome, *, rng: random.Random) -> None:
    """Set the delivery's state, then let its channel write its own rows. In a transaction that owns the delivery."""
    now = clock.now()
    match outcome:
        case Answer():
            _settle(delivery, "sent", outcome.how, now=now)
            delivery.answer = outcome.keep
        case Settled():
            _settle(delivery, outcome.state, outcome.reason, now=now)
        case Cancelled() | Gone():
            _settle(delivery, "cancelled", outcome.reason, now=now)
        case Hold():
            _hold(delivery, outcome, now=now)
        case RemoteError():
            _failed(delivery, outcome, now=now, rng=rng)
    db.session().flush()
    channel = channels.find(delivery.channel)
    if channel is not None:
        channel.settle(delivery, outcome)
    if delivery.state == "parked":
        record(
            DeliveryParked(
                subject_id=delivery.id, summary=delivery.summary, reason=delivery.reason
            ),
            actor=SYSTEM,
        )
    watch.tell(delivery)


def close_interrupted(delivery: Delivery) -> None:
    """Say of the attempt that a dead worker left open what is known of it."""
    for attempt in delivery.attempts:
        if not attempt.outcome:
            attempt.outcome = "interrupted"
            attempt.ambiguous = True
            attempt.message = gettext(
                "The worker stopped before an answer came; it may have arrived."
            )


def where(error: Exception) -> str:
    """The type of an unexpected error and the line it came from; its text may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown place"
    return f"{type(error).__name__} at {place}"


def our_fault(error: Exception) -> str:
    name = type(error).__name__
    return str(gettext("The desk itself failed (%(name)s); its log says where.", name=name))


def _settle(delivery: Delivery, state: str, reason: str, *, now: datetime) -> None:
    if state not in FINAL_STATES:
        raise ValueError(f"{state!r} is no final state.")
    delivery.state = state
    delivery.reason = reason
    delivery.settled_at = now


def _hold(delivery: Delivery, hold: Hold, *, now: datetime) -> None:
    until = hold.until if hold.until and hold.until > now else now + LOOK_AGAIN
    delivery.state = "held"
    delivery.reason = hold.message
    delivery.not_before = until
    if hold.whole_target:
        hold_target(delivery.target, hold.message, until=until)


def hold_target(target: str, reason: str, *, until: datetime) -> None:
    """Everything that waits for `target` waits until then and says why. What is being sent now is left alone."""
    waiting = lanes.unlocked(
        Delivery.target == target,
        Delivery.state.in_(("pending", "retrying", "held")),
        Delivery.not_before < until,
    )
    db.session().execute(
        update(Delivery)
        .where(Delivery.id.in_(waiting))
        .values(state="held", reason=reason, not_before=until)
        .execution_options(synchronize_session=False)
    )


def _failed(delivery: Delivery, error: RemoteError, *, now: datetime, rng: random.Random) -> None:
    verdict = backoff.judge(error, attempts=delivery.attempt_count, rng=rng)
    delivery.reason = f"{error.message} {error.advice}".strip()
    delivery.state = "retrying" if verdict.step == backoff.RETRY else "parked"
    delivery.not_before = now + timedelta(seconds=verdict.wait_s)
