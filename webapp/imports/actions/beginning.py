"""A file comes in, and a worker takes it up to read or to check it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import update

from webapp.accounts.models import User
from webapp.bulk import kinds
from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.core.queue import enqueue
from webapp.imports.files import Kind
from webapp.imports.models import AT_WORK, FAILED, MATCHING, READING, Import

LONGEST_S = 3600
STANDS_STILL = timedelta(minutes=2)
MOST_ATTEMPTS = 3
SCOPE = "tickets"  # whose pages hear how far it has come


def begin(name: str, kind: Kind, *, user: User) -> Import:
    """The file itself is put where `rows.raw_file` says; then `send` has a worker read it."""
    now = clock.now()
    it = Import(
        name=name[:200], form=kind.form, options={**kind.as_options(), "zone": str(user.zone)},
        columns=[], mapping={}, words={}, counts={}, samples={},
        actor_id=user.id, actor_name=user.name, created_at=now, touched_at=now,
    )  # fmt: skip
    db.session().add(it)
    db.session().flush()
    return it


def read_again(it: Import, *, options: dict[str, Any]) -> None:
    """With another sheet, encoding or delimiter."""
    move(it, READING, expected=(MATCHING, FAILED))
    it.options = {**it.options, **options}
    it.mapping, it.words, it.problem, it.attempt = {}, {}, "", 0


def move(it: Import, state: str, *, expected: Collection[str]) -> None:
    """Raises Conflict where somebody moved it on meanwhile."""
    if it.state not in expected:
        raise Conflict(gettext("This import has moved on meanwhile. Look at its page again."))
    it.state, it.touched_at = state, clock.now()
    db.session().flush()
    if state in AT_WORK:
        send(it.id)
    kinds.tell(SCOPE)


class TakenOver(Exception):
    """Another worker is at it now, or somebody has moved it on: whoever holds this stops."""


def send(import_id: int) -> None:
    from webapp.imports import tasks  # they stand above

    enqueue(tasks.go_on, import_id, longest_s=LONGEST_S)


def take(import_id: int, *, state: str) -> Import | None:
    """Begin to read or check it from its start; None where another worker is at it, or it has moved on."""
    it = db.session().get(Import, import_id, with_for_update=True, populate_existing=True)
    if it is None or it.state != state:
        return None
    if it.attempt and it.touched_at > clock.now() - STANDS_STILL:
        return None
    if it.attempt >= MOST_ATTEMPTS:
        it.state, it.problem = FAILED, gettext("It could not be read; the logs say why.")
        return None
    it.attempt += 1
    it.handled, it.touched_at = 0, clock.now()
    db.session().flush()
    return it


def tell(import_id: int, *, attempt: int, handled: int) -> None:
    """How far it has come. Raises TakenOver."""
    _write(import_id, attempt, handled=handled)


def settle(import_id: int, *, attempt: int, **values: Any) -> None:
    """It was read, or checked: what was found, and the state that follows. Raises TakenOver."""
    _write(import_id, attempt, attempt=0, **values)


def fail(import_id: int, *, attempt: int, problem: str) -> None:
    _write(import_id, attempt, attempt=0, state=FAILED, problem=problem)


def _write(import_id: int, at: int, **values: Any) -> None:
    told: Any = db.session().execute(
        update(Import)
        .where(Import.id == import_id, Import.attempt == at, Import.state.in_(AT_WORK))
        .values(**{"touched_at": clock.now(), **values})
    )
    if told.rowcount != 1:
        raise TakenOver
    kinds.tell(SCOPE)
