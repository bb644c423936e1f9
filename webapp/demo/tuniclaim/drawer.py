"""The bulletins of the demo TUNICLAIM, beside their bordereaux on one shelf, and its clients.

A bulletin is kept as the text that callers read: ten thousand of them are one query and one join.
"""

from collections.abc import Iterable
from typing import Any

from webapp.demo.shelf import Shelf
from webapp.demo.tuniclaim.exact import dumps, loads, millimes

TABLES = (
    "CREATE TABLE IF NOT EXISTS bulletin (id INTEGER PRIMARY KEY, bordereau TEXT NOT NULL,"
    " status TEXT NOT NULL, total INTEGER NOT NULL, wire TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS bulletin_bordereau ON bulletin (bordereau)",
    "CREATE INDEX IF NOT EXISTS bulletin_status ON bulletin (status)",
    "CREATE TABLE IF NOT EXISTS client (id INTEGER PRIMARY KEY, wire TEXT NOT NULL)",
)

Bulletin = dict[str, Any]  # as the contract shows it; a Decimal in it is a JSON number


class Drawer:
    """Bulletins by bordereau. Who writes several things opens `shelf.writing()` around them."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        for table in TABLES:
            shelf.run(table)

    def put(self, bordereau: str, bulletins: Iterable[Bulletin]) -> None:
        """Adds bulletins, or replaces those with their ids."""
        rows = (
            (b["id"], bordereau, b["status"], _counted(b["total"]), dumps(b)) for b in bulletins
        )
        self._shelf.run_each("INSERT OR REPLACE INTO bulletin VALUES (?,?,?,?,?)", rows)

    def get(self, bulletin_id: int) -> tuple[str, Bulletin] | None:
        """A bulletin and the bordereau that it is in, or None."""
        rows = self._shelf.run("SELECT bordereau, wire FROM bulletin WHERE id = ?", (bulletin_id,))
        return (rows[0][0], loads(rows[0][1])) if rows else None

    def texts(self, bordereau: str) -> list[str]:
        """The bulletins of a bordereau as JSON texts, by id."""
        query = "SELECT wire FROM bulletin WHERE bordereau = ? ORDER BY id"
        return [wire for (wire,) in self._shelf.run(query, (bordereau,))]

    def of(self, bordereau: str) -> list[Bulletin]:
        """The bulletins of a bordereau, by id."""
        return [loads(text) for text in self.texts(bordereau)]

    def newest(self, statuses: Iterable[str], *, limit: int = 100) -> list[tuple[str, Bulletin]]:
        """The newest bulletins with one of `statuses`, each with its bordereau."""
        rows = self._shelf.run(
            "SELECT bordereau, wire FROM bulletin"
            " WHERE status IN (SELECT value FROM json_each(?)) ORDER BY id DESC LIMIT ?",
            (dumps(list(statuses)), limit),
        )
        return [(bordereau, loads(wire)) for bordereau, wire in rows]

    def sums(self, bordereau: str) -> tuple[int, int]:
        """How many bulletins a bordereau has, and their total in millimes."""
        query = "SELECT count(*), coalesce(sum(total), 0) FROM bulletin WHERE bordereau = ?"
        ((count, total),) = self._shelf.run(query, (bordereau,))
        return int(count), int(total)

    def next_id(self, first: int) -> int:
        """The next free id, `first` where there is no bulletin yet."""
        ((found,),) = self._shelf.run("SELECT coalesce(max(id) + 1, ?) FROM bulletin", (first,))
        return int(found)

    def put_client(self, client: dict[str, Any]) -> None:
        """Adds a client with its contracts, or replaces the one with its id."""
        self._shelf.run("INSERT OR REPLACE INTO client VALUES (?,?)", (client["id"], dumps(client)))

    def clients(self) -> dict[int, dict[str, Any]]:
        """All clients with their contracts, by id."""
        rows = self._shelf.run("SELECT id, wire FROM client ORDER BY id")
        return {int(client_id): loads(wire) for client_id, wire in rows}


def _counted(total: Any) -> int:
    """A total in millimes; what a test put there that is no amount counts as nothing."""
    try:
        return millimes(total)
    except ValueError:
        return 0
