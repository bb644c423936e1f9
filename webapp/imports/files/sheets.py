"""Sheets. XLSX is read cell by cell as it is unpacked, so that its size does not matter; older kinds, whose size is
bounded, by calamine."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from flask_babel import gettext

from webapp.imports.files import MOST_COLUMNS, Cell, Kind, Rows, Unreadable
from webapp.imports.files.texts import too_wide
from webapp.imports.files.xlsx import Book

LARGEST_OLD = 20 * 1024 * 1024  # an .xls holds 65,536 rows at most; an .ods is packed
LARGEST_UNPACKED = 1024 * 1024 * 1024


def kind_of(path: Path) -> Kind | None:
    """None: it is no sheet. Raises Unreadable."""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(b"PK\x03\x04"):
        return _packed(path)
    if head == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return Kind("xls", _old_names(path))
    return None


def rows_of(path: Path, *, form: str, sheet: str) -> Rows:
    """Raises Unreadable."""
    if form == "xlsx":
        with Book(path) as book:
            for number, cells in book.rows(sheet):
                if len(cells) > MOST_COLUMNS:
                    raise Unreadable(too_wide(number))
                yield number, cells
        return
    for number, row in enumerate(_old_rows(path, sheet), start=1):
        yield number, [_cell(value) for value in row[:MOST_COLUMNS]]


def _packed(path: Path) -> Kind:
    try:
        with zipfile.ZipFile(path) as packed:
            names = set(packed.namelist())
            if sum(each.file_size for each in packed.infolist()) > LARGEST_UNPACKED:
                raise Unreadable(gettext("Unpacked it has more than 1 GB: save the sheet as CSV."))
    except zipfile.BadZipFile:
        raise _damaged() from None
    if "xl/workbook.xml" in names:
        with Book(path) as book:
            return Kind("xlsx", tuple(book.sheets))
    if "content.xml" in names:
        return Kind("ods", _old_names(path))
    raise Unreadable(
        gettext("This is neither CSV nor a sheet that is known here (XLSX, XLS, ODS).")
    )


def _old_names(path: Path) -> tuple[str, ...]:
    if path.stat().st_size > LARGEST_OLD:
        raise Unreadable(gettext("A sheet of this kind may have 20 MB: save it as XLSX or CSV."))
    return tuple(_opened(path).sheet_names)


def _old_rows(path: Path, sheet: str) -> Iterable[list[Any]]:
    from python_calamine import CalamineError

    try:
        return list(_opened(path).get_sheet_by_name(sheet).to_python(skip_empty_area=False))
    except CalamineError:
        raise _damaged() from None


def _opened(path: Path) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        return CalamineWorkbook.from_path(str(path))
    except PasswordError:
        raise Unreadable(gettext("It is protected by a password: save it without one.")) from None
    except CalamineError:
        raise _damaged() from None


def _damaged() -> Unreadable:
    return Unreadable(gettext("The file is damaged: open it and save it once more."))


def _cell(value: Any) -> Cell:
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"t": datetime.combine(value, time()).isoformat()}
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str) and value.startswith("#") and value.endswith(("!", "?", "/A")):
        return {"e": value}
    return str(value)
