"""What is asked of tickets that something happened to, with all that were merged into them: in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from sqlalchemy import ScalarSelect, String, cast, func, literal, select
from sqlalchemy.orm import SessionTransaction, aliased

from webapp.core import db
from webapp.core.among import among_given, given
from webapp.core.plain import Plain
from webapp.notifications.models import MailRefusal
from webapp.notifications.outsiders import LAST, Last, newest
from webapp.outbox.models import Delivery
from webapp.tickets.models import Ticket
from webapp.tickets.relating.models import ticket_watcher
from webapp.tickets.states import URGENT


class Report(NamedTuple):
    """A ticket as its reporter knows it. `refuses`: they ended its mails."""

    id: int
    ref: str
    title: str
    name: str
    email: str
    follow_token: str
    refuses: bool
    last: Last | None


@dataclass
class Around:
    """`close`: ticket → who has or watches it. `reports`: ticket → its own, then those merged into it, in order."""

    urgent: set[int] = field(default_factory=set)
    close: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    reports: dict[int, list[Report]] = field(default_factory=lambda: defaultdict(list))


_of_fact: WeakKeyDictionary[SessionTransaction, tuple[int, Around]] = WeakKeyDictionary()


def of_fact(event_id: int, ticket_id: int) -> Around:
    """Of the one ticket that an event is about, with reports. All that follows from the event sees the same."""
    running = db.session().get_transaction()
    if running is None:
        raise RuntimeError("of_fact() needs an open transaction().")
    known = _of_fact.get(running)
    if known is None or known[0] != event_id:
        known = _of_fact[running] = event_id, of({ticket_id}, reports=True)
    return known[1]


def of(ticket_ids: Collection[int], *, reports: bool) -> Around:
    found = Around()
    if not ticket_ids:
        return found
    db.session().flush()
    dialect = db.session().get_bind().dialect.name
    rows = _statement(dialect, reports).all({"ids": given(ticket_ids, dialect)})
    for root, depth, priority, assignee_id, watchers, *report in rows:
        if watchers:
            found.close[root].update(map(int, watchers.split()))
        if depth == 0:
            if priority == URGENT:
                found.urgent.add(root)
            if assignee_id is not None:
                found.close[root].add(assignee_id)
        if report:
            found.reports[root].append(_report(*report))
    return found


def _report(*columns: Any) -> Report:
    own, last = columns[: -len(LAST)], columns[-len(LAST) :]
    return Report._make([*own, Last(*last) if last[0] is not None else None])


@cache
def _statement(dialect: str, reports: bool) -> Plain:
    """Level by level. Made once: it is worded longer than it runs."""
    tree = (
        select(Ticket.id, Ticket.id.label("root"), literal(0).label("depth"))
        .where(among_given(Ticket.id, "ids", dialect))
        .cte("tree", recursive=True)
    )
    below = aliased(Ticket)
    further = select(below.id, tree.c.root, tree.c.depth + 1)
    tree = tree.union_all(further.join(tree, below.merged_into_id == tree.c.id))
    near = (tree.c.root, tree.c.depth, Ticket.priority, Ticket.assignee_id, _watchers(dialect))
    query = select(*near).join(Ticket, Ticket.id == tree.c.id)
    if reports:
        thread = _THING.concat(":reporter")
        last = newest(thread, func.lower(func.trim(Ticket.reporter_email)))
        query = query.add_columns(*_OWN, *LAST).outerjoin(Delivery, Delivery.id == last)
    return Plain(query.order_by(tree.c.depth, Ticket.id))


def _watchers(dialect: str) -> ScalarSelect[str]:
    """Their keys in one text. (SQLAlchemy's own word for both would put its separator into the statement each time.)"""
    joined = func.string_agg if dialect == "postgresql" else func.group_concat
    ids = joined(cast(ticket_watcher.c.user_id, String), " ")
    return select(ids).where(ticket_watcher.c.ticket_id == Ticket.id).scalar_subquery()


_THING = literal("ticket:").concat(cast(Ticket.id, String))
_REFUSES = select(MailRefusal.at).where(MailRefusal.thing == _THING, MailRefusal.role == "reporter")
_OWN: tuple[Any, ...] = (  # the columns of a Report, but for its last mail
    Ticket.id,
    Ticket.ref,
    Ticket.title,
    Ticket.reporter_name,
    Ticket.reporter_email,
    Ticket.follow_token,
    _REFUSES.exists(),
)
