"""Which tickets look alike: each new or changed one is compared with those around it. Reads, then writes shortly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, func, or_, select, update

from webapp.core import clock, db
from webapp.core.inserting import insert_rows
from webapp.events.models import Event
from webapp.events.record import Batch, for_batches
from webapp.events.types import Fact
from webapp.tickets import clusters
from webapp.tickets.clustering.models import OPEN, Suggestion
from webapp.tickets.clusters import Case, Likeness
from webapp.tickets.models import Ticket
from webapp.tickets.states import UNFINISHED

BATCH = 100
MOST_COMPARED = 100  # of those around one ticket, the newest
MOST_SUGGESTED = 5
COMPARED_FIELDS = {"title", "description", "category", "barangay", "lat", "lng", "reported_at"}

_COLUMNS = (
    Ticket.id,
    Ticket.version,
    Ticket.title,
    func.substr(Ticket.description, 1, clusters.LONGEST_COMPARED).label("text"),
    Ticket.category,
    Ticket.barangay,
    Ticket.lat,
    Ticket.lng,
    Ticket.cell,
    Ticket.reported_at,
    Ticket.status,
)


@dataclass(frozen=True)
class Looked:
    """What comparing one ticket found: those that look like it."""

    ticket_id: int
    version: int
    alike: Mapping[int, Likeness]


def compare_again(event: Event, _fact: Fact) -> None:
    """On TicketEdited: a ticket that reads differently now is compared anew."""
    _mark([event.subject_id] if _counts(event.data) else [])


@for_batches(compare_again)
def compare_all_again(batch: Batch) -> None:
    _mark([row["subject_id"] for row in batch.rows if _counts(row["data"])])


def place() -> None:
    """Note where the next tickets lie, so that they find each other, too."""
    session = db.session()
    for row in session.execute(_waiting()).all():
        cell = clusters.cell_of(row.lat, row.lng)
        if cell != row.cell:
            session.execute(
                update(Ticket)
                .where(Ticket.id == row.id)
                .values(cell=cell)
                .execution_options(synchronize_session=False)
            )


def look() -> list[Looked]:
    """Compare the next tickets that wait for it. Nothing is written."""
    return [_looked(row) for row in db.session().execute(_waiting()).all()]


def keep(found: Sequence[Looked]) -> None:
    """Write what was found. A ticket that changed meanwhile keeps waiting, and is compared once more."""
    session = db.session()
    for each in found:
        done: Any = session.execute(
            update(Ticket)
            .where(Ticket.id == each.ticket_id, Ticket.version == each.version)
            .values(to_compare=False)
            .execution_options(synchronize_session=False)
        )
        if done.rowcount:
            _suggest(each)


def alike_to(case: Case, *, besides: int = 0) -> list[tuple[int, Likeness]]:
    """(ticket's id, likeness) of unfinished tickets that look like `case`, the likest first."""
    found = []
    for row in _around(case, besides):
        likeness = clusters.compare(case, _case(row))
        if likeness and likeness.is_worth_telling:
            found.append((row.id, likeness))
    found.sort(key=lambda pair: (-pair[1].score, pair[0]))
    return found[:MOST_SUGGESTED]


def _looked(row: Row[Any]) -> Looked:
    alike: dict[int, Likeness] = {}
    if row.status in UNFINISHED:
        alike = dict(alike_to(_case(row), besides=row.id))
    return Looked(row.id, row.version, alike)


def _waiting() -> Select[Any]:
    return select(*_COLUMNS).where(Ticket.to_compare).order_by(Ticket.id).limit(BATCH)


def _case(row: Row[Any]) -> Case:
    return Case(
        text=f"{row.title}\n{row.text}",
        category=row.category,
        barangay=row.barangay,
        lat=None if row.lat is None else float(row.lat),
        lng=None if row.lng is None else float(row.lng),
        at=row.reported_at,
    )


def _around(case: Case, besides: int) -> list[Row[Any]]:
    """By the cells around it, and by its barangay where one of the two has no coordinates. Each by an index."""
    cell = clusters.cell_of(case.lat, case.lng)
    rows: list[Row[Any]] = []
    if cell is not None:
        rows += _rows(Ticket.cell.in_(clusters.cells_near(cell)), case, besides)
    if case.barangay:
        unplaced = [] if cell is None else [or_(Ticket.lat.is_(None), Ticket.lng.is_(None))]
        rows += _rows(Ticket.barangay == case.barangay, case, besides, *unplaced)
    return rows


def _rows(
    where: ColumnElement[bool], case: Case, besides: int, *more: ColumnElement[bool]
) -> list[Row[Any]]:
    # Wrapped, so that SQLite, which keeps no figures of what columns hold, does not go by the index of statuses.
    status = func.coalesce(Ticket.status, "")
    start, end = case.at - clusters.NEAR_IN_TIME, case.at + clusters.NEAR_IN_TIME
    query: Select[Any] = (
        select(*_COLUMNS)
        .where(where, *more, Ticket.reported_at.between(start, end))
        .where(status.in_(UNFINISHED), Ticket.id != besides)
        .order_by(Ticket.reported_at.desc())
        .limit(MOST_COMPARED)
    )
    return list(db.session().execute(query))


def _suggest(looked: Looked) -> None:
    """What is suggested for the ticket is what was found now; what people decided stays decided."""
    session, mine = db.session(), looked.ticket_id
    known = session.scalars(
        select(Suggestion).where(or_(Suggestion.ticket_id == mine, Suggestion.other_id == mine))
    ).all()
    pairs = {(min(mine, other), max(mine, other)): each for other, each in looked.alike.items()}
    gone = []
    for row in known:
        likeness = pairs.pop((row.ticket_id, row.other_id), None)
        if row.state == OPEN and likeness:
            row.metres, row.days = likeness.metres, likeness.days
            row.alike, row.score = likeness.alike, likeness.score
        elif row.state == OPEN:
            gone.append(row.id)
    if gone:
        session.execute(delete(Suggestion).where(Suggestion.id.in_(gone)))
    insert_rows(Suggestion, [_row(*pair, each) for pair, each in pairs.items()])


def _row(one: int, other: int, likeness: Likeness) -> dict[str, Any]:
    return {
        "ticket_id": one,
        "other_id": other,
        "metres": likeness.metres,
        "days": likeness.days,
        "alike": likeness.alike,
        "score": likeness.score,
        "state": OPEN,
        "decided_by": "",
        "created_at": clock.now(),
    }


def _counts(changed: Mapping[str, Any]) -> bool:
    return bool(COMPARED_FIELDS & set(changed.get("changes") or ()))


def _mark(ids: Sequence[int]) -> None:
    if ids:
        db.session().execute(
            update(Ticket)
            .where(Ticket.id.in_(ids))
            .values(to_compare=True)
            .execution_options(synchronize_session=False)
        )
