"""Where a demo upstream keeps its records: one small SQLite file, or memory in tests.

Records are JSON bodies beside the few columns that lists are filtered and ordered by.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RECEIVED_KEPT = 500

Answer = tuple[int, dict[str, Any]]  # status and body

SCHEMA = """
CREATE TABLE IF NOT EXISTS record (
  id TEXT PRIMARY KEY, seq INTEGER NOT NULL, created INTEGER NOT NULL, updated INTEGER NOT NULL,
  status TEXT NOT NULL, category TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS record_updated ON record (updated, id);
CREATE INDEX IF NOT EXISTS record_created ON record (created, id);
CREATE TABLE IF NOT EXISTS received (
  n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, method TEXT NOT NULL,
  path TEXT NOT NULL, record TEXT, body TEXT NOT NULL, key TEXT, account TEXT,
  status INTEGER NOT NULL, replayed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS answer (
  key TEXT PRIMARY KEY, status INTEGER NOT NULL, body TEXT NOT NULL);
"""


@dataclass(frozen=True)
class Record:
    """One record; times are milliseconds since 1970, UTC."""

    id: str
    seq: int
    created: int
    updated: int
    status: str
    category: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Received:
    """One writing call that reached the upstream, and what it was answered."""

    at: int
    method: str
    path: str
    record: str | None
    body: dict[str, Any]
    key: str | None
    account: str | None
    status: int
    replayed: bool = False


class Shelf:
    """Thread-safe store. `path` None keeps everything in memory."""

    def __init__(self, path: Path | None = None) -> None:
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(
            str(path) if path else ":memory:", check_same_thread=False, isolation_level=None
        )
        self._lock = threading.RLock()
        if path:
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(SCHEMA)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Everything inside is one transaction, the outermost; other threads wait."""
        with self._lock:
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def run(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Runs one statement and gives its rows."""
        with self._lock:
            return self._db.execute(query, values).fetchall()

    def run_each(self, query: str, many: Iterable[Sequence[Any]]) -> None:
        """Runs one statement for each of `many`."""
        with self._lock:
            self._db.executemany(query, many)

    def put(self, record: Record) -> None:
        """Adds a record or replaces the one with its id."""
        self.run(
            "INSERT OR REPLACE INTO record VALUES (?,?,?,?,?,?,?)",
            (
                record.id,
                record.seq,
                record.created,
                record.updated,
                record.status,
                record.category,
                json.dumps(record.body, ensure_ascii=False),
            ),
        )

    def get(self, record_id: str) -> Record | None:
        """The record, or None."""
        rows = self._records("WHERE id = ?", (record_id,))
        return rows[0] if rows else None

    def remove(self, record_id: str) -> None:
        """Forgets a record, as an upstream that purges does."""
        self.run("DELETE FROM record WHERE id = ?", (record_id,))

    def count(self) -> int:
        """How many records there are."""
        return int(self._scalar("SELECT count(*) FROM record"))

    def next_seq(self, first: int) -> int:
        """The next running number, `first` where there is no record yet."""
        return int(self._scalar("SELECT coalesce(max(seq) + 1, ?) FROM record", (first,)))

    def by_update(
        self,
        *,
        since: int | None,
        after: tuple[int, str] | None = None,
        limit: int,
        offset: int = 0,
    ) -> list[Record]:
        """Ordered by (updated, id): from `since` on (inclusive), beyond `after`."""
        where, values = ["1=1"], []  # type: tuple[list[str], list[Any]]
        if since is not None:
            where.append("updated >= ?")
            values.append(since)
        if after is not None:
            where.append("(updated, id) > (?, ?)")
            values.extend(after)
        clause = f"WHERE {' AND '.join(where)} ORDER BY updated, id LIMIT ? OFFSET ?"
        return self._records(clause, (*values, limit, offset))

    def count_since(self, since: int | None) -> int:
        """How many were updated at `since` or later."""
        return int(self._scalar("SELECT count(*) FROM record WHERE updated >= ?", (since or 0,)))

    def by_creation(
        self,
        *,
        created: tuple[int, int] | None = None,
        updated: tuple[int, int] | None = None,
        ids: Iterable[str] = (),
        statuses: Iterable[str] = (),
        categories: Iterable[str] = (),
        limit: int,
        offset: int = 0,
    ) -> list[Record]:
        """Newest first, filtered; ranges are inclusive milliseconds."""
        where, values = ["1=1"], []  # type: tuple[list[str], list[Any]]
        for column, span in (("created", created), ("updated", updated)):
            if span:
                where.append(f"{column} BETWEEN ? AND ?")
                values.extend(span)
        for column, wanted in (("id", ids), ("status", statuses), ("category", categories)):
            if chosen := list(wanted):
                where.append(f"{column} IN ({','.join('?' * len(chosen))})")
                values.extend(chosen)
        clause = f"WHERE {' AND '.join(where)} ORDER BY created DESC, id DESC LIMIT ? OFFSET ?"
        return self._records(clause, (*values, limit, offset))

    def log(self, received: Received) -> None:
        """Notes a writing call; the oldest fall out beyond 500."""
        self.run(
            "INSERT INTO received (at, method, path, record, body, key, account, status,"
            " replayed) VALUES (?,?,?,?,?,?,?,?,?)",
            (
                received.at,
                received.method,
                received.path,
                received.record,
                json.dumps(received.body, ensure_ascii=False),
                received.key,
                received.account,
                received.status,
                int(received.replayed),
            ),
        )
        self.run(
            "DELETE FROM received WHERE n <= (SELECT max(n) FROM received) - ?",
            (RECEIVED_KEPT,),
        )

    def received(self, limit: int = RECEIVED_KEPT) -> list[Received]:
        """Writing calls, oldest first, at most the last `limit`."""
        rows = self.run(
            "SELECT at, method, path, record, body, key, account, status, replayed"
            " FROM received ORDER BY n DESC LIMIT ?",
            (limit,),
        )
        return [_received(*row) for row in reversed(rows)]

    def once(self, key: str | None, act: Callable[[], Answer]) -> tuple[Answer, bool]:
        """What `act` answers; under a `key` that was answered 200 before, that answer and no act.

        True beside a repeated answer. Two calls with one key at the same time act once.
        """
        with self.writing():
            kept = self._answer_for(key) if key else None
            answer = kept or act()
            if key and not kept and answer[0] == 200:
                body = json.dumps(answer[1], ensure_ascii=False)
                self.run("INSERT INTO answer VALUES (?,?,?)", (key, answer[0], body))
            return answer, bool(kept)

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._db.close()

    def _answer_for(self, key: str) -> Answer | None:
        rows = self.run("SELECT status, body FROM answer WHERE key = ?", (key,))
        return (int(rows[0][0]), json.loads(rows[0][1])) if rows else None

    def _records(self, clause: str, values: tuple[Any, ...]) -> list[Record]:
        query = "SELECT id, seq, created, updated, status, category, body FROM record "
        return [_record(*row) for row in self.run(query + clause, values)]

    def _scalar(self, query: str, values: tuple[Any, ...] = ()) -> Any:
        return self.run(query, values)[0][0]


def _record(*row: Any) -> Record:
    record_id, seq, created, updated, status, category, body = row
    return Record(record_id, seq, created, updated, status, category, json.loads(body))


def _received(*row: Any) -> Received:
    at, method, path, record, body, key, account, status, replayed = row
    sent = json.loads(body)
    return Received(at, method, path, record, sent, key, account, status, bool(replayed))
