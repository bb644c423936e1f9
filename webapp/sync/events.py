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
