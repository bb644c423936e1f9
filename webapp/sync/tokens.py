"""The upstream's token at rest: sealed for one connection and one host, never shown again."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select, update

from webapp.core import clock, db, secrets
from webapp.events.types import Actor
from webapp.sync.models import Connection, ConnectionSecret


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


def read(connection: Connection) -> str:
    """The token in plain, for the engine alone; empty when the connection has none.

    Raises Misconfigured when it cannot be opened, or was sealed for another host than the present one.
    """
    row = current(connection.id)
    if row is None:
        return ""
    return secrets.unseal(row.sealed, context=_context(connection.id, host_of(connection.base_url)))


def store(
    connection: Connection, secret: str, *, actor: Actor, expires_at: datetime | None = None
) -> ConnectionSecret:
    """Replace the token. Needs an open transaction."""
    session, now, host = db.session(), clock.now(), host_of(connection.base_url)
    session.execute(
        update(ConnectionSecret)
        .where(
            ConnectionSecret.connection_id == connection.id, ConnectionSecret.retired_at.is_(None)
        )
        .values(retired_at=now, sealed="")
    )
    row = ConnectionSecret(
        connection_id=connection.id,
        sealed=secrets.seal(secret, context=_context(connection.id, host)),
        host=host,
        last4=secrets.last4(secret),
        expires_at=expires_at,
        created_at=now,
        created_by=actor.name,
    )
    session.add(row)
    session.flush()
    return row


def _context(connection_id: int, host: str) -> str:
    return f"connection:{connection_id} {host}"
