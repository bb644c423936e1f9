"""The driver's cursors for PostgreSQL. The usual one describes an answer's columns in few words.

SQLAlchemy asks for the description of every answer, and looks at names and types alone. psycopg makes an object of each
column, which for a ticket's fifty takes longer than to read the row.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection, Cursor, ServerCursor


class ShortCursor(Cursor[Any]):
    @property
    def description(self) -> Any:
        """Of each column: name and type, then nothing, as DB-API has it. None where the answer is no table."""
        told = self.pgresult
        if not told or not told.nfields:
            return None
        nothing = (None,) * 5
        return [
            (bytes(told.fname(at) or b"").decode(), told.ftype(at), *nothing)
            for at in range(told.nfields)
        ]


class HeldCursor(ServerCursor[Any]):
    """For answers that are fetched piece by piece: outside of a transaction the server keeps them to their end."""

    def __init__(
        self, connection: Connection[Any], name: str, *, withhold: bool = False, **more: Any
    ) -> None:
        super().__init__(connection, name, withhold=withhold or connection.autocommit, **more)
