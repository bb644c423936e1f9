"""The one loop that sends: claim (a transaction), call (none open), close (a transaction). At least once, in order
within a lane; two loops on one target share the lanes and never a delivery."""

from __future__ import annotations

import logging
import random
import time

from sqlalchemy import CursorResult, update

from webapp.core import db, slow
from webapp.core.errors import RemoteError
from webapp.outbox import outcomes, roads
from webapp.outbox.channels import Answer, Gone, Hold
from webapp.outbox.claim import Pass, Sending, claim
from webapp.outbox.models import Attempt, Delivery

log = logging.getLogger(__name__)

MOST_AT_A_TIME = 200  # deliveries per task
BUDGET_S = 300.0  # per task
LONGEST_ANSWER = 2048

_rng = random.SystemRandom()  # a forked worker must not repeat its brother's jitter


def drain(target: str, *, rng: random.Random = _rng) -> bool:
    """Send what is due for `target`, lowest of each lane first. True: its turn ended before the work did, since the
    budget is spent or a call took so long that others must have theirs."""
    end = time.monotonic() + BUDGET_S
    for _ in range(MOST_AT_A_TIME):
        if time.monotonic() > end:
            return True
        claimed = claim(target, rng=rng)
        if isinstance(claimed, Sending):
            outcome, seconds = _send_and_close(claimed, rng=rng)
            took_long = slow.note(target, seconds)
            if isinstance(outcome, Hold) and outcome.whole_target:
                return False
            if took_long:
                return True
        elif claimed is not Pass.NEXT:
            return False
    return True


def _send_and_close(
    sending: Sending, *, rng: random.Random
) -> tuple[Answer | Gone | Hold | RemoteError, float]:
    """What came of the call, and the seconds that it took."""
    started = time.monotonic()
    outcome = _call(sending)
    seconds = time.monotonic() - started
    try:
        _close(sending, outcome, took_ms=round(seconds * 1000), rng=rng)
    except Exception as error:  # noqa: BLE001 - it stays in `sending`, its lease runs out, and it is looked at again
        log.error("delivery %s could not be closed: %s", sending.delivery_id, outcomes.where(error))
    return outcome, seconds


def _call(sending: Sending) -> Answer | Gone | Hold | RemoteError:
    try:
        return sending.channel.send(sending.prepared)
    except (Hold, RemoteError) as answer:
        return answer
    except Exception as error:  # noqa: BLE001 - logged, shown and retried: a later version may know better
        log.error("delivery %s: %s", sending.delivery_id, outcomes.where(error))
        return RemoteError(
            outcomes.our_fault(error), kind="internal", retryable=True, ambiguous=True
        )


def _close(
    sending: Sending,
    outcome: Answer | Gone | Hold | RemoteError,
    *,
    took_ms: int,
    rng: random.Random,
) -> None:
    """Attempt, delivery and the channel's rows together, unless the lease was lost meanwhile: then nothing."""
    with db.transaction() as session:
        result = session.execute(
            update(Delivery)
            .where(Delivery.id == sending.delivery_id, Delivery.lease_token == sending.lease_token)
            .values(lease_token=None, lease_until=None)
            .execution_options(synchronize_session=False)
        )
        if not isinstance(result, CursorResult) or result.rowcount != 1:
            log.warning(
                "delivery %s was taken over; this answer comes too late", sending.delivery_id
            )
            return
        delivery = session.get_one(Delivery, sending.delivery_id, populate_existing=True)
        if isinstance(outcome, Hold):
            delivery.attempt_count -= 1  # waiting is no failure
        outcomes.apply(delivery, outcome, rng=rng)
        _write(
            session.get_one(Attempt, sending.attempt_id),
            outcome,
            delivery=delivery,
            took_ms=took_ms,
        )
        roads.note(delivery.target, outcome)


def _write(
    attempt: Attempt,
    outcome: Answer | Gone | Hold | RemoteError,
    *,
    delivery: Delivery,
    took_ms: int,
) -> None:
    attempt.duration_ms = took_ms
    attempt.outcome = {"retrying": "retry"}.get(delivery.state, delivery.state)
    match outcome:
        case Answer():
            attempt.status = outcome.status
            attempt.answer = _cut(outcome.text)
            attempt.message = outcome.how
        case Gone():
            attempt.status = outcome.status
            attempt.message = outcome.reason
        case Hold():
            attempt.message = outcome.message
        case RemoteError():
            attempt.status = outcome.http_status
            attempt.answer = _cut(outcome.body.decode("utf-8", "replace"))
            attempt.message = outcome.message
            attempt.ambiguous = outcome.ambiguous


def _cut(text: str) -> str:
    """What a database takes (PostgreSQL refuses NUL), and no more than a person reads."""
    return text[:LONGEST_ANSWER].replace("\x00", "�")
