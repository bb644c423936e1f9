"""Records that we know and that came back different: merged one by one, each in its own savepoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm.exc import StaleDataError

from webapp.core import db
from webapp.events.record import record
from webapp.outbox.models import Delivery
from webapp.sync import merge
from webapp.sync.events import UpstreamStateChanged
from webapp.sync.models import Link
from webapp.sync.pull import deciding
from webapp.sync.pull.creating import RECORD_ERRORS, check_database
from webapp.sync.pull.rows import Bad, Row, why
from webapp.sync.pull.scope import Scope, Tally
from webapp.sync.push.queueing import push_again
from webapp.sync.subjects import Checked, Local


@dataclass(frozen=True, slots=True)
class Pair:
    link: Link
    local: Local


def change(
    scope: Scope, rows: Sequence[Row], *, seq: int, now: datetime, tally: Tally
) -> list[Bad]:
    """Give back what could not be merged."""
    refused: list[Bad] = []
    if not rows:
        return refused
    pairs = _pairs(scope, rows)
    flying = _in_flight([pair.link.id for pair in pairs.values()])
    for row in rows:
        pair = pairs.get(row.external_id)
        if pair is None:  # our record is gone, which no action of ours does
            tally.skipped += 1
            continue
        link_id = pair.link.id
        try:
            with db.session().begin_nested():
                became = _one(scope, pair, row, seq=seq, now=now, flying=link_id in flying)
        except StaleDataError:  # somebody saved our record at this very moment: read it again
            _defer(link_id)
            became = "deferred"
        except RECORD_ERRORS as error:
            check_database(error)
            refused.append(Bad(row.external_id, row.raw, why(error)))
            continue
        setattr(tally, became, getattr(tally, became) + 1)
        if became != "deferred":
            tally.saw(row.moment)
    return refused


def _pairs(scope: Scope, rows: Sequence[Row]) -> dict[str, Pair]:
    session = db.session()
    links = session.scalars(
        select(Link)
        .where(
            Link.connection_id == scope.connection_id,
            Link.kind == scope.kind,
            Link.external_id.in_([row.external_id for row in rows]),
        )
        .order_by(Link.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    by_id = scope.subject.load([link.local_id for link in links], lock=True)
    return {
        link.external_id: Pair(link, by_id[link.local_id])
        for link in links
        if link.local_id in by_id
    }


def _in_flight(link_ids: Sequence[int]) -> set[int]:
    """Links for which a push is with a worker now: what we read may be from before or after it."""
    lanes = {f"link:{link_id}": link_id for link_id in link_ids}
    found = db.session().scalars(
        select(Delivery.lane).where(
            Delivery.lane.in_(lanes), Delivery.state == "sending", Delivery.settled_at.is_(None)
        )
    )
    return {lanes[lane] for lane in found}


def _one(scope: Scope, pair: Pair, row: Row, *, seq: int, now: datetime, flying: bool) -> str:
    """What became of the row, as the tally counts it."""
    link = pair.link
    seen = merge.Seen(
        version=link.upstream_version,
        updated_at=link.upstream_updated_at,
        applied_seq=link.applied_fetch_seq,
        pushed_seq=link.last_push_seq,
        in_flight=flying,
    )
    step = merge.verdict(seen, version=row.version, updated_at=row.updated_at, seq=seq)
    if step == merge.DEFER:
        _defer(link.id)
        return "deferred"
    if step == merge.IGNORE:
        link.reread = False
        return "skipped"
    checked = scope.subject.check(row.fields)
    changed = _merge(scope, pair, row, checked, now=now)
    changed = _set_state(scope, pair, row) or changed
    _remember(scope, link, row, seq=seq)
    db.session().flush()
    return "updated" if changed else "unchanged"


def _merge(scope: Scope, pair: Pair, row: Row, checked: Checked, *, now: datetime) -> bool:
    """Field by field. True when ours changed."""
    subject, link, local = scope.subject, pair.link, pair.local
    remote = subject.canonical(checked)
    present = subject.present(local, tuple(remote))
    base, taken, asked = dict(link.base), set[str](), set[str]()
    for field, theirs in remote.items():
        if field in subject.additive:  # so ours holds theirs
            merged = merge.Merged(take=base.get(field) != theirs, base=theirs)
        elif field == "status":
            merged = _merge_status(scope, pair, row, base.get(field, present[field]))
        else:
            ours = present[field]
            merged = merge.merge_field(
                base=base.get(field, ours),
                local=ours,
                remote=theirs,
                owner=deciding.owner(scope, local, field, row.updated_at),
            )
        if merged.conflict:
            deciding.keep_conflict(
                link,
                field,
                base=base.get(field),
                ours=present[field],
                theirs=theirs,
                winner=merged.winner,
                now=now,
            )
            asked |= {field} if not merged.winner else set()
        base[field] = merged.base
        if merged.take:
            taken.add(field)
    link.base = base
    changed: list[str] = []
    if taken:
        wanted = {name: getattr(checked, name) for name in taken}
        changed = subject.update(local, wanted, actor=scope.actor)
    differs = scope.reads_as(base.get("status")) != scope.reads_as(local.status)
    if scope.pushes and differs and "status" not in asked:
        push_again(link, local, connection_id=scope.connection_id)
    return bool(changed)


def _merge_status(scope: Scope, pair: Pair, row: Row, base: Any) -> merge.Merged:
    """In the upstream's own words, of which there may be fewer: `resolved` that comes back as `closed`
    is our own echo where they know only `closed`."""
    link, local = pair.link, pair.local
    seen = scope.reads_as(row.fields["status"])
    sent = [scope.reads_as(each) for each in link.sent_values]
    merged = merge.merge_field(
        base=scope.reads_as(base),
        local=scope.reads_as(local.status),
        remote=seen,
        owner=deciding.owner(scope, local, "status", row.updated_at),
        sent=sent,
    )
    if seen in sent:
        link.sent_values = merge.without(sent, seen)
    return merged


def _set_state(scope: Scope, pair: Pair, row: Row) -> bool:
    """Withdrawn, or there again. It is shown; no record is ever removed."""
    link, state = pair.link, "withdrawn" if row.withdrawn else "linked"
    if link.state == state:
        return False
    link.state = state
    fact = UpstreamStateChanged(
        subject_kind=link.local_kind, subject_id=link.local_id, connection=scope.name, state=state
    )
    record(fact, actor=scope.actor)
    return True


def _remember(scope: Scope, link: Link, row: Row, *, seq: int) -> None:
    link.payload_hash, link.raw_hash, link.payload = row.hash, row.raw_hash, dict(row.raw)
    link.upstream_version = row.version or link.upstream_version
    link.upstream_updated_at = row.updated_at or link.upstream_updated_at
    link.applied_fetch_seq = seq
    link.upstream_open = not row.withdrawn and scope.subject.is_open(row.fields)
    link.last_seen_run_id = scope.run_id or link.last_seen_run_id
    link.reread = False


def _defer(link_id: int) -> None:
    """The next run reads this record again by its id."""
    db.session().execute(
        update(Link)
        .where(Link.id == link_id)
        .values(reread=True)
        .execution_options(synchronize_session=False)
    )
