from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import User
from webapp.core.db import Base, BigInt, Keyed, Versioned
from webapp.tickets.clustering.models import Cluster
from webapp.tickets.relating.models import ticket_watcher
from webapp.tickets.states import NORMAL

PHOTO_ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".gif")


class Category(Keyed, Base):
    """What a reporter may choose. Pulled tickets keep their upstream's own word."""

    __tablename__ = "category"

    name: Mapped[str] = mapped_column(String(200), unique=True)
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


ticket_tag = Table(
    "ticket_tag",
    Base.metadata,
    Column("ticket_id", BigInt, ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True),
    Column("tag_id", BigInt, ForeignKey("tag.id", ondelete="CASCADE"), primary_key=True),
    Index("ix_ticket_tag_tag", "tag_id", "ticket_id"),
)

team_member = Table(
    "team_member",
    Base.metadata,
    Column("team_id", BigInt, ForeignKey("team.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", BigInt, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
)


class Tag(Keyed, Base):
    """A label. `key`: the name as it is compared, so that “Pothole” and “pothole” are one."""

    __tablename__ = "tag"

    name: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(80), unique=True)


class Team(Keyed, Base):
    """People who share a queue. One that is not active takes no new tickets."""

    __tablename__ = "team"

    name: Mapped[str] = mapped_column(String(120), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    # What an answer to a finished ticket of it does (inbound.deciding); "": as the mailbox says.
    closed_rule: Mapped[str] = mapped_column(String(10), default="", server_default="")
    closed_days: Mapped[int] = mapped_column(default=14, server_default="14")

    members: Mapped[list[User]] = relationship(secondary=team_member, order_by=User.name)


# The list shows unfinished tickets, in some order: without these SQLite sorts all of them for one page.
UNFINISHED_SQL = "status IN ('open', 'in_progress', 'for_rerouting')"
UNFINISHED_INDEXES = {
    "ix_ticket_unfinished_created": ("created_at", "id"),
    "ix_ticket_unfinished_updated": ("updated_at", "id"),
    "ix_ticket_unfinished_priority": ("priority", "id"),
    "ix_ticket_unfinished_due": ("due_at", "id"),
    "ix_ticket_unfinished_category": ("category", "created_at", "id"),
}


class Ticket(Keyed, Versioned, Base):
    """One case. Text of any length and direction; times in UTC."""

    __tablename__ = "ticket"
    __table_args__ = (
        Index("ix_ticket_created", "created_at", "id"),
        Index("ix_ticket_status_created", "status", "created_at", "id"),
        Index("ix_ticket_category_status", "category", "status", "created_at", "id"),
        Index("ix_ticket_updated", "updated_at", "id"),
        *(
            Index(
                name,
                *columns,
                postgresql_where=text(UNFINISHED_SQL),
                sqlite_where=text(UNFINISHED_SQL),
            )
            for name, columns in UNFINISHED_INDEXES.items()
        ),
        Index("ix_ticket_team", "team_id", "status", "created_at", "id"),
        Index("ix_ticket_cluster", "cluster_id", "created_at", "id"),
        Index("ix_ticket_reported", "reported_at", "id"),
        Index("ix_ticket_cell", "cell", "reported_at"),
        Index("ix_ticket_barangay_reported", "barangay", "reported_at"),
        Index("ix_ticket_barangay_status", "barangay", "status", "created_at", "id"),
        Index("ix_ticket_position", "lat", "lng"),
        Index(
            "ix_ticket_refined",
            *("category", "id", "refined_category"),
            postgresql_where=text("refined_category != ''"),
            sqlite_where=text("refined_category != ''"),
        ),
        Index(
            "ix_ticket_to_compare",
            "id",
            postgresql_where=text("to_compare"),
            sqlite_where=text("to_compare"),
        ),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)  # T-2026-000123
    title: Mapped[str] = mapped_column(String(300))
    description: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(20))  # tickets.states
    # Whether a person set it here: from then on an upstream's status no longer overrides it.
    status_is_ours: Mapped[bool] = mapped_column(default=False)
    category: Mapped[str] = mapped_column(String(200), default="")
    refined_category: Mapped[str] = mapped_column(String(200), default="")
    barangay: Mapped[str] = mapped_column(String(200), default="")
    place: Mapped[str] = mapped_column(Text, default="")
    lat: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    lng: Mapped[Decimal | None] = mapped_column(Numeric(9, 6))
    reporter_name: Mapped[str] = mapped_column(String(200), default="")
    reporter_email: Mapped[str] = mapped_column(String(254), default="")
    reporter_phone: Mapped[str] = mapped_column(String(60), default="")
    follow_token: Mapped[str] = mapped_column(
        String(43), unique=True
    )  # unguessable, in /follow/<token>
    # Where it came from: form, desk (an agent typed it), mail, import or connection:<id>.
    source: Mapped[str] = mapped_column(String(30), default="form", index=True)
    source_name: Mapped[str] = mapped_column(String(120), default="")
    control_number: Mapped[str] = mapped_column(
        String(200), default="", index=True
    )  # the upstream's id
    source_url: Mapped[str] = mapped_column(Text, default="")
    external_status: Mapped[str] = mapped_column(
        String(200), default=""
    )  # upstream's word, as it came
    reported_at: Mapped[datetime]  # when the person reported it, here or upstream
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    first_response_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None] = mapped_column(index=True)
    assignee_id: Mapped[int | None] = mapped_column(
        ForeignKey("user_account.id", ondelete="SET NULL"), index=True
    )
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    priority: Mapped[int] = mapped_column(SmallInteger, default=NORMAL)  # tickets.states
    due_at: Mapped[datetime | None]
    cluster_id: Mapped[int | None] = mapped_column(ForeignKey("cluster.id", ondelete="SET NULL"))
    cell: Mapped[int | None] = mapped_column(BigInteger)  # of lat and lng, tickets.clusters
    answers: Mapped[list[Any] | None]  # to a form's own questions: [question, answer] each
    # Whether it waits to be compared with those around it, for suggestions of clusters.
    to_compare: Mapped[bool] = mapped_column(default=True)
    # The ticket that stands for this one, too, since when, and what its status was before.
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("ticket.id", ondelete="SET NULL"), index=True
    )
    merged_at: Mapped[datetime | None]
    status_before_merge: Mapped[str | None] = mapped_column(String(20))
    # How long the reporter waits; kept by webapp.targets. A deadline stands only while something is awaited of us.
    respond_by: Mapped[datetime | None] = mapped_column(index=True)
    resolve_by: Mapped[datetime | None] = mapped_column(index=True)
    asked_at: Mapped[datetime | None]  # the reporter wrote, and nobody has answered since
    paused_since: Mapped[datetime | None]  # we wait for the reporter, or it is finished
    paused_s: Mapped[int] = mapped_column(default=0)  # open seconds of pauses that are over
    answered_in_time: Mapped[bool | None]
    resolved_in_time: Mapped[bool | None]
    # Guards against a form sent twice: made by the page, unique.
    submission_key: Mapped[str | None] = mapped_column(String(43), unique=True)

    assignee: Mapped[User | None] = relationship()
    cluster: Mapped[Cluster | None] = relationship()
    team: Mapped[Team | None] = relationship()
    tags: Mapped[list[Tag]] = relationship(secondary=ticket_tag, order_by=Tag.key)
    watchers: Mapped[list[User]] = relationship(secondary=ticket_watcher, order_by=User.name)
    responses: Mapped[list[Response]] = relationship(
        back_populates="ticket", order_by="Response.id", foreign_keys="Response.ticket_id"
    )
    notes: Mapped[list[Note]] = relationship(back_populates="ticket", order_by="Note.id")
    attachments: Mapped[list[Attachment]] = relationship(
        back_populates="ticket", order_by="Attachment.id"
    )


class Response(Keyed, Base):
    """A public answer, by staff or by the reporter."""

    __tablename__ = "response"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    author_kind: Mapped[str] = mapped_column(String(20))  # user, reporter, connection
    author_id: Mapped[int | None]
    author_name: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    submission_key: Mapped[str | None] = mapped_column(String(43), unique=True)
    # The merged ticket whose reporter wrote it; the other reporters do not see it.
    via_id: Mapped[int | None] = mapped_column(ForeignKey("ticket.id", ondelete="SET NULL"))

    ticket: Mapped[Ticket] = relationship(
        back_populates="responses", foreign_keys="Response.ticket_id"
    )


class Note(Keyed, Base):
    """Internal. In a table of its own, so that no query for a reporter can fetch one by mistake."""

    __tablename__ = "note"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None]
    author_name: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    submission_key: Mapped[str | None] = mapped_column(String(43), unique=True)

    ticket: Mapped[Ticket] = relationship(back_populates="notes")


class Attachment(Keyed, Base):
    """A photo or file: kept here (`storage_key`) or standing at the upstream (`remote_url`)."""

    __tablename__ = "attachment"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket.id", ondelete="CASCADE"), index=True)
    response_id: Mapped[int | None] = mapped_column(ForeignKey("response.id", ondelete="SET NULL"))
    # Of an internal note: no reporter sees it. It goes with the note, as without it would stand in the report.
    note_id: Mapped[int | None] = mapped_column(ForeignKey("note.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(255))
    content_type: Mapped[str] = mapped_column(String(100))  # as sniffed, not as claimed
    size: Mapped[int | None]  # bytes
    storage_key: Mapped[str | None] = mapped_column(String(64))
    thumb_key: Mapped[str | None] = mapped_column(String(64))  # a small one, of a photo kept here
    remote_url: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]

    ticket: Mapped[Ticket] = relationship(back_populates="attachments")

    @property
    def is_of_report(self) -> bool:
        return self.response_id is None and self.note_id is None

    @property
    def is_remote_photo(self) -> bool:
        """Whether it may be fetched to be shown: a photo by its type or address, not kept here yet."""
        if self.storage_key or not self.remote_url:
            return False
        path = self.remote_url.split("?")[0].lower()
        return self.content_type.startswith("image/") or path.endswith(PHOTO_ENDINGS)


class TicketExport(Keyed, Base):
    """A list of tickets on its way into a sheet that takes too long to wait for. Kept for a week."""

    __tablename__ = "ticket_export"
    __table_args__ = (Index("ix_ticket_export_state", "state", "touched_at"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user_account.id", ondelete="CASCADE"), index=True
    )
    filters: Mapped[dict[str, Any]]
    zone: Mapped[str] = mapped_column(String(60))  # whose clock the times follow
    state: Mapped[str] = mapped_column(String(10), default="waiting")  # tickets.actions.exporting
    attempt: Mapped[int] = mapped_column(SmallInteger, default=0)  # who writes it now
    total: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0)
    size: Mapped[int | None]  # bytes
    created_at: Mapped[datetime]
    touched_at: Mapped[datetime]  # when it last went on; the tick revives what stands still
