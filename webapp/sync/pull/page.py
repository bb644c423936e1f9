"""One page of records into rows, inside the caller's transaction. One bad record never undoes the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from webapp.core import db
from webapp.sync.models import Link
from webapp.sync.pull import changing, creating, problems
from webapp.sync.pull.rows import Reading, Row
from webapp.sync.pull.scope import Scope, Tally

_KNOWN = (
    Link.id,
    Link.external_id,
    Link.payload_hash,
    Link.upstream_version,
    Link.upstream_updated_at,
    Link.state,
    Link.reread,
)


def apply(scope: Scope, reading: Reading, *, seq: int, now: datetime) -> Tally:
    """Create, merge, count. `seq`: when this page was asked for, counted in pages of the connection."""
    tally = Tally(skipped=reading.doubles)
    known = _known(scope, reading.rows)
    same, changed, new = [], [], []
    for row in reading.rows:
        link = known.get(row.external_id)
        if link is None:
            new.append(row)
        elif _is_same(link, row):
            same.append((link, row))
        else:
            changed.append(row)
    _touch(scope, same, seq=seq, tally=tally)
    refused = creating.create(scope, new, seq=seq, now=now, tally=tally)
    refused += changing.change(scope, changed, seq=seq, now=now, tally=tally)
    problems.solve(scope, [row.external_id for row in reading.rows])
    bad = [*reading.bad, *refused]
    problems.keep(scope, bad, now=now)
    tally.quarantined += len(bad)
    problems.list_unmapped(scope, [*new, *changed], now=now)
    return tally


def _known(scope: Scope, rows: Sequence[Row]) -> dict[str, Any]:
    if not rows:
        return {}
    found = db.session().execute(
        select(*_KNOWN).where(
            Link.connection_id == scope.connection_id,
            Link.kind == scope.kind,
            Link.external_id.in_([row.external_id for row in rows]),
        )
    )
    # Plain tuples of the columns above, no rows of the session.
    return {link.external_id: link for link in found}


def _is_same(link: Any, row: Row) -> bool:
    expected = "withdrawn" if row.withdrawn else "linked"
    return bool(link.payload_hash == row.hash and link.state == expected and not link.reread)


def _touch(scope: Scope, same: Sequence[tuple[Any, Row]], *, seq: int, tally: Tally) -> None:
    """Nothing to do for these but to remember that they were seen, and the version they stand at."""
    moved = []
    for link, row in same:
        tally.unchanged += 1
        tally.saw(row.moment)
        if (link.upstream_version, link.upstream_updated_at) != (row.version, row.updated_at):
            moved.append({"b_id": link.id, "b_version": row.version, "b_updated": row.updated_at})
    session = db.session()
    if same:
        session.execute(
            update(Link)
            .where(Link.id.in_([link.id for link, _ in same]))
            .values(last_seen_run_id=scope.run_id, applied_fetch_seq=seq)
            .execution_options(synchronize_session=False)
        )
    if moved:
        table = Link.__table__
        session.connection().execute(
            update(Link)
            .where(table.c.id == bindparam("b_id"))
            .values(
                upstream_version=bindparam("b_version"), upstream_updated_at=bindparam("b_updated")
            ),
            moved,
        )
