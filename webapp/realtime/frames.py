"""The wire form of server-sent events, and the ids of the stream. Pure.

A frame is what one entry becomes on the wire. `named` and `unnamed` make its middle part, stored in Redis;
`with_id` puts the stream's id before it. Only CR and LF end a line, so U+2028 and its like travel untouched.
"""

from __future__ import annotations

import json
import re
from typing import Any, NewType

# (milliseconds, sequence) of a Redis stream entry: compared as numbers, never as text.
EntryId = NewType("EntryId", tuple[int, int])

_ID = re.compile(r"([0-9]{1,19})-([0-9]{1,19})")
_NAME = re.compile(r"[a-z][a-z0-9-]*(?::[a-z0-9-]+)+")
_LINE_END = re.compile("\r\n|\r|\n")

# Names that the stream itself uses. All hold a colon: htmx makes DOM events of them, and a `reset` would be one.
READY, BEAT, RESYNC, TOAST = "live:ready", "live:beat", "live:resync", "live:toast"
BEHIND = "live:behind"  # how many entries follow before `ready`


def parse_id(text: str) -> EntryId | None:
    """None for anything that is no id: the asker then gets a resync."""
    match = _ID.fullmatch(text)
    return EntryId((int(match[1]), int(match[2]))) if match else None


def format_id(entry_id: EntryId) -> str:
    return f"{entry_id[0]}-{entry_id[1]}"


def checked_name(name: str) -> str:
    """An event name of the desk's own: lower case words joined by colons, at least one colon, not `live:…`."""
    if not _NAME.fullmatch(name) or name.startswith("live:"):
        raise ValueError(
            f"{name!r} is no name for a live event; write for example 'tickets:changed'"
        )
    return name


def named(name: str, detail: dict[str, Any]) -> bytes:
    """A block that becomes the DOM event `name`, with `detail` as JSON text in `event.detail.data`."""
    text = json.dumps(detail, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return f"event: {name}\ndata: {text}\n".encode()


def unnamed(html: str) -> bytes:
    """A block that htmx swaps in: `<hx-partial>` elements that name their own targets."""
    return "".join(f"data: {line}\n" for line in _LINE_END.split(html)).encode()


def with_id(entry_id: EntryId, block: bytes) -> bytes:
    return b"id: %b\n%b\n" % (format_id(entry_id).encode(), block)


def signpost(name: str, tip: EntryId | None) -> bytes:
    """A block of the stream's own that carries no data but moves the reader's cursor to `tip`."""
    block = f"event: {name}\n".encode()
    return with_id(tip, block) if tip else block + b"\n"


def parse(block: bytes) -> dict[str, str]:
    """A block or frame as `{"event": …, "data": …}`, as a browser would read it; for those who poll."""
    data: list[str] = []
    event = ""
    for line in block.decode().split("\n"):
        if line.startswith("data: "):
            data.append(line[6:])
        elif line.startswith("event: "):
            event = line[7:]
    return {"event": event, "data": "\n".join(data)}
