"""Readings of what is done to many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.bulk.models import EXCLUDED, MADE, SKIPPED, TODO, Bulk, BulkItem
from webapp.core import db
from webapp.core.errors import NotFound


@dataclass(frozen=True)
class Progress:
    """`excluded`, `skipped`: why → how many, the most frequent first."""

    todo: int
    done: int
    excluded: Sequence[tuple[str, int]]
    skipped: Sequence[tuple[str, int]]

    @property
    def total(self) -> int:
        return self.todo + self.handled

    @property
    def handled(self) -> int:
        return self.done + sum(count for _, count in self.skipped)


def get(bulk_id: int) -> Bulk:
    """Raises NotFound."""
    found = db.session().get(Bulk, bulk_id)
    if found is None:
        raise NotFound(gettext("There is no such list; previews are kept for a day."))
    return found


def progress_of(bulk_id: int) -> Progress:
    rows = db.session().execute(
        select(BulkItem.state, BulkItem.reason, func.count())
        .where(BulkItem.bulk_id == bulk_id)
        .group_by(BulkItem.state, BulkItem.reason)
    )
    found: dict[str, list[tuple[str, int]]] = {TODO: [], MADE: [], EXCLUDED: [], SKIPPED: []}
    for state, reason, count in rows:
        found[state].append((reason, count))
    for each in found.values():
        each.sort(key=lambda pair: -pair[1])
    return Progress(
        todo=sum(count for _, count in found[TODO]),
        done=sum(count for _, count in found[MADE]),
        excluded=found[EXCLUDED],
        skipped=found[SKIPPED],
    )


def skipped_of(bulk_id: int, *, limit: int = 20) -> Sequence[int]:
    """Ids of the first that were left as they are."""
    query = select(BulkItem.subject_id).where(
        BulkItem.bulk_id == bulk_id, BulkItem.state == SKIPPED
    )
    return db.session().scalars(query.order_by(BulkItem.id).limit(limit)).all()


def pieces_of(bulk_id: int) -> Iterator[Sequence[BulkItem]]:
    """All items of the list in their order, a thousand at a time."""
    last = 0
    query = select(BulkItem).where(BulkItem.bulk_id == bulk_id).order_by(BulkItem.id)
    while items := db.session().scalars(query.where(BulkItem.id > last).limit(1000)).all():
        yield items
        last = items[-1].id
        db.session().expunge_all()


def sample_of(bulk_id: int, *, limit: int = 20) -> Sequence[int]:
    """Ids of the first that it is about."""
    return (
        db.session()
        .scalars(
            select(BulkItem.subject_id)
            .where(BulkItem.bulk_id == bulk_id, BulkItem.state != EXCLUDED)
            .order_by(BulkItem.id)
            .limit(limit)
        )
        .all()
    )
