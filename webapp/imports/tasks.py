"""Background entry points. Safe to run twice, and at once."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import select

from webapp.core import clock, db
from webapp.imports import actions
from webapp.imports.actions.beginning import STANDS_STILL, send
from webapp.imports.checking import check
from webapp.imports.models import AT_WORK, CHECKING, READING, RUNNING, UNDOING, Import
from webapp.imports.reading import read

BUDGET_S = 60.0


def go_on(import_id: int) -> None:
    """What is to be done with the import now: read it, check it, run it, or take it back."""
    state = db.session().scalar(select(Import.state).where(Import.id == import_id))
    try:
        if state == READING:
            read(import_id)
        elif state == CHECKING:
            check(import_id)
        elif state == RUNNING:
            _some_more(import_id, actions.run_some)
        elif state == UNDOING:
            _some_more(import_id, actions.undo_some)
    except actions.TakenOver:
        return


def tick() -> None:
    """What a dead worker left half done, or a lost nudge not begun, goes on."""
    with db.transaction() as session:
        still = select(Import.id).where(
            Import.state.in_(AT_WORK), Import.touched_at < clock.now() - STANDS_STILL
        )
        for import_id in session.scalars(still).all():
            send(import_id)


def prune() -> dict[str, int]:
    with db.transaction():
        return {"imports": actions.forget_old()}


def _some_more(import_id: int, step: Callable[[int], bool]) -> None:
    """Batch after batch, each in a transaction of its own; after a minute others get their turn."""
    end = time.monotonic() + BUDGET_S
    more = True
    while more:
        with db.transaction():
            more = step(import_id)
            if more and time.monotonic() > end:
                send(import_id)
                return
