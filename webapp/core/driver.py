"""Statements in the database's own words, put to its driver: where they are so many that SQLAlchemy's part counts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def ask(connection: Connection, text: str, values: Any) -> list[tuple[Any, ...]]:
    """What one statement in the database's own words answers. Raises what SQLAlchemy would, without any value."""
    cursor: Any = connection.connection.cursor()
    try:
        for told in connection.dispatch.before_cursor_execute:
            told(connection, cursor, text, values, None, False)
        cursor.execute(text, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told_as(error, text, connection, cursor) from None
    finally:
        cursor.close()
    for told in connection.dispatch.after_cursor_execute:
        told(connection, cursor, text, values, None, False)
    return found


def without_values(error: Any) -> str:
    """What is wrong, in the server's first sentence. PostgreSQL adds the whole row, with names and addresses in it, of
    which `hide_parameters` knows nothing: that is taken out of the error."""
    diagnosis = getattr(error, "diag", None)
    if diagnosis is not None and diagnosis.message_primary:
        error.args = (diagnosis.message_primary,)
    return str(error)


def _told_as(error: Exception, text: str, connection: Connection, cursor: Any) -> Exception:
    """The driver's error as SQLAlchemy tells of it; a connection that is gone is used no more."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection, cursor)  # type: ignore[arg-type]
    if gone:
        connection.invalidate(error)
    without_values(error)
    return DBAPIError.instance(text, None, error, dialect.loaded_dbapi.Error, True, gone, dialect)
