"""The Redis stream that all processes share: bounded, and never without a marker at its start.

A stream that is born anew (first start, FLUSHALL, a Redis without a disk restarted) begins with a marker entry.
Whoever reads a marker in passing knows that entries may be gone, and tells the pages to read everything anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, cast

import redis

from webapp.realtime.frames import RESYNC, EntryId, format_id, named, parse_id, with_id
from webapp.realtime.ring import Entry

KEY = "tulay:live"
MOST_ENTRIES = 10_000
# A larger block would fill the ring and every reader's memory: its readers fetch their regions instead.
MOST_BYTES = 64_000

# A stream that is not there begins with its marker. Each entry: how many words, then its names and values in turn.
_APPEND = """
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('XADD', KEYS[1], '*', 'm', '1') end
local at = 2
while at <= #ARGV do
  local last = at + tonumber(ARGV[at])
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', unpack(ARGV, at + 1, last))
  at = last + 1
end
"""

Block = tuple[frozenset[str], bytes]  # topics that hear it, a framed event


def add(client: redis.Redis, blocks: Sequence[Block]) -> None:
    """Append what topics shall hear, in order, with one call. Raises redis.RedisError."""
    entries = []
    for topics, block in blocks:
        short = block if len(block) <= MOST_BYTES else named(RESYNC, {})
        entries.append({b"t": " ".join(sorted(topics)).encode(), b"f": short})
    _append(client, entries)


def add_ending(client: redis.Redis, user_id: int) -> None:
    """Append the order to end all streams of one user. Raises redis.RedisError."""
    _append(client, [{b"e": str(user_id).encode()}])


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


def _append(client: redis.Redis, entries: Sequence[dict[bytes, bytes]]) -> None:
    """All with one command: a pull tells of a thousand tickets, and a command for each costs us more than Redis."""
    said: list[bytes | int] = [MOST_ENTRIES]
    for fields in entries:
        said += [2 * len(fields), *chain.from_iterable(fields.items())]
    client.register_script(_APPEND)(keys=[KEY], args=said)


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
