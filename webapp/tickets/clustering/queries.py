"""Readings of clusters and suggestions. Looking one up is authorising."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import (
    and_,
    case,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased, defer, joinedload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import db, pagination
from webapp.core.errors import NotFound
from webapp.core.pagination import Page
from webapp.tickets.clustering.models import OPEN, Cluster, Suggestion
from webapp.tickets.models import Ticket
from webapp.tickets.states import UNFINISHED
from webapp.tickets.trends import WEEK, WEEKS_BEFORE, Trend, rising

ROWS = 50
SUGGESTIONS_SHOWN = 20
MOST_READ = 50_000  # of the newest tickets, for trends


@dataclass(frozen=True)
class Counted:
    """A cluster with how many tickets it has, and how many of them are unfinished."""

    cluster: Cluster
    tickets: int
    unfinished: int


@dataclass(frozen=True)
class Offered:
    """A suggestion with its two tickets; `one` is the one whose page asks, else the older."""

    suggestion: Suggestion
    one: Ticket
    other: Ticket


def cluster_for(user: User, ref: str, *, lock: bool = False) -> Cluster:
    """Raises NotFound, also for those who may not see tickets."""
    query = select(Cluster).where(Cluster.ref == ref)
    found = db.session().scalar(query.with_for_update() if lock else query)
    if found is None or not user.may(Permission.TICKETS_SEE):
        raise NotFound(gettext("There is no such cluster, or you may not see it."))
    return found


def clusters_page(*, after: str | None = None) -> Page[Counted]:
    """50 clusters that are not dissolved, newest first."""
    query = (
        select(Cluster)
        .where(Cluster.dissolved_at.is_(None))
        .order_by(Cluster.created_at.desc(), Cluster.id.desc())
        .limit(ROWS + 1)
    )
    if after:
        at, number = pagination.decode(after)
        position = tuple_(Cluster.created_at, Cluster.id)
        query = query.where(position < tuple_(literal(at, Cluster.created_at.type), number))
    rows = db.session().scalars(query).all()
    more, rows = len(rows) > ROWS, rows[:ROWS]
    counts = _counts([row.id for row in rows])
    next_ = pagination.encode(rows[-1].created_at, rows[-1].id) if more else None
    return Page([Counted(row, *counts.get(row.id, (0, 0))) for row in rows], next_)


def counted(cluster: Cluster) -> Counted:
    return Counted(cluster, *_counts([cluster.id]).get(cluster.id, (0, 0)))


def tickets_of(cluster_id: int, *, limit: int = 200) -> Sequence[Ticket]:
    """Its tickets, newest first."""
    query = (
        select(Ticket)
        .where(Ticket.cluster_id == cluster_id)
        .options(joinedload(Ticket.assignee), defer(Ticket.description))
        .order_by(Ticket.created_at.desc(), Ticket.id.desc())
    )
    return db.session().scalars(query.limit(limit)).all()


def with_address(cluster_id: int) -> int:
    """How many of its reporters can be mailed."""
    query = select(func.count()).where(Ticket.cluster_id == cluster_id, Ticket.reporter_email != "")
    return db.session().scalar(query) or 0


def current_clusters(*, limit: int = 100) -> Sequence[Cluster]:
    """To choose from: the newest."""
    query = select(Cluster).where(Cluster.dissolved_at.is_(None))
    ordered = query.order_by(Cluster.created_at.desc(), Cluster.id.desc())
    return db.session().scalars(ordered.limit(limit)).all()


def suggestions_for(ticket: Ticket) -> list[Offered]:
    """What looks like this ticket and is undecided, the likest first."""
    ours = select(Suggestion.id).where(Suggestion.ticket_id == ticket.id)
    theirs = select(Suggestion.id).where(Suggestion.other_id == ticket.id)
    found = _offered(Suggestion.id.in_(union_all(ours, theirs)), limit=SUGGESTIONS_SHOWN)
    return [
        each if each.one.id == ticket.id else Offered(each.suggestion, each.other, each.one)
        for each in found
    ]


def open_suggestions() -> list[Offered]:
    """The likest of all that is undecided."""
    return _offered(limit=SUGGESTIONS_SHOWN)


def suggestion_of(suggestion_id: int) -> Suggestion:
    """To decide about it. Raises NotFound."""
    found = db.session().get(
        Suggestion, suggestion_id, with_for_update=True, populate_existing=True
    )
    if found is None:
        raise NotFound(gettext("This is no longer suggested."))
    return found


def trending(now: datetime) -> dict[str, list[Trend]]:
    """category, barangay → what came in this week more often than in the four before."""
    return {
        "category": rising(_trends(Ticket.category, now)),
        "barangay": rising(_trends(Ticket.barangay, now)),
    }


def _offered(*where: Any, limit: int) -> list[Offered]:
    one, other = aliased(Ticket), aliased(Ticket)
    apart = or_(
        one.cluster_id.is_(null()),
        other.cluster_id.is_(null()),
        one.cluster_id != other.cluster_id,
    )
    query = (
        select(Suggestion, one, other)
        .join(one, Suggestion.ticket_id == one.id)
        .join(other, Suggestion.other_id == other.id)
        .where(Suggestion.state == OPEN, *where)
        .where(and_(apart, one.status.in_(UNFINISHED), other.status.in_(UNFINISHED)))
        .options(joinedload(one.cluster), joinedload(other.cluster))
        .options(defer(one.description), defer(other.description))
        .order_by(Suggestion.score.desc(), Suggestion.id.desc())
        .limit(limit)
    )
    return [Offered(*row) for row in db.session().execute(query)]


def _counts(ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    unfinished = func.sum(case((Ticket.status.in_(UNFINISHED), 1), else_=0))
    query = (
        select(Ticket.cluster_id, func.count(), unfinished)
        .where(Ticket.cluster_id.in_(ids))
        .group_by(Ticket.cluster_id)
    )
    return {key: (int(all_), int(some)) for key, all_, some in db.session().execute(query) if key}


def _trends(column: InstrumentedAttribute[str], now: datetime) -> list[Trend]:
    recent = (
        select(column.label("name"), Ticket.reported_at.label("at"))
        .where(Ticket.reported_at >= now - WEEK * (WEEKS_BEFORE + 1), Ticket.reported_at <= now)
        .order_by(Ticket.reported_at.desc())
        .limit(MOST_READ)
        .subquery()
    )
    this_week = func.sum(case((recent.c.at >= now - WEEK, 1), else_=0))
    query = (
        select(recent.c.name, this_week, func.count())
        .where(recent.c.name != "")
        .group_by(recent.c.name)
    )
    return [
        Trend(name, int(this), int(whole) - int(this))
        for name, this, whole in db.session().execute(query)
    ]
