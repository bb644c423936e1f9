"""When to leave a road alone that leads nowhere, and when to try it again. Pure; the clock comes in.

Closed: calls go through. Open: none does, so nothing burns its attempts. When the rest is over one call is let
through, the probe: it closes the road again or doubles the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from webapp.core.errors import AppError, RemoteError

IN_A_ROW = 5
REMEMBERED = 20
SHARE = 0.5  # of the remembered ones, once there are that many
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(minutes=30)
PROBE = timedelta(seconds=90)  # longer than the longest call; then another may be the probe

WARN_AFTER, PAUSE_AFTER = timedelta(hours=60), timedelta(hours=120)

_ROAD = ("network", "dns", "tls", "timeout")
GOOD, BAD, PROBING = "+", "-", "?"


@dataclass(frozen=True, slots=True)
class Breaker:
    """`recent`: how the last calls went, oldest first. `trips`: how often it opened since it last closed.
    `open_until`: no call before then; for a probe under way, when it is given up. `failing_since`: the first
    failure since the last success."""

    recent: str = ""
    trips: int = 0
    open_until: datetime | None = None
    failing_since: datetime | None = None


def counts(error: AppError) -> bool:
    """Whether it is the road or the machine at its end, and not what it says about one record."""
    if not isinstance(error, RemoteError):
        return False
    return error.kind in _ROAD or (error.kind == "server" and (error.http_status or 500) >= 500)


def is_open(breaker: Breaker, now: datetime) -> bool:
    return breaker.open_until is not None and now < breaker.open_until


def wants_probe(breaker: Breaker, now: datetime) -> bool:
    """The rest is over: whoever calls next must say so (`probing`) before the call."""
    return breaker.open_until is not None and now >= breaker.open_until


def probing(breaker: Breaker, now: datetime) -> Breaker:
    """One call is let through; the others wait for what comes of it."""
    return replace(breaker, recent=_add(breaker.recent, PROBING), open_until=now + PROBE)


def succeeded(breaker: Breaker) -> Breaker:
    """An answer came. After a rest the past is forgotten, else one bad call would open it again."""
    if breaker.open_until is not None:
        return Breaker(recent=GOOD)
    return replace(breaker, recent=_add(breaker.recent, GOOD), failing_since=None)


def failed(breaker: Breaker, now: datetime) -> Breaker:
    """A call came to nothing. What was under way when it opened makes it no worse."""
    since = breaker.failing_since or now
    was_probe = breaker.recent.endswith(PROBING)
    if breaker.open_until is not None and not was_probe:
        # Open: a straggler. Past its rest: somebody called without saying so, which is as good as a probe.
        if is_open(breaker, now):
            return replace(breaker, failing_since=since)
        was_probe = True
    found = replace(breaker, recent=_add(breaker.recent, BAD), failing_since=since)
    if not was_probe and not _too_many(found.recent):
        return found
    return replace(found, trips=found.trips + 1, open_until=now + rest(found.trips + 1))


def rest(trips: int) -> timedelta:
    """How long it stays open the first, second … time: a minute, doubling to half an hour."""
    return LONGEST if trips > 5 else min(SHORTEST * 2 ** max(trips - 1, 0), LONGEST)


def patience(failing_since: datetime | None, now: datetime) -> str:
    """After so long of nothing but failures: `warn`, then `pause`; empty before that."""
    lasted = now - failing_since if failing_since else timedelta(0)
    if lasted >= PAUSE_AFTER:
        return "pause"
    return "warn" if lasted >= WARN_AFTER else ""


def _too_many(recent: str) -> bool:
    in_a_row = len(recent) - len(recent.rstrip(BAD))
    share = recent.count(BAD) / REMEMBERED
    return in_a_row >= IN_A_ROW or (len(recent) == REMEMBERED and share >= SHARE)


def _add(recent: str, outcome: str) -> str:
    """A probe's mark gives way to how it went."""
    return (recent.removesuffix(PROBING) + outcome)[-REMEMBERED:]
