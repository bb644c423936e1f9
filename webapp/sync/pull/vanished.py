"""Records that an upstream which lists everything lists no longer. Nothing is ever removed for it.

What two complete lists have left out is asked for by its id with the next pull, and only what is not found there
counts as gone. Where many vanish at once, something else is wrong: then a person is asked first.
"""

from __future__ import annotations

from datetime import datetime

from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, select, update

from webapp.core import db
from webapp.sync.models import Link
from webapp.sync.pull.scope import Scope

MANY, MANY_SHARE, FEW = (
    25,
    0.1,
    2,
)  # more than so many, or than that share of all; a few are never many


def note(scope: Scope, *, began: int, now: datetime) -> str:
    """After a complete list whose first page was number `began`. A warning where a person must be asked."""
    ours = _linked(scope.connection_id, scope.kind)
    unseen = (*ours, Link.applied_fetch_seq < began)
    _set((*ours, Link.missing_since.is_not(None), Link.applied_fetch_seq >= began), None)
    vanished, total = _count(*unseen), _count(*ours)
    many = vanished > MANY or (vanished > FEW and vanished > MANY_SHARE * total)
    if not many:
        look_for(scope.connection_id, *unseen)
    _set((*unseen, Link.missing_since.is_(None)), now)
    if not many:
        return ""
    return ngettext(
        "%(num)s record is no longer listed. Nothing follows until somebody has looked at it under Problems.",
        "%(num)s records are no longer listed. Nothing follows until somebody has looked at them under Problems.",
        vanished,
    )


def waiting(connection_id: int) -> int:
    """How many records the lists have left out that nobody looks for yet."""
    return _count(*_linked(connection_id), *_waiting())


def look_for(connection_id: int, *only: ColumnElement[bool]) -> int:
    """Have the next pull ask by id for what is missing already. Gives how many."""
    done = db.session().execute(
        update(Link)
        .where(*_linked(connection_id), *_waiting(), *only)
        .values(reread=True)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(done, "rowcount", 0))


def _linked(connection_id: int, kind: str = "") -> tuple[ColumnElement[bool], ...]:
    found = (Link.connection_id == connection_id, Link.state == "linked")
    return (*found, Link.kind == kind) if kind else found


def _waiting() -> tuple[ColumnElement[bool], ...]:
    return (Link.missing_since.is_not(None), Link.reread.is_(False))


def _count(*which: ColumnElement[bool]) -> int:
    return db.session().scalar(select(func.count(Link.id)).where(*which)) or 0


def _set(which: tuple[ColumnElement[bool], ...], moment: datetime | None) -> None:
    db.session().execute(
        update(Link)
        .where(*which)
        .values(missing_since=moment)
        .execution_options(synchronize_session=False)
    )
