"""A dry run: reads the list as the first pull would, with all that belongs to its records, and counts. Nothing but
its report is written."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from webapp.core import clock, db
from webapp.core.errors import RemoteError
from webapp.events.record import record
from webapp.sync.connections import Access, access_of
from webapp.sync.connectors.mapping import CompiledMapping
from webapp.sync.events import DryRunDone
from webapp.sync.mapping import jobs
from webapp.sync.mapping.comparing import WRONG, compare, scope_by
from webapp.sync.mapping.jobs import Mine
from webapp.sync.models import Connection, Link
from webapp.sync.pull import children
from webapp.sync.pull.rows import Row, read
from webapp.sync.pull.scope import Scope
from webapp.sync.subjects import Local

BUDGET_S = 600.0
MOST_NAMED = 50  # reasons and values listed in a report
PARENTS = 20  # whose children are asked for between two words to those who look on


@dataclass
class Kind:
    """What it has come to with one kind of records. `ids`: those seen so far."""

    what: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[tuple[str, str]] = field(default_factory=Counter)
    ids: set[str] = field(default_factory=set)

    def refuse(self, reason: str) -> None:
        self.what[WRONG] += 1
        self.reasons[reason] += 1


@dataclass
class Seen:
    """What a dry run has come to so far. `records`: of the list."""

    pages: int = 0
    is_whole: bool = True
    records: int = 0
    total: int | None = None
    kinds: dict[str, Kind] = field(default_factory=dict)

    def of(self, scope: Scope) -> Kind:
        return self.kinds.setdefault(scope.kind, Kind())

    def values(self) -> dict[str, Any]:
        return {
            "pages": self.pages,
            "records": self.records,
            "total": self.total,
            "counts": {kind: dict(seen.what) for kind, seen in self.kinds.items()},
            "reasons": {
                kind: dict(seen.reasons.most_common(MOST_NAMED))
                for kind, seen in self.kinds.items()
                if seen.reasons
            },
            "unmapped": [
                [kind, *pair, n]
                for kind, seen in self.kinds.items()
                for pair, n in seen.unmapped.most_common(MOST_NAMED)
            ],
        }


def dry_run(mine: Mine, most_pages: int) -> None:
    """Up to so many pages of the list."""
    with db.transaction() as session:
        connection = session.get_one(Connection, mine.connection_id)
        access = access_of(connection)
        scope, name = scope_by(connection, access), connection.name
    most = most_pages or jobs.MOST_PAGES
    try:
        seen = _seen_with(mine, access, scope, most)
    except RemoteError as error:
        if error.kind != "unauthorized" or not access.fallback:
            raise
        seen = _seen_with(mine, access.with_fallback(), scope, most)  # as a pull does
    state = jobs.OK if seen.is_whole else jobs.PARTIAL
    with db.transaction():
        mine.end(state=state, **seen.values())
        read_in_all = sum(kind.what.total() for kind in seen.kinds.values())
        fact = DryRunDone(
            subject_id=mine.connection_id, name=name, state=state, records=read_in_all
        )
        record(fact, actor=mine.actor)


def _seen_with(mine: Mine, access: Access, scope: Scope, most: int) -> Seen:
    """What a token sees of their list, and of what belongs to its records."""
    seen, end = Seen(), time.monotonic() + BUDGET_S
    with access.engine() as engine:
        for page in engine.pages():
            seen.pages += 1
            seen.total = page.total if page.total is not None else seen.total
            with db.transaction():
                rows = _look_at(scope, page.items, engine.mapping, seen.of(scope))
                seen.records += len(page.items)
                mine.write(**seen.values())
            db.session().expunge_all()
            in_time = _children(mine, access, scope, rows, seen=seen, end=end)
            if not in_time or (not page.is_last and seen.pages >= most):
                seen.is_whole = False
                break
    return seen


def _children(
    mine: Mine, access: Access, scope: Scope, rows: Sequence[Row], *, seen: Seen, end: float
) -> bool:
    """What belongs to these records, whether they are new here or not. False: the time is up."""
    for kind in scope.children:
        with db.transaction() as session:
            connection = session.get_one(Connection, scope.connection_id)
            own = scope_by(connection, access.of_kind(kind))
        for start in range(0, len(rows), PARENTS):
            asked = [
                children.asked_for(access, kind, row.external_id, row.raw, scope=own)
                for row in rows[start : start + PARENTS]
            ]
            found = children.fetched(access, asked, sleep=time.sleep)
            with db.transaction():
                for family in found:
                    if family.lost:
                        seen.of(own).refuse(children.lost_words())
                    _look_at(own, family.items, family.mapping, seen.of(own))
                mine.write(**seen.values())
            db.session().expunge_all()
            if time.monotonic() > end:
                return False
    return time.monotonic() <= end


def _look_at(scope: Scope, items: Sequence[Any], mapping: CompiledMapping, seen: Kind) -> list[Row]:
    """Counts them; gives those that would be taken in, or are here."""
    reading = read(items, mapping, now=clock.now())
    pairs = _pairs(scope, [row.external_id for row in reading.rows])
    seen.what["double"] += reading.doubles
    for bad in reading.bad:
        seen.refuse(bad.reason)
    good = []
    for row in reading.rows:
        if row.external_id in seen.ids:
            seen.what["double"] += 1
            continue
        seen.ids.add(row.external_id)
        link, local = pairs.get(row.external_id, (None, None))
        compared = compare(scope, row, link, local)
        if compared.what == WRONG:
            seen.refuse(compared.reason)
        else:
            seen.what[compared.what] += 1
            good.append(row)
        seen.unmapped.update(row.unmapped)
    return good


def _pairs(scope: Scope, external_ids: Sequence[str]) -> dict[str, tuple[Link, Local]]:
    query = select(Link).where(
        Link.connection_id == scope.connection_id,
        Link.kind == scope.kind,
        Link.external_id.in_(external_ids),
    )
    links = db.session().scalars(query).all()
    found = scope.subject.load([link.local_id for link in links])
    return {
        link.external_id: (link, found[link.local_id]) for link in links if link.local_id in found
    }
