from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, BigInt, Keyed, Versioned
from webapp.events.types import Actor

EVERYTHING = datetime(1970, 1, 1, tzinfo=UTC)  # as Connection.reread_from
INTERVALS = (1, 2, 5, 10, 15, 30, 60)  # minutes


class Connection(Keyed, Versioned, Base):
    """A configured upstream. Its clock, its lease and its place in the pull stand here, in SQL."""

    __tablename__ = "connection"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(40))  # a connector of the registry
    shape: Mapped[str] = mapped_column(
        String(40), default=""
    )  # which of its shapes the probe picked
    declaration: Mapped[dict[str, Any] | None]  # an edited declaration; None: the registry's
    base_url: Mapped[str] = mapped_column(Text)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)  # e.g. jurisdiction_id, time zone
    allow_http: Mapped[bool] = mapped_column(default=False)
    account: Mapped[str] = mapped_column(String(200), default="")  # whom the token belongs to
    interval_minutes: Mapped[int] = mapped_column(default=5)
    overlap_minutes: Mapped[int] = mapped_column(default=15)
    push_enabled: Mapped[bool] = mapped_column(default=True)

    state: Mapped[str] = mapped_column(
        String(20), default="active"
    )  # active, paused, auth_error, degraded
    reason: Mapped[str] = mapped_column(Text, default="")  # why it is not active, for people
    next_pull_at: Mapped[datetime | None] = mapped_column(index=True)
    not_before: Mapped[datetime | None]  # the upstream asked us to wait; pull and push obey
    lease_token: Mapped[str | None] = mapped_column(String(40))
    lease_until: Mapped[datetime | None]
    cursor: Mapped[dict[str, Any]] = mapped_column(default=dict)  # where an unfinished pull goes on
    watermark: Mapped[datetime | None]  # newest update applied in a fully drained window
    fetch_seq: Mapped[int] = mapped_column(default=0)  # grows with each page asked for
    failures: Mapped[int] = mapped_column(default=0)  # failed runs in a row
    skew_seconds: Mapped[float | None]  # their clock minus ours
    last_success_at: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]
    # Somebody asked to read anew from here (1970: everything); forgotten when such a pull has ended well.
    reread_from: Mapped[datetime | None]
    created_at: Mapped[datetime]

    runs: Mapped[list[Run]] = relationship(
        back_populates="connection", order_by="Run.id.desc()", lazy="select"
    )

    @property
    def actor(self) -> Actor:
        return Actor("connection", self.id, self.name)

    @property
    def target(self) -> str:
        """The outbox target that sends to this upstream."""
        return f"connection:{self.id}"

    @property
    def pull_road(self) -> str:
        """The name under which outbox.roads remembers how its pulls went."""
        return road_of(self.id)


def road_of(connection_id: int) -> str:
    return f"pull:{connection_id}"


class ConnectionSecret(Keyed, Base):
    """A token, sealed for one connection and host. The newest that is not retired is used."""

    __tablename__ = "connection_secret"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), index=True
    )
    sealed: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(String(255))
    last4: Mapped[str] = mapped_column(String(4))
    expires_at: Mapped[datetime | None]
    warned_days: Mapped[int | None]  # the last mark before its end at which admins were told
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(200))
    refused_at: Mapped[datetime | None]  # since when the one before it stands in for it
    retired_at: Mapped[datetime | None]  # replaced; kept a day as fall-back


class Run(Keyed, Base):
    """One execution of a pull. fetched = created + updated + unchanged + deferred + skipped + quarantined."""

    __tablename__ = "sync_run"
    __table_args__ = (
        Index("ix_sync_run_connection", "connection_id", "id"),
        Index("ix_sync_run_started", "connection_id", "started_at"),
        Index("ix_sync_run_state", "connection_id", "state", "id"),
        Index("ix_sync_run_trigger", "connection_id", "trigger", "id"),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    trigger: Mapped[str] = mapped_column(String(20))  # schedule, manual, resume
    state: Mapped[str] = mapped_column(String(20))  # running, ok, partial, failed
    token: Mapped[str] = mapped_column(String(40))  # the lease under which it writes
    since: Mapped[datetime | None]
    until: Mapped[datetime | None]
    cursor_before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cursor_after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    pages: Mapped[int] = mapped_column(default=0)
    fetched: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    deferred: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    total_hint: Mapped[int | None]
    requests: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(default=0)
    waited_s: Mapped[float] = mapped_column(default=0.0)
    error_kind: Mapped[str] = mapped_column(String(30), default="")  # RemoteError.kind, or our own
    error: Mapped[str] = mapped_column(Text, default="")  # for people
    advice: Mapped[str] = mapped_column(Text, default="")
    warnings: Mapped[list[Any]] = mapped_column(default=list)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    connection: Mapped[Connection] = relationship(back_populates="runs")


class Link(Keyed, Base):
    """Our record ↔ theirs, with the last agreed values. Its uniqueness is what prevents a second ticket."""

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("connection_id", "kind", "external_id"),
        UniqueConstraint("connection_id", "local_kind", "local_id"),
        Index("ix_link_local", "local_kind", "local_id"),
        Index(
            "ix_link_missing",
            "local_kind",
            "local_id",
            postgresql_where=text("state IN ('gone', 'withdrawn')"),
            sqlite_where=text("state IN ('gone', 'withdrawn')"),
        ),
        Index(
            "ix_link_children_due",
            "connection_id",
            "id",
            postgresql_where=text("children_due"),
            sqlite_where=text("children_due"),
        ),
    )

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(30), default="report")
    external_id: Mapped[str] = mapped_column(String(200))
    local_kind: Mapped[str] = mapped_column(String(30), default="ticket")
    local_id: Mapped[int]
    payload_hash: Mapped[str] = mapped_column(String(64))
    # Of the record as it came: while this stays the same there is no need to look any further.
    raw_hash: Mapped[str] = mapped_column(String(64), default="")
    payload: Mapped[dict[str, Any] | None]  # raw, as it came last
    base: Mapped[dict[str, Any]]  # local field → value last agreed, canonical
    upstream_version: Mapped[str | None] = mapped_column(String(80))
    upstream_updated_at: Mapped[datetime | None]
    applied_fetch_seq: Mapped[int] = mapped_column(default=0)
    last_push_seq: Mapped[int] = mapped_column(
        default=0
    )  # fetch_seq of the connection when we last pushed
    sent_values: Mapped[dict[str, Any]] = mapped_column(
        default=dict
    )  # local field → values sent and not yet seen back
    upstream_open: Mapped[bool] = mapped_column(
        default=True, index=True
    )  # to be re-polled where there is no since
    state: Mapped[str] = mapped_column(String(20), default="linked")  # linked, gone, withdrawn
    last_seen_run_id: Mapped[int | None]
    reread: Mapped[bool] = mapped_column(
        default=False, index=True
    )  # deferred: fetch by id in the next run
    # The link of the record that this one belongs to, there: the bordereau of a bulletin.
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("link.id", ondelete="CASCADE"), index=True
    )
    children_due: Mapped[bool] = mapped_column(default=False)  # it changed: read its children anew
    missing_since: Mapped[datetime | None]  # complete lists leave it out since then
    checked_id: Mapped[int | None]  # the last comparison (sync.reconcile) that has seen it there
    pushed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Quarantine(Keyed, Base):
    """A record that could not be applied: reason and payload, until it succeeds or a person decides."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("connection_id", "kind", "external_id"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    run_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(String(30), default="report")
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("link.id", ondelete="CASCADE"), index=True
    )
    external_id: Mapped[str] = mapped_column(
        String(200)
    )  # or a hash of the payload where it has none
    payload: Mapped[Any] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20), default="open")  # open, solved, ignored
    note: Mapped[str] = mapped_column(Text, default="")  # why somebody left it out
    decided_by: Mapped[str] = mapped_column(String(200), default="")
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=1)


class RunProblem(Base):
    """Which records a run could not apply, and why then; the record itself stands in the quarantine."""

    __tablename__ = "sync_run_problem"

    run_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("sync_run.id", ondelete="CASCADE"), primary_key=True
    )
    quarantine_id: Mapped[int] = mapped_column(
        BigInt, ForeignKey("quarantine.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    reason: Mapped[str] = mapped_column(Text)


class ValueMap(Keyed, Base):
    """An upstream value of one field and ours. `local` None: nobody mapped it yet; it is listed for the admin."""

    __tablename__ = "value_map"
    __table_args__ = (UniqueConstraint("connection_id", "field", "upstream"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(String(80))  # bulletin.status: of a child
    upstream: Mapped[str] = mapped_column(String(200))
    local: Mapped[str | None] = mapped_column(String(200))
    first_seen_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=0)
    sample_external_id: Mapped[str] = mapped_column(String(200), default="")


class Conflict(Keyed, Base):
    """Both sides changed one field: both values are kept, whoever won."""

    __tablename__ = "conflict"
    __table_args__ = (
        Index(
            "ix_conflict_open",
            "link_id",
            postgresql_where=text("decision = ''"),
            sqlite_where=text("decision = ''"),
        ),
    )

    link_id: Mapped[int] = mapped_column(ForeignKey("link.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(40))
    # Canonical (sync.values), so that the one which is decided for can be taken as it is.
    base: Mapped[Any] = mapped_column(JSON)
    local: Mapped[Any] = mapped_column(JSON)
    upstream: Mapped[Any] = mapped_column(JSON)
    decision: Mapped[str] = mapped_column(String(20))  # local, upstream; empty: a person is asked
    decided_by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
