"""From what a request read to what it writes."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

STAYS = "stays"  # in a session: what a transaction does not read again
_READS_WHAT_STANDS = "READ COMMITTED"
_IN_TRANSACTION = 2  # of libpq's states: begun, and nothing in it failed


def alone(current: Session) -> None:
    """From now on each statement by itself, as a page that writes nothing can have it: PostgreSQL reads at each what
    stands then anyway, and needs no trips for a begin and an end. `transaction()` begins a whole one."""
    if not current.in_transaction() and current.get_bind().dialect.name == "postgresql":
        current.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


def staying(current: Session) -> list[Any]:
    found: list[Any] = current.info.setdefault(STAYS, [])
    return found


def forget(current: Session) -> None:
    """What was loaded is read again when touched, but for what stays."""
    kept = staying(current)
    for row in list(current):
        if not any(row is each for each in kept):
            current.expire(row)


def can_go_on(current: Session) -> bool:
    """Whether a request's transaction can also write. PostgreSQL reads at each statement what stands then: to end and
    begin anew would be three more trips to it. SQLite cannot turn a read into a write safely."""
    if not staying(current) or not current.in_transaction():
        return False
    connection = current.connection()
    if connection.dialect.name == "sqlite":
        return False
    driver = connection.connection.dbapi_connection
    failed = driver is None or driver.info.transaction_status != _IN_TRANSACTION
    return not failed and connection.default_isolation_level == _READS_WHAT_STANDS
