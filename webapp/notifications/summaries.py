"""What waited for the end of quiet hours, for a digest, or for more of its kind: one message a person.

The rows are deleted as they are read, in the transaction that queues the message: whoever of two workers deletes them,
sends them, and a rollback brings them back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from flask_babel import ngettext
from sqlalchemy import ColumnElement, delete, select, update

from webapp.accounts.models import User
from webapp.accounts.queries import desk
from webapp.core import clock, db
from webapp.notifications import joining, leaving
from webapp.notifications.joining import MOST_ITEMS, Group, Item
from webapp.notifications.kinds import MAIL, PUSH
from webapp.notifications.models import WaitingNews
from webapp.push.actions import queue_push

MOST_GROUPS = 50  # things in one mail; the bell has them all
AT_ONCE = 100  # people in one transaction


class Waited(NamedTuple):
    """A row that was deleted to be sent."""

    id: int
    channel: str
    kind: str
    thing: str
    title: str
    text: str
    url: str
    event_id: int | None


_COLUMNS = [getattr(WaitingNews, name) for name in Waited._fields]


def send_due() -> None:
    """Every tick. One message a person: mail where anything was wanted by mail, else a push."""
    now = clock.now()
    query = select(WaitingNews.user_id).where(WaitingNews.due_at <= now).distinct().limit(AT_ONCE)
    for user_id in db.session().scalars(query).all():
        with db.transaction():
            _send(user_id, now)


def _send(user_id: int, now: datetime) -> None:
    user = db.session().get(User, user_id)
    due = (WaitingNews.user_id == user_id, WaitingNews.due_at <= now)
    if user is None or not user.active:
        _take(*due)
        return
    _join_or_postpone(user, due, now)
    rows = _take(*due)
    mailed = [row for row in rows if row.channel == MAIL]
    known = {(row.event_id, row.thing, row.text) for row in mailed}
    pushed = [
        row
        for row in rows
        if row.channel == PUSH and (row.event_id, row.thing, row.text) not in known
    ]
    if mailed:
        _mail(user, [*mailed, *pushed])
    elif pushed:
        _push(user, pushed)


def _join_or_postpone(user: User, due: tuple[ColumnElement[bool], ...], now: datetime) -> None:
    """Things of which a mail has not left yet go with it; those of which one left moments ago wait their turn."""
    things = select(WaitingNews.thing).where(*due, WaitingNews.channel == MAIL).distinct()
    for thing in db.session().scalars(things.order_by(WaitingNews.thing)).all():
        last = joining.last_mail(user, thing)
        about = (*due, WaitingNews.thing == thing)
        if joining.has_unsent(last):
            rows = _take(*about)
            joining.mail(user, _group(thing, rows), event_id=rows[-1].event_id)
        elif joining.free_at(last) > now:
            later = update(WaitingNews).where(*about).values(due_at=joining.free_at(last))
            db.session().execute(later)


def _take(*due: ColumnElement[bool]) -> list[Waited]:
    gone = delete(WaitingNews).where(*due).returning(*_COLUMNS)
    rows = db.session().execute(gone.execution_options(synchronize_session=False)).all()
    return sorted((Waited(*row) for row in rows), key=lambda row: row.id)


def _mail(user: User, rows: Sequence[Waited]) -> None:
    by_thing: dict[str, list[Waited]] = {}
    for row in rows:
        by_thing.setdefault(row.thing, []).append(row)
    groups = [_group(thing, each) for thing, each in by_thing.items()]
    delivery = joining.queue(groups[:MOST_GROUPS], user)
    for thing in by_thing:
        last = joining.last_mail(user, thing)
        last.delivery_id, last.at = delivery.id, clock.now()


def _group(thing: str, rows: Sequence[Waited]) -> Group:
    newest = rows[-MOST_ITEMS:]
    items = [Item(row.text) for row in newest]
    return Group(
        thing, rows[-1].title, rows[-1].url, items, more=len(rows) - len(newest), kind=rows[-1].kind
    )


def _push(user: User, rows: Sequence[Waited]) -> None:
    """One: what it is where it is alone, else how many and the newest."""
    newest, alone = rows[-1], len(rows) == 1
    words = ngettext("%(num)s piece of news", "%(num)s pieces of news", len(rows))
    queue_push(
        user.id,
        title=leaving.news_title(newest.kind) if alone else f"{words} · {desk().name}",
        body=newest.text,
        url=(newest.url if alone else "") or "/notifications",
        tag=newest.thing if alone else "summary",
        event_id=newest.event_id if alone else None,
    )
