"""What each filter and operator asks of a ticket, in SQL."""

from __future__ import annotations

import re
import time as time_module
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp.core import clock, db
from webapp.tickets import indexing, search
from webapp.tickets.areas import Area
from webapp.tickets.models import Tag, Ticket, ticket_tag
from webapp.tickets.queries.filters import LATE_ANSWER, LATE_SOLUTION
from webapp.tickets.search import Term
from webapp.tickets.states import UNFINISHED

NOTHING = literal(value=False)
_NUMBER = re.compile(r"[0-9]{1,17}")
MOST_READ_FIRST = (
    10_000  # of a million; looking through the list finds fifty of more common words sooner
)
_SIMPLE: ColumnElement[str] = literal_column("'simple'::regconfig")
TOLD_FOR_S, MOST_TOLD = 60.0, 1000
_told: dict[
    str, tuple[float, bool]
] = {}  # words asked for → when it was asked, whether few tickets hold them
_EXPECTED = text(
    f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {indexing.TABLE} "  # noqa: S608 - a name of ours
    "WHERE words @@ to_tsquery('simple'::regconfig, :asked)"
)


def of_words(parsed: search.Search) -> list[ColumnElement[bool]]:
    """All of the wanted words and phrases stand in the ticket or its conversation, none of the others."""
    found: list[ColumnElement[bool]] = []
    if parsed.wanted:
        found.append(_in_index_or_numbered(parsed.wanted))
    if parsed.unwanted:
        found.append(not_(_in_index(parsed.unwanted, every=False)))
    return found


def _in_index_or_numbered(terms: tuple[Term, ...]) -> ColumnElement[bool]:
    """A number alone is also what people call a ticket by: the last figures of its reference, without the noughts."""
    within, figures = _in_index(terms), terms[0].words[0]
    alone = len(terms) == len(terms[0].words) == 1 and not terms[0].exact
    # Where many tickets hold it, it is no number but a year; and PostgreSQL would read all of these for an OR.
    if not alone or not _NUMBER.fullmatch(figures) or (_by_statistics() and not _are_few(terms)):
        return within
    return or_(Ticket.id == int(figures), within)


def way_of(parsed: search.Search) -> tuple[str, bool]:
    """By what `of_words` decides, besides the words: kind of database, and whether few tickets hold them."""
    dialect = db.session().get_bind().dialect.name
    return dialect, _by_statistics() and bool(parsed.wanted) and _are_few(parsed.wanted)


def _by_statistics() -> bool:
    return db.session().get_bind().dialect.name == "postgresql"


def _in_index(terms: tuple[Term, ...], *, every: bool = True) -> ColumnElement[bool]:
    if _by_statistics():
        index = indexing.on_postgresql().c
        asked = func.to_tsquery(_SIMPLE, search.for_postgresql(terms, every=every))
        if every:
            found = select(index.ticket_id).where(index.words.bool_op("@@")(asked))
            return _among_few(found) if _are_few(terms) else Ticket.id.in_(found)
        return exists().where(index.ticket_id == Ticket.id, index.words.bool_op("@@")(asked))
    asked_lite = search.for_sqlite(terms, every=every)
    index = indexing.ON_SQLITE.c
    matching = literal_column(indexing.TABLE).bool_op("MATCH")(asked_lite)
    return Ticket.id.in_(select(index.rowid).where(matching))


def _among_few(found: Select[Any]) -> ColumnElement[bool]:
    """Read first, whatever the order of the list: PostgreSQL would rather look at each ticket in that order until
    fifty fit, and of a word that is in three of a million looked at all."""
    return Ticket.id == func.any(func.array(found.scalar_subquery()))


def _are_few(terms: tuple[Term, ...]) -> bool:
    """By PostgreSQL's statistics, asked once a minute; a word that they do not know is at most that frequent."""
    asked, now = search.for_postgresql(terms, every=True), time_module.monotonic()
    told = _told.get(asked)
    if told is None or now - told[0] > TOLD_FOR_S:
        if len(_told) > MOST_TOLD:
            _told.clear()
        plan = db.session().connection().execute(_EXPECTED, {"asked": asked}).scalar_one()
        told = _told[asked] = (now, plan[0]["Plan"]["Plan Rows"] <= MOST_READ_FIRST)
    return told[1]


def unfinished() -> ColumnElement[bool]:
    """In the words of the partial indexes, which a bound value would not be known to fit."""
    return Ticket.status.in_([literal_column(f"'{status}'") for status in UNFINISHED])


def tagged(keys: Sequence[str]) -> ColumnElement[bool]:
    ids = select(ticket_tag.c.ticket_id).join(Tag, Tag.id == ticket_tag.c.tag_id)
    return Ticket.id.in_(ids.where(Tag.key.in_(keys)))


def overdue() -> ColumnElement[bool]:
    """A due time, an answer or a solution that was promised by now (webapp.targets) is still to come."""
    now = clock.now()
    late = or_(Ticket.due_at < now, Ticket.respond_by < now, Ticket.resolve_by < now)
    return and_(late, unfinished())


_other = aliased(Ticket)
# Not one that another stands for. Asked by keys, which every index of the list holds; "above nought" finds the few
# merged ones by their index on SQLite, too.
UNMERGED = Ticket.id.not_in(select(_other.id).where(_other.merged_into_id > 0))


def late(what: str) -> ColumnElement[bool]:
    """What was promised came too late, or is still to come though its time is over."""
    met, by = {
        LATE_ANSWER: (Ticket.answered_in_time, Ticket.respond_by),
        LATE_SOLUTION: (Ticket.resolved_in_time, Ticket.resolve_by),
    }[what]
    return or_(met.is_(False), and_(met.is_(None), by < clock.now()))


def within(area: Area) -> ColumnElement[bool]:
    if area.crosses_date_line:
        across = or_(Ticket.lng >= area.west, Ticket.lng <= area.east)
    else:
        across = Ticket.lng.between(area.west, area.east)
    return and_(Ticket.lat.between(area.south, area.north), across)


def numbered(number: str) -> ColumnElement[bool]:
    """Our reference or its last figures, or the upstream's number."""
    either = [Ticket.ref == number.upper(), Ticket.control_number == number]
    if number.isascii() and number.isdecimal() and len(number) < 18:
        either.append(Ticket.id == int(number))
    return or_(*either)


def between(
    column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    first: str,
    last: str,
    zone: ZoneInfo,
) -> list[ColumnElement[bool]]:
    """Days YYYY-MM-DD as the person's calendar has them, both included; "" leaves that end open."""
    found: list[ColumnElement[bool]] = []
    if first:
        found.append(column >= midnight(date.fromisoformat(first), zone))
    if last:
        day = date.fromisoformat(last)
        found.append(
            column < midnight(min(day, date.max - timedelta(days=2)) + timedelta(days=1), zone)
        )
    return found


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When the day begins there. The first and last days of the calendar are not looked at that closely."""
    day = min(max(day, date(2, 1, 1)), date(9998, 12, 31))
    return datetime.combine(day, time(), zone)
