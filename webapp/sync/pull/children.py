"""What belongs to the records of a list: the bulletins of each bordereau that has changed, read after it.

That a parent's children are due stands with its link, set in the same transaction as the parent's change and taken
back in the one that applies the last of them: killed in between, the next run reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update

from webapp.core import clock, db
from webapp.core.errors import RemoteError
from webapp.sync.connections import Access, Sleep, shape_of
from webapp.sync.connectors.engine import Engine
from webapp.sync.connectors.mapping import CompiledMapping
from webapp.sync.connectors.paths import read
from webapp.sync.models import Connection, Link
from webapp.sync.pull import claiming, known
from webapp.sync.pull.opening import scope_of
from webapp.sync.pull.scope import Scope

AT_ONCE = 4  # parents asked for at the same time
ROWS = 1000  # applied in one transaction
TIME_STEP = timedelta(seconds=2)  # the coarsest update times, and what a clock may be off


@dataclass(frozen=True, slots=True)
class Family:
    """All children of one kind that one parent has, as they came. `lost`: the upstream does not find their place."""

    scope: Scope
    mapping: CompiledMapping
    items: Sequence[Any]
    requests: int = 0
    bytes: int = 0
    lost: bool = False
    asked_at: datetime | None = None  # None: they came with their parent

    @property
    def parent_id(self) -> int:
        return self.scope.parent_link or 0

    def parts(self) -> Iterator[tuple[Sequence[Any], bool]]:
        """(some of the items, whether they are the last)."""
        starts = range(0, max(len(self.items), 1), ROWS)
        for start in starts:
            yield self.items[start : start + ROWS], start + ROWS >= len(self.items)


def again(scope: Scope) -> None:
    """Children that had to wait are read with all that their parents have."""
    waiting = select(Link.parent_id).where(
        Link.connection_id == scope.connection_id,
        Link.kind.in_(scope.children),
        Link.reread.is_(True),
    )
    db.session().execute(
        update(Link)
        .where(Link.id.in_(waiting))
        .values(children_due=True)
        .execution_options(synchronize_session=False)
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The children of one kind that one parent has, before they are asked for."""

    access: Access
    scope: Scope
    items: Sequence[Any] | None  # at hand already, inside the parent's record

    def family(self) -> Family:
        return Family(self.scope, self.access.mapping(), self.items or ())


def families(
    access: Access, scope: Scope, link_ids: Sequence[int], *, sleep: Sleep
) -> list[Family]:
    """The children of these parents, in their order. Raises RemoteError; then none of them is applied."""
    return fetched(access, _of_links(access, scope, link_ids), sleep=sleep)


def fetched(access: Access, asked: Sequence[Asked], *, sleep: Sleep) -> list[Family]:
    """Asks for a few at the same time. Raises RemoteError."""
    at_once = 1 if access.declaration.pacing.requests_per_minute else AT_ONCE
    with ExitStack() as stack, ThreadPoolExecutor(at_once) as pool:
        waiting = [
            pool.submit(
                copy_context().run,
                _fetch,
                each,
                stack.enter_context(each.access.engine(sleep=sleep)),
            )
            if each.items is None
            else None
            for each in asked
        ]
        return [
            each.family() if one is None else one.result()
            for each, one in zip(asked, waiting, strict=True)
        ]


def asked_for(access: Access, kind: str, parent: str, raw: Any, *, scope: Scope) -> Asked:
    """`parent`: the id of the record there, and `raw` the record; `scope`: of its children."""
    declared = shape_of(access.declaration, access.shape, access.options).children[kind]
    items = None
    if declared.inside is not None:
        inside = read(raw or {}, declared.inside)
        items = inside if isinstance(inside, list) else []
    return Asked(access.of_kind(kind, parent=parent), scope, items)


def _of_links(access: Access, scope: Scope, link_ids: Sequence[int]) -> list[Asked]:
    with db.transaction() as session:
        connection = session.get_one(Connection, scope.connection_id)
        links = session.scalars(select(Link).where(Link.id.in_(link_ids)).order_by(Link.id)).all()
        found = []
        for kind in scope.children:
            own = access.of_kind(kind)
            for link in links:
                child = child_scope(connection, own, scope, link)
                found.append(asked_for(access, kind, link.external_id, link.payload, scope=child))
        return found


def _fetch(asked: Asked, engine: Engine) -> Family:
    asked_at = clock.now()
    try:
        [page] = engine.pages()
    except RemoteError as error:
        if error.kind not in ("not_found", "gone"):
            raise
        return Family(asked.scope, engine.mapping, (), lost=True)
    return Family(
        asked.scope, engine.mapping, page.items, page.requests, page.bytes, asked_at=asked_at
    )


def child_scope(connection: Connection, own: Access, scope: Scope, parent: Link) -> Scope:
    """As the scope of a list, for the children of one of its records."""
    return replace(
        scope_of(connection, own, run_id=scope.run_id),
        parent_link=parent.id,
        parent_local=parent.local_id,
        marks_seen=True,
        lists_all=False,
    )


def not_found(family: Family) -> str:
    """The next run asks for the parent itself by its id, and for its children once more. A warning meanwhile."""
    db.session().execute(
        update(Link)
        .where(Link.id == family.parent_id)
        .values(reread=True)
        .execution_options(synchronize_session=False)
    )
    return lost_words()


def lost_words() -> str:
    return gettext("What belongs to a record was not found there; it is looked for again.")


def finished(family: Family, *, began: int, now: datetime) -> None:
    """All that the parent has was applied from page `began` on. What it had before and has no longer is looked at once
    more by the next run, and counts as gone when it is missing then as well, unless another parent has shown it. So is
    all that changed as it was read."""
    session, missing = db.session(), _missing(family, began)
    moving = claiming.left_out(family.scope, missing)
    claiming.solve_gone(family.scope, family.items, family.mapping.find_id)
    for link in missing:
        if link.missing_since is None:
            link.missing_since = now
        elif link.external_id not in moving:
            known.lost(family.scope, link.external_id)
    session.flush()
    once_more = _too_fresh(family) or any(link.state == "linked" for link in missing)
    session.execute(
        update(Link)
        .where(Link.id == family.parent_id)
        .values(children_due=once_more)
        .execution_options(synchronize_session=False)
    )


def _missing(family: Family, began: int) -> list[Link]:
    """What is not among the items, for whatever came of those: one that could not be applied is there all the same."""
    unseen = db.session().scalars(
        select(Link).where(
            Link.parent_id == family.parent_id,
            Link.kind == family.scope.kind,
            Link.state == "linked",
            Link.applied_fetch_seq < began,
            Link.reread.is_(False),
        )
    )
    links = unseen.all()
    there = set(map(family.mapping.find_id, family.items)) if links else set()
    for link in links:
        if link.external_id in there:
            link.missing_since = None
    return [link for link in links if link.external_id not in there]


def _too_fresh(family: Family) -> bool:
    """Whether the parent had changed so shortly before that another change may bear the same time: nothing in its own
    record would then tell that its children have changed once more."""
    updated = db.session().scalar(
        select(Link.upstream_updated_at).where(Link.id == family.parent_id)
    )
    if updated is None or family.asked_at is None:
        return False
    theirs = family.asked_at + timedelta(seconds=family.scope.skew or 0)
    return updated > theirs - TIME_STEP
