"""Records that we know and that came back different: merged field by field, a page at once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.orm.attributes import flag_modified
from sqlalchemy.orm.exc import StaleDataError

from webapp.core import db
from webapp.core.among import among
from webapp.events.record import gathered, record
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

DEFERRED = "deferred"
# Written whether they changed or not: rows of which the same columns are written go in one statement.
_WRITTEN = (
    "base",
    "payload",
    "payload_hash",
    "raw_hash",
    "upstream_version",
    "upstream_updated_at",
    "upstream_open",
    "applied_fetch_seq",
    "last_seen_run_id",
    "reread",
)


@dataclass(frozen=True, slots=True)
class Pair:
    link: Link
    local: Local


@dataclass(frozen=True, slots=True)
class _Merge:
    """A record of both sides and how it came; `flying`: a push of it is with a worker."""

    pair: Pair
    row: Row
    flying: bool


def change(
    scope: Scope, rows: Sequence[Row], *, seq: int, now: datetime, tally: Tally
) -> list[Bad]:
    """Give back what could not be merged."""
    if not rows:
        return []
    pairs = _pairs(scope, rows)
    flying = _in_flight([pair.link.id for pair in pairs.values()])
    merges = [
        _Merge(pair, row, flying=pair.link.id in flying)
        for row in rows
        if (pair := pairs.get(row.external_id)) is not None
    ]
    tally.skipped += len(rows) - len(merges)  # ours is gone, which no action of ours does
    try:
        found = _together(scope, merges, seq=seq, now=now)
        refused: list[Bad] = []
    except (StaleDataError, *RECORD_ERRORS) as error:
        check_database(error)
        found, refused = _one_by_one(scope, merges, seq=seq, now=now)
    for row, became in found:
        setattr(tally, became, getattr(tally, became) + 1)
        if became != DEFERRED:
            tally.saw(row.moment)
    return refused


def _together(
    scope: Scope, merges: Sequence[_Merge], *, seq: int, now: datetime
) -> list[tuple[Row, str]]:
    """All of them in one savepoint, with few statements: what became of each. Raises what any of them raises."""
    with db.session().begin_nested(), gathered():
        return [(each.row, _one(scope, each, seq=seq, now=now)) for each in merges]


def _one_by_one(
    scope: Scope, merges: Sequence[_Merge], *, seq: int, now: datetime
) -> tuple[list[tuple[Row, str]], list[Bad]]:
    """Each in a savepoint of its own, so that one that cannot be merged undoes no other."""
    found: list[tuple[Row, str]] = []
    refused: list[Bad] = []
    for each in merges:
        row, link_id = each.row, each.pair.link.id
        try:
            with db.session().begin_nested():
                found.append((row, _one(scope, each, seq=seq, now=now)))
                db.session().flush()
        except StaleDataError:  # somebody saved our record at this very moment: read it again
            _defer(link_id)
            found.append((row, DEFERRED))
        except RECORD_ERRORS as error:
            check_database(error)
            refused.append(Bad(row.external_id, row.raw, why(error)))
    return found, refused


def _pairs(scope: Scope, rows: Sequence[Row]) -> dict[str, Pair]:
    session = db.session()
    links = session.scalars(
        select(Link)
        .where(
            Link.connection_id == scope.connection_id,
            Link.kind == scope.kind,
            among(Link.external_id, [row.external_id for row in rows]),
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


def _one(scope: Scope, one: _Merge, *, seq: int, now: datetime) -> str:
    """What became of the row, as the tally counts it. Written with the next flush."""
    pair, row, link = one.pair, one.row, one.pair.link
    seen = merge.Seen(
        version=link.upstream_version,
        updated_at=link.upstream_updated_at,
        applied_seq=link.applied_fetch_seq,
        pushed_seq=link.last_push_seq,
        in_flight=one.flying,
    )
    step = merge.verdict(seen, version=row.version, updated_at=row.updated_at, seq=seq)
    if step == merge.DEFER:
        _defer(link.id)
        return DEFERRED
    if step == merge.IGNORE:
        link.reread = False
        return "skipped"
    checked = scope.subject.check(row.fields)
    changed = _merge(scope, pair, row, checked, now=now)
    changed = _set_state(scope, pair, row) or changed
    changed = _set_parent(scope, pair) or changed
    _remember(scope, link, row, seq=seq)
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
        elif theirs == present[field] and not link.sent_values:
            base[field] = scope.reads_as(field, theirs)  # most of them: nothing to decide
            continue
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
    for name in _WRITTEN:
        flag_modified(link, name)


def _defer(link_id: int) -> None:
    """The next run reads this record again by its id."""
    db.session().execute(
        update(Link)
        .where(Link.id == link_id)
        .values(reread=True)
        .execution_options(synchronize_session=False)
    )
