"""Who may pull a connection now. One conditional UPDATE decides; its random token fences every later write."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Update, bindparam, or_, select, update
from sqlalchemy.orm import Session

from webapp.sync.models import Connection

LEASE = timedelta(seconds=90)
PULLABLE = ("active", "degraded")


class Fenced(Exception):
    """The lease is another's by now: whoever holds this error stops and writes nothing more."""


def claim(session: Session, connection_id: int, *, now: datetime) -> str | None:
    """A new lease's token; None when nothing is due, the connection rests, waits as asked, or is being pulled.

    That it must be due makes a task that was queued twice harmless.
    """
    token = secrets.token_hex(16)
    won = session.execute(
        update(Connection)
        .where(
            Connection.id == connection_id,
            Connection.state.in_(PULLABLE),
            Connection.next_pull_at <= now,
            or_(Connection.lease_token.is_(None), Connection.lease_until <= now),
            or_(Connection.not_before.is_(None), Connection.not_before <= now),
        )
        .values(lease_token=token, lease_until=now + LEASE, last_attempt_at=now)
        .execution_options(synchronize_session=False)
    )
    return token if _rows(won) == 1 else None


def hold(session: Session, connection_id: int, token: str, *, now: datetime, **values: Any) -> None:
    """Extend the lease and write `values` of the connection with it.

    Raises Fenced when the lease is lost or somebody paused the connection.
    """
    session.flush()
    values |= {"lease_until": now + LEASE}
    given = {f"new_{name}": value for name, value in values.items()}
    given |= {"its_id": connection_id, "its_token": token}
    if _rows(session.connection().execute(_holding(tuple(values)), given)) != 1:
        raise Fenced


def give_up(session: Session, connection_id: int, token: str, **values: Any) -> None:
    """End the lease and write `values` with it. Raises Fenced when it is lost."""
    done = session.execute(
        update(Connection)
        .where(Connection.id == connection_id, Connection.lease_token == token)
        .values(lease_token=None, lease_until=None, **values)
        .execution_options(synchronize_session=False)
    )
    if _rows(done) != 1:
        raise Fenced


def expired(session: Session, *, now: datetime) -> Sequence[tuple[int, str]]:
    """(connection id, token) of leases whose holder has not been heard of in time."""
    rows = session.execute(
        select(Connection.id, Connection.lease_token).where(
            Connection.lease_token.is_not(None), Connection.lease_until <= now
        )
    )
    return [(row[0], row[1] or "") for row in rows]


@lru_cache(maxsize=64)
def _holding(names: tuple[str, ...]) -> Update:
    """Made once for the same columns, as every page of a pull writes them."""
    table: Any = Connection.__table__
    ours = (
        table.c.id == bindparam("its_id"),
        table.c.lease_token == bindparam("its_token"),
        table.c.state.in_(PULLABLE),
    )
    return update(table).where(*ours).values({name: bindparam(f"new_{name}") for name in names})


def _rows(result: Any) -> int:
    return int(result.rowcount)
