"""The last entries of the stream, kept in the process, so that resuming on every tab switch asks nobody. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

from webapp.realtime.frames import EntryId


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the stream. `frame` is shared by all who hear it. `ends`: the user whose streams end here."""

    id: EntryId
    topics: frozenset[str]
    frame: bytes
    ends: int | None = None


def runs(entries: Iterable[Entry]) -> list[tuple[frozenset[str], bytes]]:
    """The frames of neighbours for the same topics in one piece, in order."""
    return [
        (topics, b"".join(entry.frame for entry in group))
        for topics, group in groupby(entries, key=attrgetter("topics"))
    ]


class Unknown(LookupError):
    """The cursor is not among the kept entries: what followed it cannot be told."""


class Ring:
    """Keeps between `most` and twice `most` entries, and at most `most_bytes` of frames, newest last."""

    def __init__(self, *, most: int = 10_000, most_bytes: int = 16_000_000) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._ids: list[EntryId] = []
        self._entries: list[Entry] = []
        self._bytes = 0

    @property
    def tip(self) -> EntryId | None:
        return self._ids[-1] if self._ids else None

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entry: Entry) -> None:
        self._ids.append(entry.id)
        self._entries.append(entry)
        self._bytes += len(entry.frame)
        if len(self._entries) >= 2 * self._most or self._bytes > 2 * self._most_bytes:
            self._trim()

    def clear(self) -> None:
        self._ids, self._entries, self._bytes = [], [], 0

    def after(self, cursor: EntryId) -> list[Entry]:
        """All entries behind `cursor`, oldest first.

        Raises Unknown unless the cursor is itself a kept entry: every cursor we ever gave out was the id of an
        entry, so a missing one is too old, or of a stream that is gone.
        """
        at = bisect_left(self._ids, cursor)
        if at == len(self._ids) or self._ids[at] != cursor:
            raise Unknown
        return self._entries[at + 1 :]

    def _trim(self) -> None:
        keep = max(0, len(self._entries) - self._most)
        kept_bytes = sum(len(entry.frame) for entry in self._entries[keep:])
        while kept_bytes > self._most_bytes and keep < len(self._entries) - 1:
            kept_bytes -= len(self._entries[keep].frame)
            keep += 1
        del self._ids[:keep]
        del self._entries[:keep]
        self._bytes = kept_bytes
