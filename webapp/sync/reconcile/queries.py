"""Readings of comparisons and of what they found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import ColumnElement, case, func, select

from webapp.core import db
from webapp.core.errors import NotFound
from webapp.sync import subjects
from webapp.sync.models import Connection, Link
from webapp.sync.push.queueing import pushed_fields
from webapp.sync.reconcile import repairing
from webapp.sync.reconcile.models import FIELD, Comparison, Drift
from webapp.sync.subjects import Face


@dataclass(frozen=True)
class Shown:
    """A difference with our record; None for one that is missing here."""

    row: Drift
    face: Face | None


@dataclass(frozen=True)
class Narrowed:
    """What the list is narrowed to."""

    kind: str = ""
    field: str = ""
    state: str = "open"
    moved: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        for column, wanted in (
            (Drift.kind, self.kind),
            (Drift.field, self.field),
            (Drift.moved, self.moved),
        ):
            if wanted:
                found.append(column == wanted)
        if self.state == "open":
            found.append(Drift.state == "open")
        elif self.state == "repaired":
            found.append(Drift.state != "open")
        return found


def comparisons_of(connection_id: int, *, limit: int = 20) -> Sequence[Comparison]:
    """Newest first."""
    query = select(Comparison).where(Comparison.connection_id == connection_id)
    return (
        db.session()
        .scalars(
            query.order_by(Comparison.id.desc())
            .limit(limit)
            .execution_options(populate_existing=True)
        )
        .all()
    )


def get(connection_id: int, comparison_id: int) -> Comparison:
    """Raises NotFound."""
    found = db.session().get(Comparison, comparison_id)
    if found is None or found.connection_id != connection_id:
        raise NotFound(gettext("There is no such comparison."))
    return found


def counts_of(comparison_id: int) -> Sequence[tuple[str, str, int, int]]:
    """(kind, field, open, all) for each kind and field of difference, the most frequent first."""
    is_open = func.sum(case((Drift.state == "open", 1), else_=0))
    rows = db.session().execute(
        select(Drift.kind, Drift.field, is_open, func.count())
        .where(Drift.comparison_id == comparison_id)
        .group_by(Drift.kind, Drift.field)
        .order_by(func.count().desc(), Drift.kind, Drift.field)
    )
    return [(row[0], row[1], int(row[2] or 0), row[3]) for row in rows]


def drift_of(
    comparison_id: int, chosen: Narrowed, *, after_id: int = 0, limit: int = 50
) -> list[Shown]:
    """By their ids, with our records."""
    rows = db.session().execute(
        select(Drift, Link)
        .outerjoin(Link, Link.id == Drift.link_id)
        .where(Drift.comparison_id == comparison_id, Drift.id > after_id, *chosen.conditions())
        .order_by(Drift.id)
        .limit(limit)
    )
    found = [(row[0], row[1]) for row in rows]
    faces = subjects.faces_of([link for _, link in found if link is not None])
    return [Shown(row, faces.get(row.link_id or 0)) for row, _ in found]


def drift_counts(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """comparison → (differences still open, all)."""
    is_open = func.sum(case((Drift.state == "open", 1), else_=0))
    rows = db.session().execute(
        select(Drift.comparison_id, is_open, func.count())
        .where(Drift.comparison_id.in_(ids))
        .group_by(Drift.comparison_id)
    )
    return {row[0]: (int(row[1] or 0), row[2]) for row in rows}


def candidates(
    comparison_id: int,
    chosen: Narrowed,
    *,
    how: str,
    connection: Connection,
    ids: Sequence[int] = (),
) -> Iterator[tuple[int, str]]:
    """(id, why it is left out or "") for a repair of `ids`, or of all that the filter leaves."""
    query = select(Drift.id, Drift.kind, Drift.field, Drift.state, Drift.record_kind).where(
        Drift.comparison_id == comparison_id, *chosen.conditions()
    )
    if ids:
        query = query.where(Drift.id.in_(ids))
    sends: dict[str, frozenset[str]] = {}
    for number, kind, field, state, record_kind in db.session().execute(
        query.order_by(Drift.id), execution_options={"yield_per": 1000}
    ):
        if record_kind not in sends:
            sends[record_kind] = frozenset(pushed_fields(connection, record_kind))
        yield number, _excluded(kind, field, state, how=how, sends=sends[record_kind])


def _excluded(kind: str, field: str, state: str, *, how: str, sends: frozenset[str]) -> str:
    if state != "open":
        return gettext("it is repaired already")
    if kind != repairing.KIND_OF[how]:
        return gettext("it is another kind of difference")
    if how == repairing.PUSH and kind == FIELD and field not in sends:
        return gettext("the system takes no change of this field from us")
    return ""
