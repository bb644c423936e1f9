"""Filters and the words of the search box as conditions, and in sentences what of it means nothing here."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, select, true

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import clock, db
from webapp.core.plain import Plain
from webapp.tickets import search, words
from webapp.tickets.areas import area_of
from webapp.tickets.clustering.models import Cluster
from webapp.tickets.models import Tag, Team, Ticket
from webapp.tickets.queries import clauses, offered
from webapp.tickets.queries.filters import ALL, ANY, ME, NOBODY, NONE, Filters
from webapp.tickets.states import FINISHED, PRIORITIES, STATUSES, UNFINISHED
from webapp.tickets.troubles import has_problem

Condition = ColumnElement[bool]
MOST_KEPT = 500
_kept: dict[Hashable, Matching] = {}


@dataclass(frozen=True)
class Matching:
    """What fits, without the status (the tabs count each), and sentences about what could not be meant. `statements`:
    those that were made of it; to word one takes longer than to run it."""

    filters: Filters
    conditions: tuple[Condition, ...]
    said: tuple[str, ...] = ()
    statements: dict[Any, Plain] = field(default_factory=dict, compare=False)

    @property
    def of_status(self) -> tuple[Condition, ...]:
        status = self.filters.status
        if status == ALL:
            return ()
        return (Ticket.status == status,) if status else (clauses.unfinished(),)


def matching(user: User, filters: Filters) -> Matching:
    """The tickets that `user` may see and that fit."""
    if not user.may(Permission.TICKETS_SEE):
        return Matching(filters, (clauses.NOTHING,))
    parsed = search.parse(filters.q)
    lasting = _lasting(filters, parsed, user)
    known = _kept.get(lasting) if lasting is not None else None
    if known is None:
        known = _matching(user, filters, parsed)
        if lasting is not None:
            if len(_kept) >= MOST_KEPT:
                _kept.clear()
            _kept[lasting] = known
    return known


def _matching(user: User, filters: Filters, parsed: search.Search) -> Matching:
    found = [*_of_filters(filters, user), *clauses.of_words(parsed)]
    if not (filters.merged or filters.q):
        found.append(clauses.UNMERGED)
    said = [_unknown_operator(name) for name in parsed.unknown]
    if filters.q and not (parsed.terms or parsed.operators or parsed.unknown):
        said.append(
            gettext("There is no word in “%(typed)s” that could be searched for.", typed=filters.q)
        )
    for operator in parsed.operators:
        condition = _OPERATORS[operator.name](operator.value, user)
        if condition is None:
            said.append(_unknown_value(operator))
            condition = clauses.NOTHING
        # Not NOT: of what nobody has, that would be unknown, and such a ticket left out as well.
        found.append(condition.is_not(true()) if operator.excluded else condition)
    return Matching(filters, tuple(found), tuple(said))


def _lasting(filters: Filters, parsed: search.Search, user: User) -> Hashable | None:
    """What decides the conditions where neither the time nor the database does, nor is there anything to say."""
    if parsed.operators or parsed.unknown or (filters.q and not parsed.terms):
        return None
    if filters.overdue or filters.late or filters.problem:
        return None
    return filters, user.id, user.timezone, clauses.way_of(parsed)


def conditions(user: User, filters: Filters) -> list[Condition]:
    """What makes a ticket one of the list, for those who do something with all of it."""
    wanted = matching(user, filters)
    return [*wanted.conditions, *wanted.of_status]


def _of_filters(filters: Filters, user: User) -> Iterable[Condition]:
    for column, value in (
        (Ticket.category, filters.category),
        (Ticket.barangay, filters.barangay),
        (Ticket.source, filters.source),
        (Ticket.priority, int(filters.priority or 0)),
    ):
        if value:
            yield column == ("" if value == NONE else value)
    yield from _of_whose(filters, user)
    if filters.overdue:
        yield clauses.overdue()
    if filters.late:
        yield clauses.late(filters.late)
    if filters.problem:
        yield has_problem()
    yield from _within(filters)
    for moment, first, last in (
        (Ticket.reported_at, filters.reported_from, filters.reported_to),
        (Ticket.updated_at, filters.updated_from, filters.updated_to),
        (Ticket.created_at, filters.came_from, filters.came_to),
        (Ticket.resolved_at, filters.finished_from, filters.finished_to),
    ):
        yield from clauses.between(moment, first, last, user.zone)


def _of_whose(filters: Filters, user: User) -> Iterable[Condition]:
    if filters.assignee:
        yield _assigned_to_key(filters.assignee, user)
    if filters.team:
        yield Ticket.team_id == (None if filters.team == NOBODY else int(filters.team))
    if filters.cluster:
        yield _in_cluster(filters.cluster)
    if filters.tag:
        yield clauses.tagged([filters.tag])


def _within(filters: Filters) -> Iterable[Condition]:
    if area := area_of(filters.area):
        yield clauses.within(area)


def _in_cluster(value: str) -> Condition:
    if value == ANY:
        return Ticket.cluster_id.is_not(None)
    return Ticket.cluster_id == (None if value == NOBODY else int(value))


def _assigned_to_key(value: str, user: User) -> Condition:
    if value == NOBODY:
        return Ticket.assignee_id.is_(None)
    return Ticket.assignee_id == (user.id if value == ME else int(value))


def _status(value: str, _user: User) -> Condition | None:
    wanted = {
        "unfinished": UNFINISHED,
        "finished": FINISHED,
        "all": STATUSES,
        **{
            word: (status,)
            for status, name in words.status_choices()
            for word in (status, name.lower())
        },
    }.get(value.lower())
    return None if wanted is None else Ticket.status.in_(wanted)


def _assignee(value: str, user: User) -> Condition | None:
    if value.lower() in (ME, NOBODY, "none"):
        return _assigned_to_key(ME if value.lower() == ME else NOBODY, user)
    query = select(User.id).where(User.name.icontains(value, autoescape=True)).limit(50)
    ids = db.session().scalars(query).all()
    return Ticket.assignee_id.in_(ids) if ids else None


def _tag(value: str, _user: User) -> Condition | None:
    key = value.casefold()
    known = db.session().scalar(select(Tag.key).where(Tag.key == key))
    return clauses.tagged([known]) if known else None


def _team(value: str, _user: User) -> Condition | None:
    if value.lower() in (NOBODY, "none"):
        return Ticket.team_id.is_(None)
    query = select(Team.id).where(Team.name.icontains(value, autoescape=True)).limit(50)
    ids = db.session().scalars(query).all()
    return Ticket.team_id.in_(ids) if ids else None


def _cluster(value: str, _user: User) -> Condition | None:
    if value.lower() in (ANY, NOBODY, "none"):
        return _in_cluster(ANY if value.lower() == ANY else NOBODY)
    found = db.session().scalar(select(Cluster.id).where(Cluster.ref == value.upper()))
    return None if found is None else Ticket.cluster_id == found


def _category(value: str, _user: User) -> Condition | None:
    wanted = value.casefold()
    names = [name for name in offered.categories_in_use() if wanted in name.casefold()]
    return Ticket.category.in_(names) if names else None


def _source(value: str, _user: User) -> Condition | None:
    wanted = value.casefold()
    keys = [
        source
        for source, name in offered.sources_in_use()
        if wanted in (source, words.source_name(source, name).casefold())
        or wanted in words.source_name(source, name).casefold().split()
    ]
    return Ticket.source.in_(keys) if keys else None


def _priority(value: str, _user: User) -> Condition | None:
    named = {words.priority_name(each).lower(): each for each in PRIORITIES}
    named |= {str(each): each for each in PRIORITIES}
    found = named.get(value.lower())
    return None if found is None else Ticket.priority == found


def _before(value: str, user: User) -> Condition | None:
    day = search.day_of(value, today=clock.now().astimezone(user.zone).date())
    return None if day is None else Ticket.reported_at < clauses.midnight(day, user.zone)


def _after(value: str, user: User) -> Condition | None:
    day = search.day_of(value, today=clock.now().astimezone(user.zone).date())
    return None if day is None else Ticket.reported_at >= clauses.midnight(day, user.zone)


def _ref(value: str, _user: User) -> Condition | None:
    return clauses.numbered(value)


def _has(value: str, _user: User) -> Condition | None:
    return has_problem() if value.lower() == "problem" else None


_OPERATORS: dict[str, Callable[[str, User], Condition | None]] = {
    "status": _status,
    "assignee": _assignee,
    "tag": _tag,
    "team": _team,
    "category": _category,
    "cluster": _cluster,
    "source": _source,
    "priority": _priority,
    "before": _before,
    "after": _after,
    "ref": _ref,
    "has": _has,
}


def _unknown_operator(name: str) -> str:
    known = ", ".join(f"{each}:" for each in search.OPERATORS)
    return gettext("“%(name)s:” is no operator here; there are %(known)s.", name=name, known=known)


def _unknown_value(operator: search.Operator) -> str:
    name, value = operator.name, operator.value
    if name in ("before", "after"):
        return gettext(
            "“%(value)s” is no day. Write %(name)s:2026-01-31, %(name)s:today or %(name)s:7d.",
            name=name,
            value=value,
        )
    return gettext("Nothing here is called “%(name)s:%(value)s”.", name=name, value=value)
