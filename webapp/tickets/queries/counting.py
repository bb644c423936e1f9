"""The dashboard's figures. Each is bounded, whatever the number of tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.tickets.models import Ticket
from webapp.tickets.queries.filters import Filters
from webapp.tickets.queries.finding import matching
from webapp.tickets.queries.listing import COUNTED_UP_TO, count_by_status, count_matching
from webapp.tickets.states import UNFINISHED

MOST_ANSWERED = 5000  # the newest ones that the median is taken of


@dataclass(frozen=True)
class Figures:
    """`open_by_status`, `new_today` and `overdue` stop at 1001 ("1000+"). Median in seconds; None: no answer yet."""

    open_by_status: dict[str, int]
    new_today: int
    median_first_response_s: float | None
    overdue: int
    counted_up_to: int = COUNTED_UP_TO


def figures(user: User, *, zone: ZoneInfo) -> Figures:
    """`zone`: the desk's; it says when today began."""
    late = count_matching(user, Filters(overdue="1"))
    return Figures(open_by_status(user), new_today(zone), median_first_response(), late)


def open_by_status(user: User) -> dict[str, int]:
    counts = count_by_status(matching(user, Filters()))
    return {status: counts[status] for status in UNFINISHED}


def new_today(zone: ZoneInfo) -> int:
    """Tickets that were reported and came in today. An upstream's old ones, pulled today, are not."""
    midnight = _midnight(clock.now(), zone)
    some = (
        select(Ticket.id)
        .where(Ticket.created_at >= midnight, Ticket.reported_at >= midnight)
        .limit(COUNTED_UP_TO + 1)
    )
    return db.session().scalar(select(func.count()).select_from(some.subquery())) or 0


def median_first_response(*, days: int = 30) -> float | None:
    """Seconds from a ticket's arrival to the first answer of staff, of the tickets of these days."""
    query = (
        select(Ticket.created_at, Ticket.first_response_at)
        .where(
            Ticket.created_at >= clock.now() - timedelta(days=days),
            Ticket.first_response_at.is_not(None),
        )
        .order_by(Ticket.created_at.desc())
        .limit(MOST_ANSWERED)
    )
    waits = [(first - came).total_seconds() for came, first in db.session().execute(query) if first]
    return median(waits) if waits else None


def _midnight(now: datetime, zone: ZoneInfo) -> datetime:
    return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
