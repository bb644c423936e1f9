"""Deadlines that come near or are missed: told once each, and what the target says for that case is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, insert, literal, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload

from webapp.core import clock, db
from webapp.events.record import record
from webapp.events.types import SYSTEM
from webapp.targets import queries
from webapp.targets.events import TicketDeadlineMissed, TicketDeadlineNear
from webapp.targets.models import DeadlineTold, Target
from webapp.tickets.actions import set_priority, set_team
from webapp.tickets.models import Ticket

AT_ONCE = 200
RESPONSE, RESOLUTION = "response", "resolution"
NEAR, MISSED = "near", "missed"
Deadline = InstrumentedAttribute[datetime | None]


@dataclass(frozen=True)
class Due:
    """A deadline that somebody is told of."""

    ticket: Ticket
    kind: str
    deadline: datetime
    missed: bool


def watch_deadlines() -> int:
    """Tells of what became due since the last time. How many deadlines that were."""
    found = queries.targets()
    if not found.some:
        return 0
    now = clock.now()
    latest = now + timedelta(minutes=found.longest_warning)
    dues = [
        due
        for kind, column in ((RESPONSE, Ticket.respond_by), (RESOLUTION, Ticket.resolve_by))
        for due in _due(kind, column, found, now=now, latest=latest)
    ]
    for due in dues:
        _tell(due, found)
    return len(dues)


def _due(
    kind: str, column: Deadline, found: queries.Targets, *, now: datetime, latest: datetime
) -> list[Due]:
    """Those of which nobody was told yet: missed ones, and those nearer than their target's warning."""
    missed = [
        Due(ticket, kind, deadline, missed=True)
        for ticket, deadline in _untold(kind, column, MISSED, column <= now)
    ]
    near = [
        Due(ticket, kind, deadline, missed=False)
        for ticket, deadline in _untold(kind, column, NEAR, (column > now) & (column <= latest))
        if (target := found.of(ticket)) and deadline - now <= timedelta(minutes=target.warn_minutes)
    ]
    return missed + near


def _untold(
    kind: str, column: Deadline, what: str, due: ColumnElement[bool]
) -> list[tuple[Ticket, datetime]]:
    told = (
        select(literal(1))
        .where(
            DeadlineTold.ticket_id == Ticket.id,
            DeadlineTold.kind == kind,
            DeadlineTold.deadline == column,
            DeadlineTold.what == what,
        )
        .exists()
    )
    query = select(Ticket).where(due, ~told).order_by(column).limit(AT_ONCE)
    query = query.options(joinedload(Ticket.assignee), joinedload(Ticket.team))
    found = db.session().scalars(query.with_for_update(of=Ticket, skip_locked=True))
    return [(ticket, getattr(ticket, column.key)) for ticket in found]


def _tell(due: Due, found: queries.Targets) -> None:
    ticket, what = due.ticket, MISSED if due.missed else NEAR
    db.session().execute(
        insert(DeadlineTold).values(
            ticket_id=ticket.id, kind=due.kind, deadline=due.deadline, what=what, at=clock.now()
        )
    )
    cls = TicketDeadlineMissed if due.missed else TicketDeadlineNear
    fact = cls(
        subject_id=ticket.id,
        ref=ticket.ref,
        title=ticket.title,
        kind=due.kind,
        deadline=due.deadline.isoformat(),
    )
    target = found.of(ticket)
    if due.missed and target is not None:
        _escalate(ticket, target)  # first: whoever has it then is told
    record(fact, actor=SYSTEM)


def _escalate(ticket: Ticket, target: Target) -> None:
    team = target.escalate_team
    if team is not None and team.active:
        set_team(ticket, team, actor=SYSTEM)
    if target.escalate_priority > ticket.priority:
        set_priority(ticket, target.escalate_priority, actor=SYSTEM)
