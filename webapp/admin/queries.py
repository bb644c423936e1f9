"""Readings for the dashboard and the outbox page, over all packages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select

from webapp.core import clock, db
from webapp.outbox.models import Attempt, Delivery
from webapp.sync.models import Connection, Quarantine, ValueMap
from webapp.tickets.models import Category

# What the dashboard's feed leaves out: it would drown what people do for reporters.
QUIET_TYPES = (
    "user.signed_in",
    "user.signed_out",
    "connection.sync_requested",
    "connection.tested",
)


@dataclass(frozen=True)
class Problems:
    """What waits for a decision, over all connections. Each count links to where it is decided."""

    parked: int
    unmapped: Sequence[tuple[int, str, int]]  # connection id, its name, how many values
    quarantined: Sequence[tuple[int, str, int]]  # connection id, its name, how many records


def problems() -> Problems:
    return Problems(
        parked=count_parked(),
        unmapped=_by_connection(ValueMap, ValueMap.local.is_(None)),
        quarantined=_by_connection(Quarantine, Quarantine.state == "open"),
    )


def count_parked() -> int:
    return db.session().scalar(select(func.count()).where(Delivery.state == "parked")) or 0


def oldest_due() -> timedelta | None:
    """How long the delivery has existed that is longest on its way; parked and held ones do not count."""
    first = db.session().scalar(
        select(func.min(Delivery.created_at)).where(
            Delivery.settled_at.is_(None), Delivery.state.in_(("pending", "sending", "retrying"))
        )
    )
    return clock.now() - first if first else None


def waiting_mails() -> int:
    query = select(func.count()).where(Delivery.channel == "mail", Delivery.settled_at.is_(None))
    return db.session().scalar(query) or 0


def last_mail_failure() -> str:
    """What was said to the last attempt to send a mail, if that failed."""
    last = (
        db.session()
        .execute(
            select(Attempt.outcome, Attempt.message)
            .join(Delivery)
            .where(Delivery.channel == "mail", Attempt.outcome != "")
            .order_by(Attempt.id.desc())
            .limit(1)
        )
        .first()
    )
    failed = last is not None and last.outcome in ("retry", "held", "parked")
    return last.message if failed and last else ""


def connections_by_id() -> dict[int, Connection]:
    rows = db.session().scalars(select(Connection).order_by(Connection.name)).all()
    return {connection.id: connection for connection in rows}


def categories() -> Sequence[Category]:
    """All of them, also those that are no longer offered, in the order of the report form."""
    query = select(Category).order_by(Category.active.desc(), Category.position, Category.name)
    return db.session().scalars(query).all()


def _by_connection(
    table: type[ValueMap | Quarantine], condition: object
) -> list[tuple[int, str, int]]:
    query = (
        select(Connection.id, Connection.name, func.count())
        .join(table, table.connection_id == Connection.id)
        .where(condition)  # type: ignore[arg-type]
        .group_by(Connection.id, Connection.name)
        .order_by(Connection.name)
    )
    return [(row[0], row[1], row[2]) for row in db.session().execute(query)]
