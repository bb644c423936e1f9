"""CSV: which encoding, which delimiter, and its rows. Nobody's file says so, hence what it holds decides."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from flask_babel import gettext

from webapp.core.export import plain
from webapp.imports.files import MOST_COLUMNS, Kind, Rows, Unreadable

DELIMITERS = (",", ";", "\t", "|")
ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp1256")
LONGEST_CELL = 1_000_000
_HEAD = 65_536
_LINES = 50


def kind_of(path: Path) -> Kind:
    """Raises Unreadable."""
    encoding = encoding_of(path)
    with path.open("rb") as file:
        head = codecs.getincrementaldecoder(encoding)("replace").decode(file.read(_HEAD))
    return Kind("csv", encoding=encoding, delimiter=delimiter_of(head))


def encoding_of(path: Path) -> str:
    """By its mark, else what it can be: UTF-8 if all of it is, else one of Windows' by how its letters stand."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\x00" in head:
            return _wide(head)
        file.seek(0)
        if _is_utf8(iter(lambda: file.read(_HEAD), b"")):
            return "utf-8-sig"
    return "cp1256" if _looks_arabic(head) else "cp1252"


def delimiter_of(head: str) -> str:
    """The one by which most lines have as many cells, and the most of them."""
    lines = head.splitlines()[:_LINES]
    if lines and (named := _named(lines[0])):
        return named
    best, chosen = (0.0, 0), ","
    for delimiter in DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        if not widths:
            continue
        usual = max(set(widths), key=widths.count)
        score = (widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)
        if score > best:
            best, chosen = score, delimiter
    return chosen


def rows_of(path: Path, *, encoding: str, delimiter: str) -> Rows:
    """Raises Unreadable in the midst."""
    csv.field_size_limit(LONGEST_CELL)
    strict = "strict" if encoding == "utf-8-sig" else "replace"
    with path.open("rb") as raw:
        text = io.TextIOWrapper(raw, encoding=encoding, errors=strict, newline="")
        reader = csv.reader(_without_mark(text), delimiter=delimiter)
        number = 0
        try:
            for number, cells in enumerate(reader, start=1):
                if len(cells) > MOST_COLUMNS:
                    raise Unreadable(too_wide(number))
                if not (number == 1 and len(cells) <= 2 and _named(delimiter.join(cells))):
                    yield number, [plain(cell) for cell in cells]
        except csv.Error:
            raise Unreadable(
                gettext(
                    "Row %(n)s cannot be read: a quotation mark is opened and never closed.",
                    n=number + 1,
                )
            ) from None
        except UnicodeError:
            raise Unreadable(gettext("It is not in the encoding that was chosen.")) from None


def too_wide(number: int) -> str:
    return gettext("Row %(n)s has more than %(most)s cells.", n=number, most=MOST_COLUMNS)


def _without_mark(lines: Iterable[str]) -> Iterator[str]:
    for place, line in enumerate(lines):
        yield (line.lstrip("\ufeff") if place == 0 else line).replace("\x00", "")


def _named(line: str) -> str:
    """Excel's own way to name the delimiter: a first line `sep=;`."""
    return line[4:5] if line.lower().startswith("sep=") and len(line.rstrip()) <= 5 else ""


def _wide(head: bytes) -> str:
    """Without a mark: in mostly Latin text every second byte is nothing."""
    return "utf-16-be" if head[0::2].count(0) > head[1::2].count(0) else "utf-16-le"


def _is_utf8(pieces: Iterable[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces:
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _looks_arabic(head: bytes) -> bool:
    """Accents stand alone among plain letters; Arabic words are nothing but bytes above 127."""
    high = [byte >= 0xC0 for byte in head]
    together = sum(1 for one, next_one in pairwise(high) if one and next_one)
    return together * 2 > sum(high) > 0
