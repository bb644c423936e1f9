"""Tables leaving as files: CSV in pieces, XLSX row by row; both safe to open in a spreadsheet, at any length."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

BOM = "\ufeff"  # tells Excel that the file is UTF-8
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
MOST_ROWS = 1_048_575  # below the headings of one sheet; more go on in a second one
LONGEST_CELL = 32_767  # characters; a spreadsheet refuses a file with more in a cell
_AT_ONCE = 200  # rows in one piece of CSV
_FIRST_YEAR = 1900  # no spreadsheet knows an earlier day


def csv_pieces(
    headings: Sequence[str], rows: Iterable[Sequence[Any]], *, zone: tzinfo = UTC
) -> Iterator[str]:
    """A CSV file, some rows at a time. Times are ISO 8601 in `zone`; a text that a spreadsheet would run as a
    formula is quoted."""
    yield BOM + _lines([headings])
    left = iter(rows)
    while some := list(islice(left, _AT_ONCE)):
        yield _lines([_cell(value, zone) for value in row] for row in some)


def plain(text: str) -> str:
    """A text as it was before `csv_pieces` quoted it."""
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS) else text


def write_xlsx(
    path: Path,
    title: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    zone: tzinfo,
    told: Callable[[int], None] = lambda _count: None,
) -> int:
    """Write `rows` to `path`, one held in memory at a time; how many. `told`: is called now and then with the count.

    Texts are texts, never formulas; times are real ones, on the clock of `zone`. What does not fit on one sheet goes on
    in the next.
    """
    from xlsxwriter import Workbook  # large, and wanted by few processes

    options = {"constant_memory": True, "tmpdir": str(path.parent), "in_memory": False}
    count = 0
    with Workbook(str(path), options) as book:
        time = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        left = iter(rows)
        while True:
            sheet = book.add_worksheet(title[:25] + (f" {count // MOST_ROWS + 1}" if count else ""))
            sheet.freeze_panes(1, 0)
            sheet.write_row(0, 0, headings, book.add_format({"bold": True}))
            place = 0
            for place, row in enumerate(islice(left, MOST_ROWS), start=1):
                _write(sheet, place, row, zone, time)
                if (count + place) % 5000 == 0:
                    told(count + place)
            count += place
            if place < MOST_ROWS:
                break
    told(count)
    return count


def _write(sheet: Any, place: int, row: Sequence[Any], zone: tzinfo, time: Any) -> None:
    for column, value in enumerate(row):
        if value is None or value == "":
            continue
        if isinstance(value, datetime):
            local = value.astimezone(zone).replace(tzinfo=None)
            if local.year >= _FIRST_YEAR:
                sheet.write_datetime(place, column, local, time)
            else:
                sheet.write_string(place, column, local.isoformat(" "))
        elif isinstance(value, int | float | Decimal):
            sheet.write_number(place, column, value)
        else:
            sheet.write_string(place, column, _short(str(value)))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _cell(value: Any, zone: tzinfo) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA_STARTS) else value
    if isinstance(value, datetime):
        return value.astimezone(zone).isoformat(timespec="seconds")
    if isinstance(value, int | float | Decimal):
        return str(value)
    return _cell(str(value), zone)


def _lines(rows: Iterable[Sequence[str]]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
