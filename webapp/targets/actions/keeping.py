"""Keeps the deadlines of tickets as things happen to them: a reaction, in the same transaction as its fact."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.core.updating import flush_together
from webapp.events.models import Event
from webapp.events.record import Batch, for_batches, record
from webapp.events.types import Actor, Fact
from webapp.targets import queries
from webapp.targets.deadlines import (
    NONE,
    Aims,
    Clockwork,
    Course,
    answered_in_time,
    deadlines,
    resolved_in_time,
)
from webapp.targets.hours import Always
from webapp.targets.queries import Targets
from webapp.tickets.events import (
    TicketCreated,
    TicketEdited,
    TicketResponded,
    TicketStatusChanged,
)
from webapp.tickets.models import Ticket
from webapp.tickets.states import FINISHED, UNFINISHED

_DECIDE = ("category", "refined_category", "priority")  # by which the target is found


def keep_times(event: Event, fact: Fact) -> None:
    """Reaction to what happens to a ticket."""
    if not _matters(fact):
        return
    ticket = db.session().get_one(Ticket, event.subject_id)
    if _had_no_time(ticket, fact):
        _put(ticket, asked_at=None)
        return
    _keep(ticket, fact, queries.targets(), now=event.at)


@for_batches(keep_times)
def keep_times_of_many(batch: Batch) -> None:
    """As keep_times for each. A desk without targets has nothing to do for tickets that are new."""
    facts = [fact for fact in batch.facts if _matters(fact)]
    if not facts:
        return
    found = queries.targets()
    if isinstance(facts[0], TicketCreated) and not found.some:
        return
    rows = db.session().scalars(select(Ticket).where(Ticket.id.in_([f.subject_id for f in facts])))
    tickets = {ticket.id: ticket for ticket in rows}
    for fact in facts:
        _keep(tickets[fact.subject_id], fact, found, now=batch.same["at"])
    flush_together()


def _matters(fact: Fact) -> bool:
    """An edit does where it changes what the target is found by."""
    return not isinstance(fact, TicketEdited) or bool(set(fact.changes) & set(_DECIDE))


def _had_no_time(ticket: Ticket, fact: Fact) -> bool:
    """Our answer to what had to be answered and resolved by no time: no target is concerned or has to be read."""
    return (
        isinstance(fact, TicketResponded)
        and not fact.by_reporter
        and ticket.status in UNFINISHED
        and ticket.paused_since is None
        and ticket.respond_by is None
        and ticket.resolve_by is None
    )


def set_waiting(ticket: Ticket, waiting: bool, *, actor: Actor) -> Event | None:
    """Whether we wait for the reporter: meanwhile no time counts. None when it is so already.

    Raises Conflict for a finished ticket, of which nothing is awaited.
    """
    if ticket.status in FINISHED:
        raise Conflict(gettext("A finished ticket waits for nobody."))
    if waiting == (ticket.paused_since is not None):
        return None
    found, now = queries.targets(), clock.now()
    if waiting:
        ticket.paused_since = now
    else:
        _go_on(ticket, found, now=now)
    _set(ticket, found)
    said = gettext("the reporter's answer")
    fact = TicketEdited(
        subject_id=ticket.id,
        ref=ticket.ref,
        title=ticket.title,
        changes={"waiting_for": [None, said] if waiting else [said, None]},
    )
    return record(fact, actor=actor)


def recompute_some(after_id: int, *, limit: int = 500) -> int | None:
    """Deadlines of unfinished tickets anew, as after a target was changed: those behind `after_id`. The last one's id;
    None when there are no more."""
    found = queries.targets()
    rows: Sequence[Ticket] = (
        db.session()
        .scalars(
            select(Ticket)
            .where(Ticket.id > after_id, Ticket.status.in_(UNFINISHED))
            .order_by(Ticket.id)
            .limit(limit)
            .with_for_update()
        )
        .all()
    )
    for ticket in rows:
        _set(ticket, found)
    return rows[-1].id if len(rows) == limit else None


def _keep(ticket: Ticket, fact: Fact, found: Targets, *, now: datetime) -> None:
    if isinstance(fact, TicketResponded):
        _answered(ticket, fact, found, now=now)
    elif isinstance(fact, TicketStatusChanged):
        _moved(ticket, fact, found, now=now)
    elif isinstance(fact, TicketCreated) and ticket.status in FINISHED:
        ticket.paused_since = ticket.resolved_at or now
    _set(ticket, found)


def _answered(ticket: Ticket, fact: TicketResponded, found: Targets, *, now: datetime) -> None:
    if not fact.by_reporter:
        _put(ticket, asked_at=None)
        if ticket.answered_in_time is None:
            aims, clockwork = _of(ticket, found)
            in_time = answered_in_time(aims, _course(ticket), clockwork)
            _put(ticket, answered_in_time=in_time)
        return
    ticket.asked_at = ticket.asked_at or now
    if ticket.status not in FINISHED and ticket.paused_since is not None:
        _go_on(ticket, found, now=now)  # this is what we waited for


def _moved(ticket: Ticket, fact: TicketStatusChanged, found: Targets, *, now: datetime) -> None:
    was, is_ = fact.old in FINISHED, fact.new in FINISHED
    if was == is_:
        return
    if ticket.paused_since is not None:
        _go_on(ticket, found, now=now)
    if is_:
        ticket.paused_since = now
        aims, clockwork = _of(ticket, found)
        ticket.resolved_in_time = resolved_in_time(aims, _course(ticket), clockwork)
    else:
        ticket.resolved_in_time = None


def _go_on(ticket: Ticket, found: Targets, *, now: datetime) -> None:
    _, clockwork = _of(ticket, found)
    if ticket.paused_since is not None:
        ticket.paused_s += round(clockwork.between(ticket.paused_since, now))
    ticket.paused_since = None


def _set(ticket: Ticket, found: Targets) -> None:
    aims, clockwork = _of(ticket, found)
    course = _course(ticket)
    is_over = ticket.status in FINISHED and course.paused_since is None
    by = NONE if is_over else deadlines(aims, course, clockwork)
    _put(ticket, respond_by=by.respond_by, resolve_by=by.resolve_by)


def _put(ticket: Ticket, **values: Any) -> None:
    """What is so already is not set: the session would look through the whole row for what to write."""
    for name, value in values.items():
        if getattr(ticket, name) != value:
            setattr(ticket, name, value)


def _of(ticket: Ticket, found: Targets) -> tuple[Aims, Clockwork]:
    target = found.of(ticket)
    if target is None:
        return Aims(), Always()
    return target.aims, found.clockwork(target)


def _course(ticket: Ticket) -> Course:
    return Course(
        came_at=ticket.created_at,
        first_response_at=ticket.first_response_at,
        asked_at=ticket.asked_at,
        paused_since=ticket.paused_since,
        paused_s=ticket.paused_s,
    )
