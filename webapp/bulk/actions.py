"""Planning, starting and doing. Needs an open transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, delete, func, insert, literal, select, update
from sqlalchemy.orm.exc import StaleDataError

from webapp.bulk import kinds
from webapp.bulk.models import DONE, EXCLUDED, MADE, PREVIEW, RUNNING, SKIPPED, TODO, Bulk, BulkItem
from webapp.core import clock, db
from webapp.core.errors import AppError, Conflict
from webapp.core.inserting import insert_rows
from webapp.core.queue import enqueue
from webapp.events.record import gathered
from webapp.events.types import Actor

AT_ONCE = 50  # so many are done while the person waits; more become a task
BATCH = 50
UNDO_FOR = timedelta(minutes=30)  # after its end
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
) -> Bulk:
    """Keep the list of `items`: (id, why it is left out or ""), some held at a time. Nothing happens to them until
    `start`."""
    bulk = _begun(kind=kind, scope=scope, title=title, back=back, actor=actor, args=args)
    rows = iter(items)
    while some := list(islice(rows, _ROWS)):
        insert_rows(BulkItem, [_item(bulk.id, *each) for each in some])
    return bulk


def plan_all(
    *, kind: str, scope: str, title: str, back: str, ids: Select[int], actor: Actor
) -> Bulk:
    """As `plan`, of all that the query `ids` finds, without any of them leaving the database."""
    bulk = _begun(kind=kind, scope=scope, title=title, back=back, actor=actor)
    (column,) = ids.selected_columns
    chosen = ids.with_only_columns(literal(bulk.id), column, literal(TODO), literal(""))
    columns = ["bulk_id", "subject_id", "state", "reason"]
    db.session().execute(insert(BulkItem).from_select(columns, chosen))
    return bulk


def decide(
    bulk: Bulk, *, title: str, args: Mapping[str, Any], excluded: Mapping[str, ColumnElement[bool]]
) -> None:
    """What is to be done to the list, as long as it is a preview. `excluded`: why → which of its items are left out."""
    if bulk.state != PREVIEW:
        raise Conflict(gettext("This was started already."))
    bulk.title, bulk.args = title[:300], dict(args)
    session = db.session()
    session.flush()
    mine = update(BulkItem).where(BulkItem.bulk_id == bulk.id)
    how = {"synchronize_session": False}
    session.execute(mine.values(state=TODO, reason=""), execution_options=how)
    for reason, which in excluded.items():
        left_out = mine.where(BulkItem.state == TODO, which).values(state=EXCLUDED, reason=reason)
        session.execute(left_out, execution_options=how)


def undo(bulk: Bulk, *, actor: Actor) -> Bulk:
    """A list of its own that takes back what `bulk` did; `start` it. Raises Conflict when that is too late."""
    if not can_be_undone(bulk):
        raise Conflict(gettext("This can no longer be undone."))
    title = gettext("Undo: %(what)s", what=bulk.title)
    made = _begun(
        kind=bulk.kind, scope=bulk.scope, title=title, back=bulk.back, actor=actor, undoes=bulk.id
    )
    columns = ["bulk_id", "subject_id", "state", "reason", "before"]
    its = select(literal(made.id), BulkItem.subject_id, literal(TODO), literal(""), BulkItem.before)
    done = its.where(BulkItem.bulk_id == bulk.id, BulkItem.state == MADE)
    db.session().execute(insert(BulkItem).from_select(columns, done.order_by(BulkItem.id)))
    return made


def can_be_undone(bulk: Bulk) -> bool:
    """Whether it is over, not long ago, of a kind that can, and was not taken back yet."""
    if bulk.undoes_id is not None or not kinds.can_undo(bulk.kind) or bulk.ended_at is None:
        return False
    taken = select(Bulk.id).where(Bulk.undoes_id == bulk.id)
    return clock.now() <= bulk.ended_at + UNDO_FOR and db.session().scalar(taken) is None


def _begun(
    *,
    kind: str,
    scope: str,
    title: str,
    back: str,
    actor: Actor,
    args: Mapping[str, Any] | None = None,
    undoes: int | None = None,
) -> Bulk:
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
        undoes_id=undoes,
    )
    session = db.session()
    session.add(bulk)
    session.flush()
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
    for item, became in zip(items, _do_all(bulk, items), strict=True):
        reason = "" if isinstance(became, kinds.Before) else became
        if isinstance(became, kinds.Before):
            item.before = dict(became)
        item.reason, item.state = reason, SKIPPED if reason else MADE
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


def _do_all(bulk: Bulk, items: Sequence[BulkItem]) -> Sequence[str | kinds.Before]:
    """What became of each: all together where their kind can, and one by one where one of them cannot be done."""
    ready = kinds.ready(bulk.kind)
    if ready is not None and items:
        try:
            with db.session().begin_nested(), gathered():
                held = ready([item.subject_id for item in items])
                became = [_step(bulk, item) for item in items]
        except (StaleDataError, AppError):
            pass
        else:
            del held
            return became
    return [_do(bulk, item) for item in items]


def _do(bulk: Bulk, item: BulkItem) -> str | kinds.Before:
    try:
        with db.session().begin_nested():
            ready = kinds.ready(bulk.kind)
            held = ready([item.subject_id]) if ready else None
            became = _step(bulk, item)
            del held
            return became
    except StaleDataError:
        return gettext("Somebody else changed it at the same time.")
    except AppError as error:
        return error.message


def _step(bulk: Bulk, item: BulkItem) -> str | kinds.Before:
    if bulk.undoes_id is not None:
        return kinds.undo(bulk.kind)(item.subject_id, item.before or {}, bulk.actor)
    return kinds.step(bulk.kind)(item.subject_id, bulk.args, bulk.actor)


def _item(bulk_id: int, subject_id: int, reason: str) -> dict[str, Any]:
    state = EXCLUDED if reason else TODO
    return {"bulk_id": bulk_id, "subject_id": subject_id, "state": state, "reason": reason}
