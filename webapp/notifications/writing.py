"""Puts notices into bells, in the transaction of the fact. One a person and event; many alike are one that grows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.core.inserting import insert_into, insert_new
from webapp.events.types import Actor
from webapp.notifications import emitting
from webapp.notifications.crowds import Addressed
from webapp.notifications.kinds import KINDS
from webapp.notifications.models import Notice
from webapp.notifications.toasts import place_of_many

AT_ONCE = 200  # rows in one statement


def write(
    people: Sequence[Addressed], actor: Actor, *, many: bool, apart: Sequence[Addressed] = ()
) -> None:
    """`many`: what these people are told is one row that grows; never for those `apart`."""
    if not (people or apart):
        return
    single = [*apart, *(each for each in people if not (many or each.news.bunch))]
    for start in range(0, len(single), AT_ONCE):
        insert_new(Notice, [_row(each) for each in single[start : start + AT_ONCE]])
    _write_bunches([each for each in people if many or each.news.bunch], actor)
    emitting.received({user.id for user in {each.user for each in (*apart, *people)}})


def put(
    user: User, *, kind: str, title: str, text: str, url: str, expires_at: datetime | None
) -> Notice:
    """One that no fact of the desk brings."""
    now = clock.now()
    notice = Notice(
        user_id=user.id,
        kind=kind,
        title=title,
        text=text,
        url=url,
        at=now,
        expires_at=expires_at or now + KINDS[kind].kept,
    )
    db.session().add(notice)
    db.session().flush()
    emitting.received([user.id])
    return notice


def _row(each: Addressed) -> dict[str, Any]:
    now, news = clock.now(), each.news
    return {
        "user_id": each.user.id,
        "kind": news.kind,
        "thing": news.thing,
        "title": news.title,
        "text": each.text,
        "url": news.url,
        "event_id": each.event_id or None,
        "at": now,
        "expires_at": now + KINDS[news.kind].kept,
    }


def _write_bunches(people: Sequence[Addressed], actor: Actor) -> None:
    """One row a person, kind and cause in an hour; what was read and grows again is unread."""
    counts: dict[tuple[User, str, str], int] = {}  # of a pull, thousands are counted at once
    last: dict[tuple[User, str, str], Addressed] = {}
    for each in people:
        alike = each.user, each.news.kind, each.news.bunch
        counts[alike] = counts.get(alike, 0) + each.count
        last[alike] = each
    own = {who: _bunched(each, counts[who], actor) for who, each in last.items()}
    for named in (False, True):
        rows = [row for who, row in own.items() if bool(who[2]) is named]
        order = itemgetter("kind", "user_id", "bunch")  # two transactions never wait for each other
        _put(sorted(rows, key=order), named=named)


def _bunched(each: Addressed, count: int, actor: Actor) -> dict[str, Any]:
    several = count > 1 and not each.news.bunch
    return _row(each) | {
        "bunch": _bunch(each, actor),
        "count": count,
        "event_id": None,
        "title": actor.name[:200],
        "thing": "",
        "url": place_of_many(each.news.kind) if several else each.news.url,
    }


def _put(rows: Sequence[dict[str, Any]], *, named: bool) -> None:
    """`named`: news say themselves what they are one row with, and lead where the last of them leads; else it is the
    place of many."""
    db.session().flush()
    insert = insert_into(Notice)
    new = insert.excluded
    for kind, alike in groupby(rows, key=itemgetter("kind")):
        grows = {
            "count": Notice.count + new.count,
            "text": new.text,
            "url": new.url if named else place_of_many(kind),
            "at": new.at,
            "expires_at": new.expires_at,
            "read_at": None,
        }
        keys = ["bunch", "user_id"]
        put = insert.on_conflict_do_update(index_elements=keys, set_=grows)
        db.session().connection().execute(put, list(alike))


def _bunch(each: Addressed, actor: Actor) -> str:
    cause = each.news.bunch or f"{actor.kind}:{actor.id or ''}"
    return f"{each.news.kind}:{cause}:{clock.now():%Y%m%d%H}"
