"""The floor that a pull is measured against: fetch, parse, upsert a page at a time, and nothing else.

It writes the desk's own tables `ticket` and `link`, with all their columns and indexes, through the bare driver, in one
transaction a page. No validation, no merge, no events, no lease: what no puller can do without.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx

SIZE = 500
TICKET = [
    "ref",
    "title",
    "description",
    "status",
    "status_is_ours",
    "category",
    "refined_category",
    "barangay",
    "place",
    "lat",
    "lng",
    "reporter_name",
    "reporter_email",
    "reporter_phone",
    "follow_token",
    "source",
    "source_name",
    "control_number",
    "source_url",
    "external_status",
    "reported_at",
    "created_at",
    "updated_at",
    "priority",
    "to_compare",
    "paused_s",
    "version",
]
LINK = [
    "connection_id",
    "kind",
    "external_id",
    "local_kind",
    "local_id",
    "payload_hash",
    "raw_hash",
    "payload",
    "base",
    "upstream_version",
    "upstream_updated_at",
    "applied_fetch_seq",
    "last_push_seq",
    "sent_values",
    "upstream_open",
    "state",
    "reread",
    "children_due",
    "created_at",
]
STATUSES = {"Submitted": "open", "Acknowledged": "open", "In Progress": "in_progress"}


class Floor:
    """`database`: an address as the desk takes it, with the desk's tables in it."""

    def __init__(self, base_url: str, database: str) -> None:
        self._client = httpx.Client(base_url=base_url, trust_env=False)
        self._mark, self._run = _open(database)
        self._statements = (
            _upsert("ticket", TICKET, key="ref", mark=self._mark, when="version"),
            _upsert(
                "link",
                LINK,
                key="connection_id, kind, external_id",
                mark=self._mark,
                when="upstream_version",
            ),
        )

    def read(self, since: str | None = None) -> int:
        """Every page once. How many records it read."""
        return sum(self.pages(since))

    def pages(self, since: str | None = None) -> Iterator[int]:
        """How many records each page had, as it is read and written."""
        cursor = None
        while True:
            params = {"limit": str(SIZE), "cursor": cursor, "updatedSince": since}
            answer = self._client.get(
                "/api/v1/reports", params={k: v for k, v in params.items() if v}
            )
            page = json.loads(answer.content)
            rows = page["data"]
            self._run(self._statements, [_ticket(r) for r in rows], [_link(r) for r in rows])
            yield len(rows)
            cursor = page["nextCursor"]
            if cursor is None:
                return


def _open(database: str) -> tuple[str, Callable[..., None]]:
    if database.startswith("sqlite"):
        lite = sqlite3.connect(database.removeprefix("sqlite:///"), isolation_level=None)
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL"):
            lite.execute(f"PRAGMA {pragma}")

        def run_lite(statements: tuple[str, str], tickets: list[Any], links: list[Any]) -> None:
            lite.execute("BEGIN IMMEDIATE")
            lite.executemany(statements[0], tickets)
            lite.executemany(statements[1], links)
            lite.execute("COMMIT")

        return "?", run_lite
    import psycopg

    server = psycopg.connect(database)

    def run(statements: tuple[str, str], tickets: list[Any], links: list[Any]) -> None:
        with server.transaction(), server.cursor() as cursor:
            cursor.executemany(statements[0], tickets)
            cursor.executemany(statements[1], links)

    return "%s", run


def _upsert(table: str, columns: list[str], *, key: str, mark: str, when: str) -> str:
    names, marks = ", ".join(columns), ", ".join([mark] * len(columns))
    sets = ", ".join(f"{name} = excluded.{name}" for name in columns if name not in key)
    return (
        f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT ({key}) "
        f"DO UPDATE SET {sets} WHERE {table}.{when} <> excluded.{when}"
    )


def _ticket(r: dict[str, Any]) -> tuple[Any, ...]:
    made, number, place = r["createdAt"], r["id"], r["coordinates"]
    return (
        number,
        r["description"][:120],
        r["description"],
        STATUSES.get(r["status"], "closed"),
        False,
        r["category"],
        r["refinedCategory"],
        r["barangay"],
        r["location"],
        place["lat"],
        place["lng"],
        r["reporterName"],
        "",
        r["reporterPhone"],
        number,
        "connection:1",
        "Floor",
        number,
        r["url"],
        r["status"],
        made,
        made,
        r["updatedAt"],
        2,
        True,
        0,
        r["version"],
    )


def _link(r: dict[str, Any]) -> tuple[Any, ...]:
    written = json.dumps(r)
    return (
        1,
        "report",
        r["id"],
        "ticket",
        int(r["id"][3:]),
        str(r["version"]),
        "",
        written,
        "{}",
        str(r["version"]),
        r["updatedAt"],
        1,
        0,
        "{}",
        True,
        "linked",
        False,
        False,
        datetime.now(UTC).isoformat(),
    )
