"""The upstream's token at rest: sealed for one connection and one host, never shown again.

A replaced token stays for a day as fall-back, for the case that the new one is refused; then it is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, select, update

from webapp.core import clock, db, secrets
from webapp.core.errors import Misconfigured
from webapp.events.record import record
from webapp.events.types import SYSTEM, Actor
from webapp.sync.connectors.probe import token_expiry
from webapp.sync.events import TokenFellBack
from webapp.sync.models import Connection, ConnectionSecret

FALL_BACK = timedelta(hours=24)


@dataclass(frozen=True)
class Resealed:
    """What rotating the keys came to. `unreadable`: names of connections whose token no key opens."""

    resealed: int
    unchanged: int
    unreadable: tuple[str, ...]


def host_of(base_url: str) -> str:
    """The host and port that a token is bound to, lower case; empty where there is none."""
    try:
        parts = urlsplit(base_url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    return f"{(parts.hostname or '').lower()}{port}"


def current(connection_id: int) -> ConnectionSecret | None:
    """The token in use, sealed."""
    return db.session().scalar(
        select(ConnectionSecret)
        .where(
            ConnectionSecret.connection_id == connection_id, ConnectionSecret.retired_at.is_(None)
        )
        .order_by(ConnectionSecret.id.desc())
        .limit(1)
    )


def fall_back(connection: Connection) -> ConnectionSecret | None:
    """The token before it, sealed, as long as it is kept for this connection's present host."""
    return db.session().scalar(
        select(ConnectionSecret)
        .where(
            ConnectionSecret.connection_id == connection.id,
            ConnectionSecret.retired_at > clock.now() - FALL_BACK,
            ConnectionSecret.host == host_of(connection.base_url),
        )
        .order_by(ConnectionSecret.retired_at.desc(), ConnectionSecret.id.desc())
        .limit(1)
    )


def read(connection: Connection) -> str:
    """The token in plain, for the engine alone; empty when the connection has none.

    Raises Misconfigured when it cannot be opened, or was sealed for another host than the present one.
    """
    row = current(connection.id)
    return _open(row, connection) if row else ""


def read_fall_back(connection: Connection) -> str:
    """The one before it in plain; empty where there is none, or it cannot be opened any more."""
    row = fall_back(connection)
    try:
        return _open(row, connection) if row else ""
    except Misconfigured:
        return ""


def store(
    connection: Connection,
    secret: str,
    *,
    actor: Actor,
    expires_at: datetime | None = None,
    keep_old: bool = True,
) -> ConnectionSecret:
    """Replace the token. Needs an open transaction. A JWT says itself when it ends.

    `keep_old` False: the old one is deleted at once, as it was refused or belongs to another address. So is one
    that is refused already while an older one stands in for it.
    """
    session, now, host = db.session(), clock.now(), host_of(connection.base_url)
    mine = ConnectionSecret.connection_id == connection.id
    if keep_old:
        session.execute(
            delete(ConnectionSecret).where(
                mine,
                ConnectionSecret.retired_at.is_(None),
                ConnectionSecret.refused_at.is_not(None),
            )
        )
        session.execute(
            update(ConnectionSecret)
            .where(mine, ConnectionSecret.retired_at.is_(None))
            .values(retired_at=now)
        )
    else:
        session.execute(delete(ConnectionSecret).where(mine))
    row = ConnectionSecret(
        connection_id=connection.id,
        sealed=secrets.seal(secret, context=_context(connection.id, host)),
        host=host,
        last4=secrets.last4(secret),
        expires_at=expires_at or token_expiry(secret),
        created_at=now,
        created_by=actor.name,
    )
    session.add(row)
    session.flush()
    return row


def forget_fall_back(connection: Connection) -> bool:
    """Delete what was replaced. False: there was nothing."""
    done: Any = db.session().execute(
        delete(ConnectionSecret).where(
            ConnectionSecret.connection_id == connection.id,
            ConnectionSecret.retired_at.is_not(None),
        )
    )
    return bool(done.rowcount)


def fell_back(connection_id: int) -> None:
    """The token in use was refused and the one before it was not. Told once."""
    moved: Any = db.session().execute(
        update(ConnectionSecret)
        .where(
            ConnectionSecret.connection_id == connection_id,
            ConnectionSecret.retired_at.is_(None),
            ConnectionSecret.refused_at.is_(None),
        )
        .values(refused_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    connection = db.session().get_one(Connection, connection_id)
    old, row = fall_back(connection), current(connection_id)
    if moved.rowcount and old is not None and old.retired_at is not None and row is not None:
        fact = TokenFellBack(
            subject_id=connection_id,
            name=connection.name,
            last4=row.last4,
            until=(old.retired_at + FALL_BACK).isoformat(),
        )
        record(fact, actor=SYSTEM)


def accepted(connection_id: int) -> None:
    """The token in use works (again)."""
    db.session().execute(
        update(ConnectionSecret)
        .where(
            ConnectionSecret.connection_id == connection_id,
            ConnectionSecret.retired_at.is_(None),
            ConnectionSecret.refused_at.is_not(None),
        )
        .values(refused_at=None)
        .execution_options(synchronize_session=False)
    )


def purge() -> int:
    """Delete what was replaced a day ago. Gives how many."""
    done: Any = db.session().execute(
        delete(ConnectionSecret)
        .where(ConnectionSecret.retired_at <= clock.now() - FALL_BACK)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount)


def reseal_all() -> Resealed:
    """Seal every stored token with the first key of the ring. Safe to repeat. Needs an open transaction."""
    rows = db.session().execute(
        select(ConnectionSecret, Connection.name)
        .join(Connection, Connection.id == ConnectionSecret.connection_id)
        .order_by(ConnectionSecret.id)
        .with_for_update(of=ConnectionSecret)
    )
    resealed, unchanged, unreadable = 0, 0, []
    for row, name in rows.all():
        try:
            sealed = secrets.reseal(row.sealed)
        except Misconfigured:
            unreadable.append(name)
            continue
        resealed, unchanged = resealed + (sealed != row.sealed), unchanged + (sealed == row.sealed)
        row.sealed = sealed
    db.session().flush()
    return Resealed(resealed, unchanged, tuple(unreadable))


def _open(row: ConnectionSecret, connection: Connection) -> str:
    return secrets.unseal(row.sealed, context=_context(connection.id, host_of(connection.base_url)))


def _context(connection_id: int, host: str) -> str:
    return f"connection:{connection_id} {host}"
