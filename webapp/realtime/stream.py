"""The Redis stream that all processes share: bounded, and never without a marker at its start.

A stream that is born anew (first start, FLUSHALL, a Redis without a disk restarted) begins with a marker entry.
Whoever reads a marker in passing knows that entries may be gone, and tells the pages to read everything anew.
"""

from __future__ import annotations

from typing import Any, cast

import redis

from webapp.realtime.frames import RESYNC, EntryId, format_id, named, parse_id, with_id
from webapp.realtime.ring import Entry

KEY = "tulay:live"
MOST_ENTRIES = 10_000
# A larger block would fill the ring and every reader's memory: its readers fetch their regions instead.
MOST_BYTES = 64_000


def add(client: redis.Redis, topics: frozenset[str], block: bytes) -> None:
    """Append what `topics` shall hear. Raises redis.RedisError."""
    if len(block) > MOST_BYTES:
        block = named(RESYNC, {})
    _append(client, {b"t": " ".join(sorted(topics)).encode(), b"f": block})


def add_ending(client: redis.Redis, user_id: int) -> None:
    """Append the order to end all streams of one user. Raises redis.RedisError."""
    _append(client, {b"e": str(user_id).encode()})


def ensure(client: redis.Redis) -> None:
    """Begin the stream with a marker if there is none."""
    if not client.xlen(KEY):
        client.xadd(KEY, {b"m": b"1"})


def newest(client: redis.Redis, count: int) -> list[Entry]:
    """The last `count` entries, oldest first."""
    return [
        entry
        for row in reversed(client.xrevrange(KEY, count=count) or [])
        if (entry := _entry(row))
    ]


def read(client: redis.Redis, after: EntryId, *, count: int, block_ms: int) -> list[Entry]:
    """What follows `after`; waits up to `block_ms` for something to come."""
    answer = cast(Any, client.xread({KEY: format_id(after)}, count=count, block=block_ms))
    rows = answer[0][1] if answer else []
    return [entry for row in rows if (entry := _entry(row))]


def holds(client: redis.Redis, entry_id: EntryId) -> bool:
    """Whether that entry is still there. If not, the stream was emptied, restored, or has run ahead of us."""
    text = format_id(entry_id)
    return bool(client.xrange(KEY, text, text))


def is_marker(entry: Entry) -> bool:
    return not entry.topics and entry.ends is None


def _append(client: redis.Redis, fields: dict[Any, Any]) -> None:
    bounds: dict[str, Any] = {"maxlen": MOST_ENTRIES, "approximate": True, "nomkstream": True}
    if client.xadd(KEY, fields, **bounds) is None:
        ensure(client)
        client.xadd(KEY, fields, **bounds)


def _entry(row: Any) -> Entry | None:
    raw_id, fields = row
    entry_id = parse_id(raw_id.decode())
    if entry_id is None:
        return None
    ends = fields.get(b"e")
    block = fields.get(b"f")
    return Entry(
        id=entry_id,
        topics=frozenset(fields.get(b"t", b"").decode().split()),
        frame=with_id(entry_id, block) if block else b"",
        ends=int(ends) if ends else None,
    )
