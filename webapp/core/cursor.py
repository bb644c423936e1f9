"""The driver's cursor for PostgreSQL, which describes an answer's columns in few words.

SQLAlchemy asks for the description of every answer, and looks at names and types alone. psycopg makes an object of each
column, which for a ticket's fifty takes longer than to read the row.
"""

from __future__ import annotations

from typing import Any

from psycopg import Cursor


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
