"""Reads and unpacks an answer piece by piece, and stops at the limit: a gzip bomb costs nothing."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable

_STEP = 65_536


class TooLarge(Exception):
    """The unpacked body exceeds the limit."""


class Unreadable(Exception):
    """The body is packed in a way that was not asked for, or is broken."""


def read_limited(chunks: Iterable[bytes], *, encoding: str, max_bytes: int) -> bytes:
    """The unpacked body. Raises TooLarge or Unreadable."""
    unpack = _unpacker(encoding)
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        for piece in unpack(chunk):
            size += len(piece)
            if size > max_bytes:
                raise TooLarge
            parts.append(piece)
    return b"".join(parts)


def _unpacker(encoding: str) -> Callable[[bytes], Iterable[bytes]]:
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return lambda chunk: (chunk,)
    if name in ("gzip", "x-gzip", "deflate"):
        return _Inflater().pieces
    raise Unreadable(name)


class _Inflater:
    """zlib or gzip, found by its header; at most _STEP bytes a piece, whatever the ratio."""

    def __init__(self) -> None:
        self._machine = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)

    def pieces(self, chunk: bytes) -> Iterable[bytes]:
        rest = chunk
        while rest:
            try:
                piece = self._machine.decompress(rest, _STEP)
            except zlib.error as error:
                raise Unreadable(str(error)) from None
            yield piece
            rest = self._machine.unconsumed_tail
            if self._machine.eof:
                return
        # Input is used up, yet the machine may hold output that the last step had no room for.
        while not self._machine.eof:
            piece = self._machine.decompress(b"", _STEP)
            if not piece:
                return
            yield piece
