"""What can have happened to a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class ConnectionFact(Fact):
    subject_kind: ClassVar[str] = "connection"
    internal: ClassVar[bool] = True
    name: str


@dataclass(frozen=True, kw_only=True)
class ConnectionCreated(ConnectionFact):
    type: ClassVar[str] = "connection.created"
    kind: str


@dataclass(frozen=True, kw_only=True)
class ConnectionEdited(ConnectionFact):
    """`changes`: setting → [old, new]; a replaced token appears as its last four characters."""

    type: ClassVar[str] = "connection.edited"
    changes: dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class ConnectionPaused(ConnectionFact):
    """By a person, or by the desk when the token is refused or too much went wrong."""

    type: ClassVar[str] = "connection.paused"
    state: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ConnectionResumed(ConnectionFact):
    type: ClassVar[str] = "connection.resumed"


@dataclass(frozen=True, kw_only=True)
class SyncRequested(ConnectionFact):
    type: ClassVar[str] = "connection.sync_requested"


@dataclass(frozen=True, kw_only=True)
class ValueMapped(ConnectionFact):
    type: ClassVar[str] = "connection.value_mapped"
    field: str
    upstream: str
    local: str


@dataclass(frozen=True, kw_only=True)
class QuarantineRetried(ConnectionFact):
    """Records that could not be read were read again: so many became tickets, so many are still wrong."""

    type: ClassVar[str] = "connection.quarantine_retried"
    solved: int
    wrong: int


@dataclass(frozen=True, kw_only=True)
class QuarantineIgnored(ConnectionFact):
    """Somebody decided to leave these records out."""

    type: ClassVar[str] = "connection.quarantine_ignored"
    records: int


@dataclass(frozen=True, kw_only=True)
class SyncFailed(ConnectionFact):
    """The first failed run of an incident; further ones only add to `failures`."""

    type: ClassVar[str] = "connection.sync_failed"
    run_id: int
    error_kind: str
    error: str


@dataclass(frozen=True, kw_only=True)
class SyncRecovered(ConnectionFact):
    type: ClassVar[str] = "connection.sync_recovered"
    run_id: int
    failures: int


@dataclass(frozen=True, kw_only=True)
class TokenFellBack(ConnectionFact):
    """The new token was refused, the one before it was not and is used as long as it is kept."""

    type: ClassVar[str] = "connection.token_fell_back"
    last4: str
    until: str


@dataclass(frozen=True, kw_only=True)
class TokenForgotten(ConnectionFact):
    """Somebody had the replaced token deleted before its day was over."""

    type: ClassVar[str] = "connection.token_forgotten"


@dataclass(frozen=True, kw_only=True)
class TokenExpires(ConnectionFact):
    """The token's own word; told once at each mark. `days`: 7, 1, or 0 when it has expired."""

    type: ClassVar[str] = "connection.token_expires"
    days: int
    at: str


@dataclass(frozen=True, kw_only=True)
class ConnectionFailing(ConnectionFact):
    """Days of nothing but failures. `way`: pull or push; `hours` so far. At the last mark the desk pauses it."""

    type: ClassVar[str] = "connection.failing"
    way: str
    hours: int


@dataclass(frozen=True, kw_only=True)
class SyncStillFailing(ConnectionFact):
    """The second failed run in a row: no stumble any more."""

    type: ClassVar[str] = "connection.sync_still_failing"
    run_id: int
    error_kind: str
    error: str
    advice: str


@dataclass(frozen=True, kw_only=True)
class LargeImport(ConnectionFact):
    """One run brought more new tickets than the desk expects."""

    type: ClassVar[str] = "connection.large_import"
    run_id: int
    created: int


@dataclass(frozen=True, kw_only=True)
class StatusPushed(Fact):
    """The upstream has taken our status; stands in the ticket's history as the other side's half."""

    type: ClassVar[str] = "ticket.status_pushed"
    subject_kind: ClassVar[str] = "ticket"
    internal: ClassVar[bool] = True
    connection: str
    status: str
    delivery_id: int
    how: str  # sent, confirmed by reading, nothing to do


@dataclass(frozen=True, kw_only=True)
class StatusPushParked(Fact):
    type: ClassVar[str] = "ticket.status_push_parked"
    subject_kind: ClassVar[str] = "ticket"
    internal: ClassVar[bool] = True
    connection: str
    status: str
    delivery_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class UpstreamStateChanged(Fact):
    """The upstream withdrew its record, lost it, or lists it again. Our ticket stays as it is."""

    type: ClassVar[str] = "ticket.upstream_state_changed"
    subject_kind: ClassVar[str] = "ticket"
    internal: ClassVar[bool] = True
    connection: str
    state: str  # linked, withdrawn, gone
