"""Keys and references (T-2026-000123), reserved before the rows are written: one INSERT does."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import func, select, text

from webapp.core import db
from webapp.tickets.models import Ticket


def reserve_ids(count: int) -> list[int]:
    """`count` free keys of the ticket table. Nobody else can get them: PostgreSQL counts them in a
    sequence; SQLite has one writer at a time, and this transaction is it."""
    session = db.session()
    if session.get_bind().dialect.name == "postgresql":
        numbers = text(
            "SELECT nextval(pg_get_serial_sequence('ticket', 'id')) FROM generate_series(1, :n)"
        )
        return [int(n) for n in session.scalars(numbers, {"n": count})]
    last = session.scalar(select(func.max(Ticket.id))) or 0
    return list(range(last + 1, last + 1 + count))


def reference(ticket_id: int, *, at: datetime) -> str:
    return f"T-{at.year}-{ticket_id:06d}"


def new_follow_token() -> str:
    """43 unguessable characters: whoever holds them may follow the ticket."""
    return secrets.token_urlsafe(32)
