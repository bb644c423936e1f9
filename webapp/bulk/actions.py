"""Planning, starting and doing. Needs an open transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm.exc import StaleDataError

from webapp.bulk import kinds
from webapp.bulk.models import DONE, EXCLUDED, MADE, PREVIEW, RUNNING, SKIPPED, TODO, Bulk, BulkItem
from webapp.core import clock, db
from webapp.core.errors import AppError, Conflict
from webapp.core.queue import enqueue
from webapp.events.types import Actor

AT_ONCE = 50  # so many are done while the person waits; more become a task
BATCH = 50
MOST = 10_000  # records in one list; the rest comes next time
_ROWS = 1000
_KEPT = timedelta(days=30)
_PREVIEWS_KEPT = timedelta(days=1)


def plan(
    *,
    kind: str,
    scope: str,
    title: str,
    back: str,
    items: Iterable[tuple[int, str]],
    actor: Actor,
    args: Mapping[str, Any] | None = None,
    most: int = MOST,
) -> Bulk:
    """Keep the list of `items`: (id, why it is left out or ""). Nothing happens to them until `start`."""
    now = clock.now()
    bulk = Bulk(
        kind=kind,
        scope=scope,
        title=title[:300],
        back=back[:500],
        args=dict(args or {}),
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name,
        created_at=now,
        touched_at=now,
    )
    session = db.session()
    session.add(bulk)
    session.flush()
    rows = iter(islice(items, most))
    while some := list(islice(rows, _ROWS)):
        session.execute(insert(BulkItem), [_item(bulk.id, *each) for each in some])
    return bulk


def start(bulk: Bulk, *, actor: Actor, args: Mapping[str, Any] | None = None) -> bool:
    """Do it. True: so few that it should be done while the person waits. Raises Conflict when it was started.

    Whoever starts it has decided it, and stands in the audit trail.
    """
    from webapp.bulk import tasks  # they stand above

    session = db.session()
    won: Any = session.execute(
        update(Bulk)
        .where(Bulk.id == bulk.id, Bulk.state == PREVIEW)
        .values(
            state=RUNNING,
            args={**bulk.args, **(args or {})},
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name,
            touched_at=clock.now(),
        )
        .execution_options(synchronize_session=False)
    )
    if won.rowcount != 1:
        raise Conflict(gettext("This was started already."))
    session.refresh(bulk)
    kinds.tell(bulk.scope)
    waiting = select(func.count()).where(BulkItem.bulk_id == bulk.id, BulkItem.state == TODO)
    if (session.scalar(waiting) or 0) <= AT_ONCE:
        return True
    enqueue(tasks.go_on, bulk.id)
    return False


def do_batch(bulk_id: int) -> bool:
    """The next items of the list. False: it is over. Two workers take turns, so that none is done twice."""
    session = db.session()
    bulk = session.get(Bulk, bulk_id, with_for_update=True, populate_existing=True)
    if bulk is None or bulk.state != RUNNING:
        return False
    items = session.scalars(
        select(BulkItem)
        .where(BulkItem.bulk_id == bulk_id, BulkItem.state == TODO)
        .order_by(BulkItem.id)
        .limit(BATCH)
    ).all()
    for item in items:
        item.reason = _do(bulk, item.subject_id)
        item.state = SKIPPED if item.reason else MADE
    bulk.touched_at = clock.now()
    if len(items) < BATCH:
        bulk.state, bulk.ended_at = DONE, clock.now()
    session.flush()
    kinds.tell(bulk.scope)
    return bulk.state == RUNNING


def forget_old() -> None:
    """Previews that nobody started, and lists done long ago. What was done stands in the audit trail."""
    now = clock.now()
    old = (Bulk.state == PREVIEW) & (Bulk.created_at < now - _PREVIEWS_KEPT)
    done = (Bulk.state == DONE) & (Bulk.ended_at < now - _KEPT)
    db.session().execute(
        delete(Bulk).where(old | done).execution_options(synchronize_session=False)
    )


def _do(bulk: Bulk, subject_id: int) -> str:
    try:
        with db.session().begin_nested():
            return kinds.step(bulk.kind)(subject_id, bulk.args, bulk.actor)
    except StaleDataError:
        return gettext("Somebody else changed it at the same time.")
    except AppError as error:
        return error.message


def _item(bulk_id: int, subject_id: int, reason: str) -> dict[str, Any]:
    state = EXCLUDED if reason else TODO
    return {"bulk_id": bulk_id, "subject_id": subject_id, "state": state, "reason": reason}
