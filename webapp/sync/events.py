"""What can have happened to a connection."""

from __future__ import annotations

from dataclasses import dataclass, field
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
class MappingSaved(ConnectionFact):
    """A new version of how its records are read and written. `how`: edited, imported, rolled_back."""

    type: ClassVar[str] = "connection.mapping_saved"
    number: int
    how: str
    diff: str


@dataclass(frozen=True, kw_only=True)
class MappingApplied(ConnectionFact):
    """The stored records were read by the present mapping, without a fetch; so many of ours followed."""

    type: ClassVar[str] = "connection.mapping_applied"
    records: int
    updated: int


@dataclass(frozen=True, kw_only=True)
class DryRunDone(ConnectionFact):
    """Everything was read and nothing was changed."""

    type: ClassVar[str] = "connection.dry_run_done"
    state: str
    records: int


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
    """Records that could not be read were read again: so many became records of ours, so many are still wrong."""

    type: ClassVar[str] = "connection.quarantine_retried"
    solved: int
    wrong: int


@dataclass(frozen=True, kw_only=True)
class QuarantineIgnored(ConnectionFact):
    """Somebody decided to leave these records out."""

    type: ClassVar[str] = "connection.quarantine_ignored"
    records: int
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class RereadRequested(ConnectionFact):
    """The next pull reads anew what changed since then; everything where `since` is empty."""

    type: ClassVar[str] = "connection.reread_requested"
    since: str


@dataclass(frozen=True, kw_only=True)
class ReconcileStarted(ConnectionFact):
    """`extent`: all or open records."""

    type: ClassVar[str] = "connection.reconcile_started"
    extent: str


@dataclass(frozen=True, kw_only=True)
class ReconcileStopped(ConnectionFact):
    type: ClassVar[str] = "connection.reconcile_stopped"
    reason: str


@dataclass(frozen=True, kw_only=True)
class Reconciled(ConnectionFact):
    """A comparison has ended: so many records compared, so many differences found."""

    type: ClassVar[str] = "connection.reconciled"
    compared: int
    drift: int


@dataclass(frozen=True, kw_only=True)
class RecordRepaired(ConnectionFact):
    """A record that one side lacked. `how`: created here, marked as gone, left as it is."""

    type: ClassVar[str] = "connection.record_repaired"
    external_id: str
    how: str


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
class ConnectionTested(ConnectionFact):
    """Somebody had an upstream asked with a token. `subject_id` 0: nothing was saved yet, `name` is its host."""

    type: ClassVar[str] = "connection.tested"
    host: str
    outcome: str  # ok, or the kind of failure


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
    """One run brought more new records than the desk expects. `kinds`: how many of each kind of ours."""

    type: ClassVar[str] = "connection.large_import"
    run_id: int
    created: int
    kinds: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class RecordFact(Fact):
    """Of a record of ours that an upstream has as well. `subject_kind`: what kind of record (sync.subjects)."""

    internal: ClassVar[bool] = True
    subject_kind: str = field()  # type: ignore[misc] # of each fact, where others have one a type


@dataclass(frozen=True, kw_only=True)
class RecordPushed(RecordFact):
    """The upstream has taken our values; stands in the record's history as the other side's half."""

    type: ClassVar[str] = "record.pushed"
    connection: str
    values: dict[str, str | None]  # by field
    delivery_id: int
    how: str  # sent, confirmed by reading, nothing to do


@dataclass(frozen=True, kw_only=True)
class PushRequested(RecordFact):
    """Somebody had our present values sent, though nothing had changed."""

    type: ClassVar[str] = "record.push_requested"
    connection: str
    call: str  # of the declaration
    delivery_id: int


@dataclass(frozen=True, kw_only=True)
class PushParked(RecordFact):
    type: ClassVar[str] = "record.push_parked"
    connection: str
    values: dict[str, str | None]
    delivery_id: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class UpstreamStateChanged(RecordFact):
    """The upstream withdrew its record, lost it, or lists it again. Ours stays as it is."""

    type: ClassVar[str] = "record.upstream_state_changed"
    connection: str
    state: str  # linked, withdrawn, gone


@dataclass(frozen=True, kw_only=True)
class FieldDecided(RecordFact):
    """Both sides held a value of their own; somebody said which one counts. `kept`: local or upstream."""

    type: ClassVar[str] = "record.field_decided"
    connection: str
    field: str
    kept: str
    changes: dict[str, list[str | None]]  # field → [the value given up, the value kept]


@dataclass(frozen=True, kw_only=True)
class UpstreamAskedAgain(RecordFact):
    """The next pull looks for a record that was gone or withdrawn."""

    type: ClassVar[str] = "record.asked_again"
    connection: str


@dataclass(frozen=True, kw_only=True)
class RecordUnlinked(RecordFact):
    """Our record goes on as ours alone."""

    type: ClassVar[str] = "record.unlinked"
    connection: str
    external_id: str
