"""How each connection to a database begins, and is used again: listeners on every engine, in force once loaded."""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.exc import InvalidatePoolError

from webapp.core.driver import without_values

QUIET_S = 60.0  # longer unused: a firewall on the way may have forgotten it without a word
_SINCE = "since"


@event.listens_for(Engine, "connect")
def _on_connect(dbapi_connection: Any, _record: Any) -> None:
    if type(dbapi_connection).__module__.startswith("sqlite3"):
        # The driver's own BEGIN comes too late for SAVEPOINT: we emit it ourselves in _on_begin.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "busy_timeout=15000",
            "foreign_keys=ON",
            "synchronous=NORMAL",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
    else:
        from webapp.core.cursor import HeldCursor  # a desk on SQLite has no such driver loaded

        dbapi_connection.server_cursor_factory = HeldCursor


@event.listens_for(Engine, "checkin")
def _on_checkin(dbapi_connection: Any, record: Any) -> None:
    record.info[_SINCE] = time.monotonic()


@event.listens_for(Engine, "checkout")
def _on_checkout(dbapi_connection: Any, record: Any, _fairy: Any) -> None:
    """A server that ended a connection has said so, and that waits to be read: to look takes a hundredth of the time
    that asking takes (`pool_pre_ping`). Whoever comes then gets a new one."""
    if not type(dbapi_connection).__module__.startswith("psycopg"):
        return
    try:
        for _ in range(2):  # its last words, then the end
            dbapi_connection.pgconn.consume_input()
        if time.monotonic() - record.info.get(_SINCE, time.monotonic()) > QUIET_S:
            dbapi_connection.execute("")
            dbapi_connection.rollback()
    except Exception as error:
        raise InvalidatePoolError("The server has ended this connection.") from error


@event.listens_for(Engine, "begin")
def _on_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@event.listens_for(Engine, "handle_error")
def _on_error(context: ExceptionContext) -> None:
    told, error = context.sqlalchemy_exception, context.original_exception
    if told is not None and getattr(error, "diag", None) is not None:
        kind = type(error)
        told.args = (f"({kind.__module__}.{kind.__qualname__}) {without_values(error)}",)
