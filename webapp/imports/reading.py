"""The first pass over a file: its rows are put where they can be gone through again, its columns are looked at."""

from __future__ import annotations

from pathlib import Path

from flask_babel import gettext

from webapp.core import db
from webapp.imports import actions, rows
from webapp.imports.actions.matching import habit_of
from webapp.imports.columns import Gathered, propose, shown
from webapp.imports.deciding import KEYS
from webapp.imports.files import Cell, Rows, Unreadable, sheets, texts
from webapp.imports.models import MATCHING, READING, Import

MOST_ROWS = 1_048_576
_TOLD = 2000  # rows after which it is told how far it has come


def read(import_id: int) -> None:
    """Raises actions.TakenOver."""
    with db.transaction():
        it = actions.take(import_id, state=READING)
    if it is None:
        return
    attempt = it.attempt
    half = rows.rows_file(import_id).with_suffix(f".{attempt}.part")
    try:
        total, columns = _unfolded(it, half)
        half.replace(rows.rows_file(import_id))
    except Unreadable as error:
        with db.transaction():
            actions.fail(import_id, attempt=attempt, problem=str(error))
        return
    finally:
        half.unlink(missing_ok=True)
    with db.transaction():
        _settle(it, attempt, total, columns)


def _settle(it: Import, attempt: int, total: int, columns: list[Gathered]) -> None:
    headings = [column.heading for column in columns]
    habit = habit_of(headings)
    mapping = dict(habit.mapping) if habit else propose(headings)
    days = [column.day_first for column in columns if column.day_first is not None]
    key = next((name for name in KEYS if name in mapping.values()), "")
    usual = {"key": key, "day_first": days[0] if days else True}
    actions.settle(
        it.id,
        attempt=attempt,
        state=MATCHING,
        total=total,
        columns=[column.as_json() for column in columns],
        mapping=mapping,
        words=dict(habit.words) if habit else {},
        options={**it.options, **usual, **(habit.options if habit else {})},
        remembered=habit is not None,
    )


def _unfolded(it: Import, half: Path) -> tuple[int, list[Gathered]]:
    """How many rows there are below the headings, and the columns. Raises Unreadable."""
    import_id, attempt, total = it.id, it.attempt, 0
    columns: list[Gathered] = []
    with half.open("wb") as file:
        for number, cells in _rows_of(it):
            if not any(_text(cell) for cell in cells):
                continue
            if not columns:
                columns = [Gathered(_text(cell)[:120]) for cell in _without_tail(cells)]
                continue
            total += 1
            rows.write(file, (number, cells))
            for column, cell in zip(columns, cells, strict=False):
                column.note(_text(cell))
            if total % _TOLD == 0:
                _tell(import_id, attempt, total)
    if not total:
        raise Unreadable(gettext("It has no rows below its headings."))
    return total, columns


def _tell(import_id: int, attempt: int, total: int) -> None:
    if total > MOST_ROWS:
        raise Unreadable(gettext("It has more than %(n)s rows.", n=f"{MOST_ROWS:,}"))
    with db.transaction():
        actions.tell(import_id, attempt=attempt, handled=total)


def _rows_of(it: Import) -> Rows:
    path, chosen = rows.raw_file(it.id), it.options
    if it.form == "csv":
        return texts.rows_of(path, encoding=chosen["encoding"], delimiter=chosen["delimiter"])
    return sheets.rows_of(path, form=it.form, sheet=chosen["sheet"])


def _without_tail(cells: list[Cell]) -> list[Cell]:
    while cells and not _text(cells[-1]):
        cells = cells[:-1]
    return cells


def _text(cell: Cell) -> str:
    return shown(cell).strip()
