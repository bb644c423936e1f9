"""Records that we know and that came back different: merged one by one, each in its own savepoint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
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
from webapp.sync.push.queueing import give_up, push_again
from webapp.sync.subjects import Checked, Local
from webapp.sync.values import Canonical


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
    changed = _set_parent(scope, pair) or changed
    _remember(scope, link, row, seq=seq)
    db.session().flush()
    return "updated" if changed else "unchanged"


def _merge(scope: Scope, pair: Pair, row: Row, checked: Checked, *, now: datetime) -> bool:
    """Field by field. True when ours changed."""
    subject, link, local = scope.subject, pair.link, pair.local
    remote = subject.canonical(checked)
    present = subject.present(local, tuple(remote))
    base, taken, asked, lost = dict(link.base), set[str](), set[str](), set[str]()
    for field, theirs in remote.items():
        if field in subject.additive:  # so ours holds theirs
            merged = merge.Merged(take=base.get(field) != theirs, base=theirs)
        else:
            merged = _merge_field(
                scope, pair, row, field, base=base, ours=present[field], theirs=theirs
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
            lost |= {field} if merged.winner == merge.UPSTREAM else set()
        base[field] = merged.base
        if merged.take:
            taken.add(field)
    link.base = base
    changed: list[str] = []
    if taken:
        wanted = {name: getattr(checked, name) for name in taken}
        changed = subject.update(local, wanted, actor=scope.actor)
    _push_what_differs(scope, pair, remote.keys() - asked, lost=lost)
    return bool(changed)


def _merge_field(
    scope: Scope, pair: Pair, row: Row, field: str, *, base: Canonical, ours: Any, theirs: Any
) -> merge.Merged:
    """In the upstream's own words, of which there may be fewer: `resolved` that comes back as `closed`
    is our own echo where they know only `closed`."""
    link = pair.link
    seen = scope.reads_as(field, theirs)
    sent = [scope.reads_as(field, each) for each in link.sent_values.get(field, ())]
    merged = merge.merge_field(
        base=scope.reads_as(field, base.get(field, ours)),
        local=scope.reads_as(field, ours),
        remote=seen,
        owner=deciding.owner(scope, pair.local, field, row.updated_at),
        sent=sent,
    )
    if seen in sent:
        link.sent_values = merge.seen_back(link.sent_values, field, merge.without(sent, seen))
    return merged


def _push_what_differs(scope: Scope, pair: Pair, fields: Iterable[str], *, lost: set[str]) -> None:
    """What ours says otherwise than was last agreed goes out, whatever became of an earlier delivery. `lost`:
    fields of which theirs counted against ours: what was on its way with those is given up."""
    link = pair.link
    pushed = [field for field in fields if field in scope.pushed and field in scope.again]
    if not pushed:
        return
    if lost & set(pushed):
        reason = gettext(
            "Both sides had changed it; the value of %(name)s counts.", name=scope.name
        )
        give_up(link, scope, {scope.pushed[field] for field in lost & set(pushed)}, reason=reason)
    present = scope.subject.present(pair.local, pushed)
    differ = {
        scope.pushed[field]
        for field in pushed
        if scope.reads_as(field, link.base.get(field)) != scope.reads_as(field, present.get(field))
    }
    if differ:
        push_again(link, pair.local, sorted(differ), connection_id=scope.connection_id)


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


def _set_parent(scope: Scope, pair: Pair) -> bool:
    """It came with another parent than before: it belongs there now, here as well, and is sent there."""
    if scope.parent_link is None or pair.link.parent_id == scope.parent_link:
        return False
    pair.link.parent_id = scope.parent_link
    scope.subject.move(pair.local, scope.parent_local or 0, actor=scope.actor)
    return True


def _remember(scope: Scope, link: Link, row: Row, *, seq: int) -> None:
    link.payload_hash, link.raw_hash, link.payload = row.hash, row.raw_hash, dict(row.raw)
    link.upstream_version = row.version or link.upstream_version
    link.upstream_updated_at = row.updated_at or link.upstream_updated_at
    link.applied_fetch_seq = seq
    link.upstream_open = not row.withdrawn and scope.subject.is_open(row.fields)
    link.last_seen_run_id = scope.run_id or link.last_seen_run_id
    link.children_due = link.children_due or bool(scope.children)
    link.missing_since = None if scope.parent_link else link.missing_since
    link.reread = False


def _defer(link_id: int) -> None:
    """The next run reads this record again by its id."""
    db.session().execute(
        update(Link)
        .where(Link.id == link_id)
        .values(reread=True)
        .execution_options(synchronize_session=False)
    )
