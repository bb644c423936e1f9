"""Deadlines follow what happens to a ticket; people are warned, and told of what was missed, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.counting import selects
from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.events.queries import history_of
from webapp.events.types import Actor
from webapp.notifications import summaries
from webapp.outbox.models import Delivery
from webapp.targets import actions, tasks
from webapp.targets.forms import CalendarForm, TargetForm
from webapp.targets.hours import DAYS
from webapp.tickets import actions as tickets
from webapp.tickets.models import Team, Ticket
from webapp.tickets.values import TicketValues

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Manila
ROSA = Actor("reporter", None, "Rosa")
NAGA = Actor("connection", 1, "Naga")
HOUR = timedelta(hours=1)


@pytest.fixture
def travel() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def aim(people: SimpleNamespace, **fields: Any) -> int:
    usual = {"name": "All", "first_response": 60, "next_response": 120, "resolution": 480}
    with db.transaction():
        form = TargetForm.model_validate({**usual, "active": True, "warn_minutes": "30", **fields})
        return actions.save_target(None, form, actor=people.amihan.actor).id


def office(people: SimpleNamespace) -> int:
    week = dict.fromkeys(DAYS[:5], "08:00-12:00, 13:00-17:00")
    with db.transaction():
        form = CalendarForm(name="Office", timezone="Asia/Manila")
        return actions.save_calendar(None, form, week, actor=people.amihan.actor).id


def come(**values: Any) -> int:
    with db.transaction():
        [made] = tickets.import_tickets([TicketValues(title="Broken lamp", **values)], actor=NAGA)
    return made


def of(ticket_id: int) -> Ticket:
    db.session().rollback()
    return db.session().get_one(Ticket, ticket_id, populate_existing=True)


def do(ticket_id: int, deed: Any, **options: Any) -> None:
    with db.transaction() as session:
        deed(session.get_one(Ticket, ticket_id, with_for_update=True), **options)


def told(ticket_id: int) -> list[str]:
    return [e.type for e in history_of("ticket", ticket_id) if "deadline" in e.type]


def mails() -> list[Delivery]:
    db.session().rollback()
    summaries.send_due()
    query = select(Delivery).where(Delivery.kind == "agent_news").order_by(Delivery.id)
    return list(db.session().scalars(query))


def test_a_new_ticket_gets_its_deadlines_in_open_hours(people: Any, travel: Any) -> None:
    aim(people, calendar_id=office(people))
    ticket = of(come())
    assert ticket.respond_by == START + HOUR
    assert ticket.resolve_by == START + 24 * HOUR + timedelta(0)  # 8 open hours: Tuesday 09:00


def test_the_first_target_that_fits_counts(people: Any, travel: Any) -> None:
    aim(people, name="Lamps", category="Light", resolution=60, position=1)
    aim(people, name="All", resolution=600, position=2)
    assert of(come(category="Light")).resolve_by == START + HOUR
    assert of(come(refined_category="Light", category="Street")).resolve_by == START + HOUR
    assert of(come(category="Road")).resolve_by == START + 10 * HOUR


def test_an_answer_ends_the_first_and_a_question_begins_the_next(people: Any, travel: Any) -> None:
    aim(people)
    ticket_id = come()
    travel.shift(HOUR / 2)
    do(ticket_id, tickets.respond, body="We come.", actor=people.andres.actor)
    assert (of(ticket_id).respond_by, of(ticket_id).answered_in_time) == (None, True)
    travel.shift(HOUR)
    do(ticket_id, tickets.respond, body="When?", actor=ROSA)
    assert of(ticket_id).respond_by == clock.now() + 2 * HOUR
    travel.shift(HOUR)
    do(ticket_id, tickets.respond, body="Today?", actor=ROSA)
    assert of(ticket_id).respond_by == clock.now() + HOUR, "the first unanswered question counts"
    do(ticket_id, tickets.respond, body="Tonight.", actor=people.andres.actor)
    assert of(ticket_id).respond_by is None


def test_an_answer_that_came_too_late_is_called_so(people: Any, travel: Any) -> None:
    aim(people)
    ticket_id = come()
    travel.shift(2 * HOUR)
    do(ticket_id, tickets.respond, body="Sorry.", actor=people.andres.actor)
    assert of(ticket_id).answered_in_time is False


def test_no_time_counts_while_we_wait_for_the_reporter(people: Any, travel: Any) -> None:
    aim(people)
    ticket_id, actor = come(), people.andres.actor
    do(ticket_id, actions.set_waiting, waiting=True, actor=actor)
    assert (of(ticket_id).respond_by, of(ticket_id).resolve_by) == (None, None)
    travel.shift(3 * HOUR)
    do(ticket_id, tickets.respond, body="It is the third lamp.", actor=ROSA)
    assert of(ticket_id).resolve_by == START + 11 * HOUR
    assert of(ticket_id).paused_since is None


@pytest.mark.parametrize(("hours", "met"), [(8, True), (9, False)])
def test_a_finished_ticket_was_in_time_or_not(
    people: Any, travel: Any, hours: int, met: bool
) -> None:
    aim(people)
    ticket_id, actor = come(), people.andres.actor
    travel.shift(hours * HOUR)
    do(ticket_id, tickets.change_status, status="resolved", actor=actor)
    found = of(ticket_id)
    assert (found.resolved_in_time, found.resolve_by, found.respond_by) == (met, None, None)
    with pytest.raises(Conflict):
        do(ticket_id, actions.set_waiting, waiting=True, actor=actor)
    travel.shift(100 * HOUR)
    do(ticket_id, tickets.change_status, status="open", actor=actor)
    found = of(ticket_id)
    assert (found.resolved_in_time, found.resolve_by) == (None, START + (8 + 100) * HOUR)


def test_one_that_came_finished_awaits_nothing(people: Any, travel: Any) -> None:
    aim(people)
    found = of(come(status="closed"))
    assert (found.respond_by, found.resolve_by) == (None, None)


def test_deadlines_follow_priority_and_changed_targets(people: Any, travel: Any) -> None:
    target_id = aim(people)
    aim(people, name="Urgent", priority="4", resolution=30, position=0)
    ticket_id = come()
    do(ticket_id, tickets.set_priority, priority=4, actor=people.andres.actor)
    # Both stand at the end of the list in the order in which they were made.
    assert of(ticket_id).resolve_by == START + 8 * HOUR
    with db.transaction():
        from webapp.targets.queries import get_target

        actions.delete_target(get_target(target_id), actor=people.amihan.actor)
    tasks.recompute()
    assert of(ticket_id).resolve_by == START + HOUR / 2


def test_a_desk_without_targets_asks_nothing_about_many_new_tickets(people: Any) -> None:
    with selects() as asked, db.transaction():
        tickets.import_tickets([TicketValues(title=f"Lamp {n}") for n in range(20)], actor=NAGA)
    assert sum("FROM response_target" in each for each in asked) == 1
    assert not any("FROM ticket" in each and "ticket.id IN" in each for each in asked)


def test_a_near_and_a_missed_deadline_are_told_once_each(people: Any, travel: Any) -> None:
    aim(people, next_response=None, resolution=None)
    ticket_id = come()
    do(ticket_id, tickets.assign, assignee=people.andres, actor=people.amihan.actor)
    for _ in range(3):
        tasks.watch()
    assert told(ticket_id) == []
    travel.shift(timedelta(minutes=31))
    for _ in range(3):
        tasks.watch()
    assert told(ticket_id) == ["ticket.deadline_near"]
    travel.shift(HOUR)
    for _ in range(3):
        tasks.watch()
    assert told(ticket_id) == ["ticket.deadline_near", "ticket.deadline_missed"]
    [mail] = mails()
    assert mail.payload["to_address"] == people.andres.email
    [group] = mail.payload["groups"]
    assert [item["text"].split(" 2026")[0] for item in group["items"]][-2:] == [
        "Answer is due",
        "Answer was due",
    ]


def test_what_is_missed_goes_to_the_team_and_its_priority_rises(people: Any, travel: Any) -> None:
    with db.transaction() as session:
        team = Team(name="Night shift", members=[session.merge(people.andres)])
        session.add(team)
        session.flush()
        team_id = team.id
    aim(people, escalate_team_id=team_id, escalate_priority="4")
    ticket_id = come()
    travel.shift(2 * HOUR)
    tasks.watch()
    found = of(ticket_id)
    assert (found.team_id, found.priority) == (team_id, 4)
    assert [m.payload["to_address"] for m in mails()] == [people.andres.email]


def test_many_at_once_are_one_mail_to_a_person(people: Any, travel: Any) -> None:
    aim(people)
    for _ in range(25):
        come()
    travel.shift(2 * HOUR)
    tasks.watch()
    [mail] = mails()
    assert mail.payload["to_address"] == people.amihan.email, "nobody has them: who runs the desk"
    assert len(mail.payload["groups"]) == 25
