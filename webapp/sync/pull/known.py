"""Records we know and ask for by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, or_, select, update

from webapp.core import db
from webapp.events.record import record
from webapp.sync.events import UpstreamStateChanged
from webapp.sync.models import Link
from webapp.sync.pull.scope import Scope


class Known(NamedTuple):
    link_id: int
    external_id: str


def with_children_due(scope: Scope, *, after_id: int, limit: int) -> Sequence[Known]:
    """Those whose children are to be read anew."""
    return _some(
        scope,
        Link.children_due.is_(True) & Link.state.in_(("linked", "withdrawn")),
        after_id=after_id,
        limit=limit,
    )


def to_reread(scope: Scope, *, after_id: int, limit: int) -> Sequence[Known]:
    """Those that came while a push was under way."""
    return _some(scope, Link.reread.is_(True), after_id=after_id, limit=limit)


def still_open(scope: Scope, *, after_id: int, limit: int) -> Sequence[Known]:
    """Those that may still change and were not on this run's pages."""
    unseen = or_(Link.last_seen_run_id.is_(None), Link.last_seen_run_id != scope.run_id)
    return _some(
        scope,
        Link.upstream_open.is_(True) & (Link.state == "linked") & unseen,
        after_id=after_id,
        limit=limit,
    )


def reread(scope: Scope, external_ids: Sequence[str]) -> None:
    """Have the next run ask for them by id."""
    db.session().execute(
        update(Link)
        .where(
            Link.connection_id == scope.connection_id,
            Link.kind == scope.kind,
            Link.external_id.in_(external_ids),
        )
        .values(reread=True)
        .execution_options(synchronize_session=False)
    )


def linked(scope: Scope, external_ids: Sequence[str]) -> set[str]:
    """Those of them that have a record here."""
    found = db.session().scalars(
        select(Link.external_id).where(
            Link.connection_id == scope.connection_id,
            Link.kind == scope.kind,
            Link.external_id.in_(external_ids),
        )
    )
    return set(found)


def lost(scope: Scope, external_id: str) -> None:
    """The upstream does not have it any more. Ours stays, and says so."""
    link = db.session().scalar(
        select(Link).where(
            Link.connection_id == scope.connection_id,
            Link.kind == scope.kind,
            Link.external_id == external_id,
        )
    )
    if link is None:
        return
    if link.state == "gone":  # somebody had it looked for again
        link.reread = False
        return
    link.state, link.reread, link.upstream_open = "gone", False, False
    db.session().flush()
    fact = UpstreamStateChanged(
        subject_kind=link.local_kind, subject_id=link.local_id, connection=scope.name, state="gone"
    )
    record(fact, actor=scope.actor)


def _some(
    scope: Scope, which: ColumnElement[bool], *, after_id: int, limit: int
) -> Sequence[Known]:
    """Read in a transaction of its own: none is open over the calls that follow."""
    with db.transaction() as session:
        found = session.execute(
            select(Link.id, Link.external_id)
            .where(
                Link.connection_id == scope.connection_id,
                Link.kind == scope.kind,
                Link.id > after_id,
                which,
            )
            .order_by(Link.id)
            .limit(limit)
        )
        return [Known(row[0], row[1]) for row in found]
