"""What a batch of their records means beside ours: counted, and each difference kept as a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, insert, or_, select, update

from webapp.core import clock, db
from webapp.outbox.models import Delivery
from webapp.sync import merge
from webapp.sync.connectors.mapping import CompiledMapping
from webapp.sync.models import Link, Quarantine
from webapp.sync.pull.known import Known
from webapp.sync.pull.problems import storable_json
from webapp.sync.pull.rows import Row, read
from webapp.sync.pull.scope import Scope
from webapp.sync.push.queueing import lane
from webapp.sync.reconcile.compare import differences
from webapp.sync.reconcile.models import ALL, FIELD, HERE, OPEN, THERE, Drift

_SENDING = ("pending", "sending", "retrying", "held")


@dataclass(frozen=True, slots=True)
class Asked:
    """When the batch was asked for, in time and counted in pages of the connection's pulls."""

    at: datetime
    seq: int


@dataclass(slots=True)
class Tally:
    compared: int = 0
    same: int = 0
    busy: int = 0
    unreadable: int = 0


def next_links(
    scope: Scope, comparison_id: int, *, extent: str, after: int, limit: int
) -> Sequence[Known]:
    """The next links to ask for by their ids: of `all`, those that the list did not show."""
    query = select(Link.id, Link.external_id).where(
        Link.connection_id == scope.connection_id,
        Link.kind == scope.kind,
        Link.state != "gone",
        Link.id > after,
    )
    if extent == OPEN:
        query = query.where(Link.upstream_open.is_(True))
    elif extent == ALL:
        unseen = or_(Link.checked_id.is_(None), Link.checked_id != comparison_id)
        query = query.where(unseen)
    rows = db.session().execute(query.order_by(Link.id).limit(limit))
    return [Known(row[0], row[1]) for row in rows]


def note(
    scope: Scope,
    comparison_id: int,
    found: Sequence[Any],
    missing: Sequence[str],
    *,
    mapping: CompiledMapping,
    asked: Asked,
) -> Tally:
    """Compare the records that came with what stands here now. One that differs while a push of it is on its way,
    or that was pushed or pulled since we asked, is busy: which of two values we saw there is not known."""
    reading = read(found, mapping, now=clock.now())
    ids = [row.external_id for row in reading.rows]
    links = _links(scope, [*ids, *missing])
    fresh = {key: link for key, link in links.items() if link.checked_id != comparison_id}
    tally = Tally(unreadable=len(reading.bad))
    drift: list[dict[str, Any]] = []
    pushed = _under_way([link.id for link in fresh.values()])
    subject, local_ids = scope.subject, [link.local_id for link in fresh.values()]
    locals_, gathered = subject.load(local_ids), subject.gathered(local_ids)
    for row in reading.rows:
        link = fresh.get(row.external_id)
        if link is not None and link.local_id in locals_:
            ours = subject.present(locals_[link.local_id], tuple(row.fields))
            ours |= gathered[link.local_id]
            busy = link.id in pushed or _moved_since(link, asked)
            drift += _compare(scope, link, row, ours, busy=busy, tally=tally)
    for external_id in missing:
        if external_id in fresh:
            tally.compared += 1
            drift.append(_lacking(scope, THERE, external_id, link_id=fresh[external_id].id))
    drift += _missing_here(scope, comparison_id, reading.rows, known=links)
    _keep(comparison_id, drift)
    _mark(comparison_id, [link.id for link in links.values()])
    return tally


def count_drift(comparison_id: int) -> int:
    return (
        db.session().scalar(select(func.count()).where(Drift.comparison_id == comparison_id)) or 0
    )


def _compare(
    scope: Scope, link: Link, row: Row, ours: dict[str, Any], *, busy: bool, tally: Tally
) -> list[dict[str, Any]]:
    tally.compared += 1
    try:
        theirs = scope.subject.canonical(scope.subject.check(row.fields))
    except ValidationError:
        tally.unreadable += 1
        return []
    found = differences(
        ours=ours,
        theirs=theirs,
        base=link.base,
        additive=scope.subject.additive,
        reads_as=scope.reads_as,
    )
    # What is ours to say and nobody here has said, such as a payment that was made there, is no difference.
    found = [
        each
        for each in found
        if each.ours is not None or scope.owners.get(each.field) != merge.LOCAL
    ]
    tally.same += not found
    if found and busy:
        tally.busy += 1
        return []
    return [
        {
            **asdict(each),
            "link_id": link.id,
            "record_kind": scope.kind,
            "parent_id": scope.parent_link,
            "external_id": link.external_id,
            "kind": FIELD,
        }
        for each in found
    ]


def _moved_since(link: Link, asked: Asked) -> bool:
    pushed = link.pushed_at is not None and link.pushed_at >= asked.at
    return pushed or link.applied_fetch_seq > asked.seq


def _missing_here(
    scope: Scope, comparison_id: int, rows: Sequence[Row], *, known: dict[str, Link]
) -> list[dict[str, Any]]:
    """Records of theirs that nothing of ours has and nobody left out. One that they withdrew is no case."""
    new = {
        row.external_id: row for row in rows if row.external_id not in known and not row.withdrawn
    }
    if not new:
        return []
    problems = db.session().scalars(
        select(Quarantine.external_id).where(
            Quarantine.connection_id == scope.connection_id,
            Quarantine.kind == scope.kind,
            Quarantine.external_id.in_(new),
            Quarantine.state.in_(("open", "ignored")),
        )
    )
    listed = db.session().scalars(
        select(Drift.external_id).where(
            Drift.comparison_id == comparison_id,
            Drift.kind == HERE,
            Drift.record_kind == scope.kind,
            Drift.external_id.in_(new),
        )
    )
    for external_id in {*problems.all(), *listed.all()}:
        del new[external_id]
    return [
        {**_lacking(scope, HERE, external_id), "theirs": storable_json(row.raw)}
        for external_id, row in new.items()
    ]


def _lacking(
    scope: Scope, kind: str, external_id: str, *, link_id: int | None = None
) -> dict[str, Any]:
    values = dict.fromkeys(("ours", "theirs", "base"))
    return {
        **values,
        "link_id": link_id,
        "record_kind": scope.kind,
        "parent_id": scope.parent_link,
        "external_id": external_id,
        "kind": kind,
        "field": "",
        "moved": "",
    }


def _keep(comparison_id: int, drift: list[dict[str, Any]]) -> None:
    if drift:
        rows = [{**each, "comparison_id": comparison_id, "state": "open"} for each in drift]
        db.session().execute(insert(Drift), rows)


def _mark(comparison_id: int, link_ids: Sequence[int]) -> None:
    if link_ids:
        db.session().execute(
            update(Link)
            .where(Link.id.in_(link_ids))
            .values(checked_id=comparison_id)
            .execution_options(synchronize_session=False)
        )


def _links(scope: Scope, external_ids: Sequence[str]) -> dict[str, Link]:
    rows = db.session().scalars(
        select(Link).where(
            Link.connection_id == scope.connection_id,
            Link.kind == scope.kind,
            Link.external_id.in_(external_ids),
        )
    )
    return {link.external_id: link for link in rows}


def _under_way(link_ids: Sequence[int]) -> set[int]:
    lanes = {lane(link_id): link_id for link_id in link_ids}
    found = db.session().scalars(
        select(Delivery.lane).where(
            Delivery.lane.in_(lanes), Delivery.settled_at.is_(None), Delivery.state.in_(_SENDING)
        )
    )
    return {lanes[name] for name in found}
