"""One page of records into rows, inside the caller's transaction. One bad record never undoes the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from webapp.core import db
from webapp.core.among import among, among_given, given
from webapp.sync.connectors.mapping import Came, CompiledMapping, RecordProblem
from webapp.sync.models import Link
from webapp.sync.pull import changing, claiming, creating, problems
from webapp.sync.pull.rows import Bad, Row, plausible, read
from webapp.sync.pull.scope import Scope, Tally

_KNOWN = (
    Link.id,
    Link.external_id,
    Link.raw_hash,
    Link.payload_hash,
    Link.upstream_version,
    Link.upstream_updated_at,
    Link.state,
    Link.reread,
    Link.parent_id,
    Link.last_seen_run_id,
    Link.missing_since,
)
Known = dict[str, Any]  # external id → the columns above


@dataclass(frozen=True, slots=True)
class Applied:
    tally: Tally
    warnings: frozenset[str]


class _Raw(NamedTuple):
    """A record as it came, with what can be known of it without reading it."""

    record: Any
    external_id: str | None
    came: Came


def apply(
    scope: Scope,
    records: Sequence[Any],
    mapping: CompiledMapping,
    *,
    seq: int,
    now: datetime,
    came: Sequence[Came] | None = None,
) -> Applied:
    """Create, merge, count. `seq`: when this page was asked for, counted in pages of the connection.

    Records that come as they came last time are known by their hash alone; only the others are read.
    `came`: of each record, where that was looked at already.
    """
    how = map(mapping.came, records) if came is None else came
    raws = list(map(_Raw, records, map(mapping.find_id, records), how))
    known = _known(scope, {raw.external_id for raw in raws if raw.external_id is not None})
    held = claiming.held_elsewhere(scope, known)
    claimed = [raw for raw in raws if raw.external_id in held]
    alike, others = _sorted_out(scope, [raw for raw in raws if raw.external_id not in held], known)
    tally = Tally()
    for raw in alike:
        tally.unchanged += 1
        tally.saw(_moment(known[raw.external_id or ""], raw, mapping, now=now))
    reading = read(
        [raw.record for raw in others], mapping, now=now, came=[raw.came for raw in others]
    )
    tally.skipped += reading.doubles
    same, changed, new = [], [], []
    for row in reading.rows:
        link = known.get(row.external_id)
        if link is None:
            new.append(row)
        elif _is_same(link, row) and link.parent_id == scope.parent_link:
            same.append((link, row))
        else:
            changed.append(row)
    _note(scope, same, tally)
    seen = [known[raw.external_id or ""].id for raw in alike] + [link.id for link, _ in same]
    _touch(scope, seen, seq=seq)
    refused = creating.create(scope, new, seq=seq, now=now, tally=tally)
    refused += changing.change(scope, changed, seq=seq, now=now, tally=tally)
    _solve(scope, known, new)
    bad = [*reading.bad, *refused]
    tally.quarantined += len(bad)
    problems.keep(scope, bad + _claims(claimed, held, tally), now=now)
    problems.list_unmapped(scope, [*new, *changed], now=now)
    return Applied(tally, reading.warnings)


def _solve(scope: Scope, known: Known, new: Sequence[Row]) -> None:
    home = {key for key, link in known.items() if link.parent_id == scope.parent_link}
    arrived = [*(known.keys() - home), *(row.external_id for row in new)]
    problems.solve(scope, arrived, home=home)


def _claims(claimed: Sequence[_Raw], held: Mapping[str, bool], tally: Tally) -> list[Bad]:
    """What another parent has. Where that has yet to be looked at, it is only put off."""
    unsure = sum(held[raw.external_id or ""] for raw in claimed)
    tally.deferred += unsure
    tally.quarantined += len(claimed) - unsure
    return [Bad(raw.external_id or "", raw.record, claiming.reason()) for raw in claimed]


def _sorted_out(scope: Scope, raws: Sequence[_Raw], known: Known) -> tuple[list[_Raw], list[_Raw]]:
    """(those that came as they came last time, all others). What stands on a page twice is read."""
    times = Counter(raw.external_id for raw in raws)
    alike: list[_Raw] = []
    others: list[_Raw] = []
    for raw in raws:
        link = known.get(raw.external_id or "")
        if (
            link is not None
            and link.raw_hash == raw.came.hash
            and link.payload_hash  # emptied where the next page is to be compared in full
            and not link.reread
            and link.parent_id == scope.parent_link
            and link.state in ("linked", "withdrawn")
            and times[raw.external_id] == 1
        ):
            alike.append(raw)
        else:
            others.append(raw)
    return alike, others


def _moment(link: Any, raw: _Raw, mapping: CompiledMapping, *, now: datetime) -> datetime | None:
    """How far the list has come with it, as Row.moment says for a record that is read."""
    if link.upstream_updated_at is not None:
        found: datetime = link.upstream_updated_at
        return found
    latest = now + timedelta(days=1)
    try:
        updated, created = mapping.moments(raw.record)
    except RecordProblem:
        return None
    return plausible(updated, latest) or plausible(created, latest)


def _known(scope: Scope, external_ids: Iterable[str]) -> Known:
    ids = list(external_ids)
    if not ids:
        return {}
    connection = db.session().connection()
    dialect = connection.dialect.name
    asked = {
        "connection": scope.connection_id,
        "of_kind": scope.kind,
        "ids": given(ids, dialect),
    }
    found = connection.execute(_asking(dialect), asked)
    # Plain tuples of the columns above, no rows of the session.
    return {link.external_id: link for link in found}


@cache
def _asking(dialect: str) -> Any:
    """Made once, as every page asks."""
    return select(*_KNOWN).where(
        Link.connection_id == bindparam("connection"),
        Link.kind == bindparam("of_kind"),
        among_given(Link.external_id, "ids", dialect),
    )


def _is_same(link: Any, row: Row) -> bool:
    expected = "withdrawn" if row.withdrawn else "linked"
    return bool(link.payload_hash == row.hash and link.state == expected and not link.reread)


def _note(scope: Scope, same: Sequence[tuple[Any, Row]], tally: Tally) -> None:
    """Came otherwise than last time, yet nothing that counts here has changed: only that is kept."""
    for _, row in same:
        tally.unchanged += 1
        tally.saw(row.moment)
    if not same:
        return
    table = Link.__table__
    changes = {
        "raw_hash": "b_hash",
        "upstream_version": "b_version",
        "upstream_updated_at": "b_updated",
        **({"payload": "b_payload"} if scope.children else {}),  # they may lie inside it
    }
    db.session().connection().execute(
        update(Link)
        .where(table.c.id == bindparam("b_id"))
        .values(
            {name: bindparam(value) for name, value in changes.items()}
            | {"children_due": bool(scope.children)}
        ),
        [
            {
                "b_id": link.id,
                "b_hash": row.raw_hash,
                "b_version": row.version,
                "b_updated": row.updated_at,
                **({"b_payload": dict(row.raw)} if scope.children else {}),
            }
            for link, row in same
        ],
    )


def _touch(scope: Scope, link_ids: Sequence[int], *, seq: int) -> None:
    """Nothing to do for these but to remember that they were seen, where that is ever asked."""
    if link_ids and scope.marks_seen:
        values: dict[str, Any] = {"last_seen_run_id": scope.run_id, "applied_fetch_seq": seq}
        if scope.parent_link is not None:  # of a list, pull.vanished says when it is there again
            values["missing_since"] = None
        db.session().execute(
            update(Link)
            .where(among(Link.id, link_ids))
            .values(values)
            .execution_options(synchronize_session=False)
        )
