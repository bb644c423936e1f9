"""Readings of imports. Whoever works on tickets may see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.core import db
from webapp.core.errors import NotFound
from webapp.imports import rows
from webapp.imports.columns import shown
from webapp.imports.models import BAD, LEFT, Import, ImportRow

_PIECE = 1000


def get(import_id: int) -> Import:
    """Raises NotFound."""
    found = db.session().get(Import, import_id)
    if found is None:
        raise NotFound(gettext("There is no such import; they are kept for a month."))
    return found


def latest(*, limit: int = 20) -> Sequence[Import]:
    return db.session().scalars(select(Import).order_by(Import.id.desc()).limit(limit)).all()


def first_rows(it: Import, *, most: int = 3) -> list[list[str]]:
    """Some rows as they stand in the file, for those who match its columns."""
    found, _place = rows.some(it.id, place=0, most=most)
    return [[shown(cell) for cell in cells[: len(it.columns)]] for _, cells in found]


def reasons(import_id: int, *, limit: int = 20) -> Sequence[tuple[str, int]]:
    """Why rows are bad, the most frequent first."""
    count = func.count()
    query = (
        select(ImportRow.reason, count)
        .where(ImportRow.import_id == import_id, ImportRow.outcome == BAD)
        .group_by(ImportRow.reason)
        .order_by(count.desc(), ImportRow.reason)
    )
    return [(reason, number) for reason, number in db.session().execute(query.limit(limit))]


def left_rows(import_id: int, *, limit: int) -> Sequence[ImportRow]:
    """What an undo has left, and why."""
    query = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.undo == LEFT)
    return db.session().scalars(query.order_by(ImportRow.id).limit(limit)).all()


def bad_rows(it: Import) -> Iterator[tuple[Any, ...]]:
    """Every bad row as it stands in the file, after its number and the reason."""
    width, bad = len(it.columns), _bad(it.id)
    number, reason = next(bad, (0, ""))
    for found, cells in rows.every(it.id):
        if found == number:
            texts = [shown(cell) for cell in cells]
            yield (number, reason, *texts, *[""] * (width - len(texts)))
            number, reason = next(bad, (0, ""))


def all_left(import_id: int) -> Iterator[tuple[Any, ...]]:
    """Number and reason of everything that an undo has left."""
    for row in left_rows(import_id, limit=2_000_000):
        yield row.number, row.undo_reason


def _bad(import_id: int) -> Iterator[tuple[int, str]]:
    last, piece = 0, [(0, "")]
    while piece:
        query = (
            select(ImportRow.number, ImportRow.reason)
            .where(ImportRow.import_id == import_id, ImportRow.outcome == BAD)
            .where(ImportRow.number > last)
            .order_by(ImportRow.number)
            .limit(_PIECE)
        )
        piece = [(number, reason) for number, reason in db.session().execute(query)]
        yield from piece
        last = piece[-1][0] if piece else last
