"""Ways out of the building. Each is one object with three steps; `deliver` runs them and keeps the books.

1. `prepare(delivery, unsure=…)` inside the claiming transaction: reads rows, makes the message, calls nobody.
2. `send(prepared)` with no transaction open: makes the call and touches no row.
3. `settle(delivery, outcome)` inside the closing transaction: writes the channel's own rows. `delivery.state`
   already says what became of it (sent, retrying, held, parked, cancelled), `delivery.reason` why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from webapp.core.errors import AppError, RemoteError
from webapp.outbox.models import Delivery


@dataclass(frozen=True)
class Prepared:
    """A message ready to go. `request` is kept in the attempt and shown: redacted, JSON only."""

    call: Any  # what `send` needs; plain values, no rows
    request: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Settled:
    """Nothing needs to leave, say because the upstream already agrees. No attempt is made or counted.

    `state` is sent, superseded or cancelled.
    """

    reason: str
    state: str = "sent"


@dataclass(frozen=True)
class Answer:
    """The other side took it. `text`: the first 2 kB of what it said, redacted; `keep` becomes delivery.answer.

    `how` is shown when it is not plain sending, e.g. "confirmed by reading".
    """

    status: int | None = None
    text: str = ""
    how: str = ""
    keep: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cancelled:
    """A person gave it up."""

    reason: str


@dataclass(frozen=True)
class Gone:
    """Whom it was for is no longer there, for good: cancelled, and nobody needs to decide. `status`: what said so."""

    reason: str
    status: int | None = None


class Hold(AppError):
    """It cannot leave now and trying would be no attempt: not configured, paused, asked to wait, token refused.

    `until`: when to look again (None: in a minute). `whole_target`: everything for this target waits with it,
    else only this delivery's lane. Raised by `prepare` or by `send`.
    """

    status = 503
    code = "hold"

    def __init__(
        self, message: str, *, until: datetime | None = None, whole_target: bool = True
    ) -> None:
        super().__init__(message)
        self.until = until
        self.whole_target = whole_target


Outcome = Answer | Gone | Settled | Hold | RemoteError | Cancelled


class Channel(Protocol):
    name: str

    def prepare(self, delivery: Delivery, *, unsure: bool) -> Prepared | Settled:
        """`unsure`: an earlier attempt of this revision may have had its effect (no answer, 5xx, a killed worker),
        so whoever cannot repeat it safely must look first. Raises Hold; RemoteError to park or retry."""

    def send(self, prepared: Prepared) -> Answer | Gone:
        """Raises RemoteError (`retryable`, `ambiguous`, `retry_after` say what follows) or Hold."""

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        """Called once per attempt's end, and for Settled, Hold and Cancelled."""


_channels: dict[str, Channel] = {}
_offered: dict[str, Callable[[], Channel]] = {}


def offer(name: str, bring: Callable[[], Channel]) -> None:
    """create_app names each channel once; the first who looks for it brings it."""
    _offered[name] = bring
    _channels.pop(name, None)


def register(channel: Channel) -> None:
    """One that is made; a second one of the same name takes its place."""
    _channels[channel.name] = channel


def find(name: str) -> Channel | None:
    if name not in _channels and name in _offered:
        register(_offered[name]())
    return _channels.get(name)
