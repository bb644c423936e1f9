"""Many tickets at once: a fixed list, a preview with who is left out and why, every field, and a way back."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.counting import statements
from tests.tickets.make import make_pulled, make_ticket
from webapp.accounts import actions as accounts
from webapp.bulk import actions as bulks
from webapp.bulk import tasks
from webapp.bulk.models import Bulk
from webapp.core import db
from webapp.events.models import Event
from webapp.events.types import SYSTEM
from webapp.outbox.models import Delivery
from webapp.tickets import actions
from webapp.tickets.models import Response, Team, Ticket


@pytest.fixture
def agent(sign_in: Any, people: SimpleNamespace) -> Any:
    return sign_in(people.andres)


def _plan(agent: Any, ids: list[int] | None = None, filters: str = "") -> str:
    form = {"which": "all"} if ids is None else {"which": "ticked", "pick": ids}
    answer = agent.post(f"/tickets/many{filters}", data=form)
    assert answer.status_code == 303
    return str(answer.location)


def _do(agent: Any, page: str, **change: Any) -> Any:
    assert agent.post(f"{page}/change", data=change).status_code == 303
    assert agent.post(f"{page}/start").status_code == 303
    return agent.get(page).get_data(as_text=True)


def _tickets() -> list[Ticket]:
    db.session().expire_all()
    if not db.in_transaction():
        db.session().rollback()
    return list(db.session().scalars(select(Ticket).order_by(Ticket.id)))


def _rows(agent: Any, page: str) -> list[tuple[str, str]]:
    text = agent.get(f"{page}/result.csv").get_data(as_text=True).removeprefix("\ufeff")
    return [(row["became"], row["why"]) for row in csv.DictReader(io.StringIO(text))]


def test_every_field_changes_at_once_and_comes_back(agent: Any, people: SimpleNamespace) -> None:
    made = make_pulled(2, category="Roads")
    with db.transaction() as session:
        session.add(Team(name="Lights", active=True))
        actions.set_tags(_tickets()[0], ["Old"], actor=people.andres.actor)
    page = _plan(agent, [t.id for t in made])
    shown = _do(
        agent, page,
        status="closed", assignee=people.amihan.id, team=1, priority=4, due="2026-12-24",
        category="Street lights", add_tags="Storm, Night", remove_tags="old", note="Crew is done",
    )  # fmt: skip
    assert "2 tickets were changed." in shown
    for ticket in _tickets():
        assert (ticket.status, ticket.assignee_id, ticket.team_id, ticket.priority) == (
            "closed",
            people.amihan.id,
            1,
            4,
        )
        assert ticket.due_at == datetime(2026, 12, 24, 15, 59, tzinfo=UTC)  # the evening, in Manila
        assert (ticket.category, [tag.name for tag in ticket.tags]) == (
            "Street lights",
            ["Night", "Storm"],
        )
        assert [note.body for note in ticket.notes] == ["Crew is done"]

    undone = agent.post(f"{page}/undo").location
    assert "2 were taken back." in agent.get(undone).get_data(as_text=True)
    first, second = _tickets()
    for ticket in (first, second):
        assert (ticket.status, ticket.assignee_id, ticket.team_id, ticket.priority) == (
            "open",
            None,
            None,
            2,
        )
        assert (ticket.due_at, ticket.category) == (None, "Roads")
        assert len(ticket.notes) == 1
    assert [tag.name for tag in first.tags] == ["Old"]
    assert second.tags == []


def test_all_of_a_list_is_what_it_was_when_it_was_fixed(agent: Any) -> None:
    make_ticket(category="Animals")
    make_ticket(category="Roads")
    page = _plan(agent, filters="?category=Animals")
    make_ticket(category="Animals")
    assert "1 ticket is on this list; it is fixed." in agent.get(page).get_data(as_text=True)
    _do(agent, page, status="resolved")
    assert [t.status for t in _tickets()] == ["resolved", "open", "open"]


def test_a_preview_says_what_would_change_and_who_is_left_out_and_why(agent: Any) -> None:
    made = make_pulled(3)
    with db.transaction():
        actions.change_status(_tickets()[0], status="closed", actor=SYSTEM)
    page = _plan(agent, [t.id for t in made])
    agent.post(f"{page}/change", data={"status": "closed"})
    shown = agent.get(page).get_data(as_text=True)
    assert "2 tickets would change." in shown
    assert "1 is left out: it is so already" in shown
    assert [t.status for t in _tickets()] == ["closed", "open", "open"]

    agent.post(f"{page}/change", data={"priority": "4"})  # on second thought
    assert "3 tickets would change." in agent.get(page).get_data(as_text=True)


def test_undo_leaves_and_names_what_somebody_changed_since(
    agent: Any, people: SimpleNamespace
) -> None:
    first, second = make_pulled(2)
    page = _plan(agent, [first.id, second.id])
    _do(agent, page, status="closed", priority="4")
    with db.transaction():
        actions.change_status(_tickets()[0], status="resolved", actor=people.amihan.actor)
    undone = agent.post(f"{page}/undo").location
    assert [(t.status, t.priority) for t in _tickets()] == [("resolved", 2), ("open", 2)]
    shown = agent.get(undone).get_data(as_text=True)
    assert "changed since: Status" in shown
    assert first.ref in shown
    assert _rows(agent, undone) == [("skipped", "changed since: Status"), ("done", "")]


def test_undo_is_for_half_an_hour_and_once(agent: Any, time_machine: Any) -> None:
    page = _plan(agent, [make_ticket().id])
    assert agent.post(f"{page}/undo").status_code == 409
    _do(agent, page, status="closed")
    other = _plan(agent, [make_ticket().id])
    _do(agent, other, status="closed")
    undone = agent.post(f"{page}/undo").location
    assert agent.post(f"{page}/undo").status_code == 409
    assert agent.post(f"{undone}/undo").status_code == 409
    time_machine.move_to(datetime.now(UTC) + bulks.UNDO_FOR + timedelta(minutes=1))
    assert agent.post(f"{other}/undo").status_code == 409
    assert ">Undo<" not in agent.get(other).get_data(as_text=True)


def test_a_reply_goes_to_each_reporter_and_says_before_that_it_stays(agent: Any) -> None:
    made = [make_ticket(), make_ticket(email="ben@example.org")]
    page = _plan(agent, [t.id for t in made])
    agent.post(f"{page}/change", data={"reply": "The storm is over.", "status": "resolved"})
    assert "cannot be taken back" in agent.get(page).get_data(as_text=True)
    before = _count(Delivery)
    agent.post(f"{page}/start")
    assert [r.body for r in db.session().scalars(select(Response))] == ["The storm is over."] * 2
    assert _count(Delivery) - before == 2  # the answer and the status in one, to each
    agent.post(f"{page}/undo")
    assert _count(Response) == 2
    assert [t.status for t in _tickets()] == ["open", "open"]


def test_a_merged_ticket_keeps_the_status_of_the_one_that_stands_for_it(agent: Any) -> None:
    first, second, third = make_pulled(3)
    with db.transaction():
        _, one, other = _tickets()
        actions.merge_ticket(one, into=other, actor=SYSTEM)
    page = _plan(agent, [first.id, second.id])
    agent.post(f"{page}/change", data={"status": "closed"})
    assert "it was merged" in agent.get(page).get_data(as_text=True)
    agent.post(f"{page}/start")
    assert [t.status for t in _tickets()] == ["closed", "open", "open"]
    page = _plan(agent, [third.id])
    _do(agent, page, status="resolved")
    assert [t.status for t in _tickets()] == ["closed", "resolved", "resolved"]


def test_one_that_cannot_be_done_does_not_stop_the_others(
    agent: Any, people: SimpleNamespace
) -> None:
    made = make_pulled(3)
    with db.transaction():
        many_tags = [f"tag {n}" for n in range(30)]
        actions.set_tags(_tickets()[1], many_tags, actor=people.andres.actor)
    page = _plan(agent, [t.id for t in made])
    _do(agent, page, add_tags="one more", status="closed")
    assert [t.status for t in _tickets()] == ["closed", "open", "closed"]
    assert _rows(agent, page)[1] == ("skipped", "A ticket can have 30 tags at most.")
    assert _count_of("ticket.status_changed") == 2
    assert _count_of("ticket.edited") == 1 + 2


def test_fifty_tickets_take_few_statements_each(agent: Any) -> None:
    made = make_pulled(bulks.AT_ONCE + 1)
    page = _plan(agent, [t.id for t in made])
    agent.post(f"{page}/change", data={"status": "closed", "priority": "4"})
    agent.post(f"{page}/start")
    with statements() as asked, db.transaction():
        bulks.do_batch(int(page.rsplit("/", 1)[1]))
    assert len(asked) < 3 * bulks.BATCH
    assert _count_of("ticket.status_changed") == _count_of("ticket.edited") == bulks.BATCH


def test_rights_are_looked_at_for_each(agent: Any, people: SimpleNamespace) -> None:
    made = make_pulled(bulks.AT_ONCE + 1)
    page = _plan(agent, [t.id for t in made])
    agent.post(f"{page}/change", data={"status": "closed"})
    agent.post(f"{page}/start")
    with db.transaction():
        accounts.edit_user(people.andres, name="Andres", role="reporter", active=True, actor=SYSTEM)
    tasks.go_on(int(page.rsplit("/", 1)[1]))
    assert {t.status for t in _tickets()} == {"open"}
    assert set(_rows_of(page)) == {("skipped", "Andres may not change it")}


def test_a_worker_that_dies_does_no_ticket_twice(agent: Any) -> None:
    made = make_pulled(bulks.AT_ONCE + 20)
    page = _plan(agent, [t.id for t in made])
    agent.post(f"{page}/change", data={"note": "Once"})
    agent.post(f"{page}/start")
    bulk_id = int(page.rsplit("/", 1)[1])
    with db.transaction():
        bulks.do_batch(bulk_id)
    with pytest.raises(ZeroDivisionError), db.transaction():
        bulks.do_batch(bulk_id)
        raise ZeroDivisionError
    tasks.go_on(bulk_id)
    tasks.go_on(bulk_id)
    noted = select(func.count()).where(Event.type == "ticket.noted")
    assert db.session().scalar(noted) == len(made)


def test_more_than_ten_thousand_fit_on_a_list(agent: Any) -> None:
    make_pulled(10_050)
    page = _plan(agent)
    assert "10050 tickets are on this list" in agent.get(page).get_data(as_text=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "Say what is to be done first."),
        ({"status": "gone"}, "Choose one of the statuses."),
        ({"priority": "9"}, "There is no such priority."),
        ({"due": "soon"}, "This must be a day"),
    ],
)
def test_what_cannot_be_done_is_told_and_nothing_is_lost(
    agent: Any, change: Any, words: str
) -> None:
    page = _plan(agent, [make_ticket().id])
    answer = agent.post(f"{page}/change", data=change | {"note": ""})
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert agent.post(f"{page}/start").status_code == 422


def test_nothing_ticked_is_told(agent: Any) -> None:
    answer = agent.post("/tickets/many", data={"which": "ticked"}, follow_redirects=True)
    assert "Tick the tickets that you mean first." in answer.get_data(as_text=True)


def test_who_may_not_work_on_tickets_changes_none(sign_in: Any, people: SimpleNamespace) -> None:
    for person in (people.fina, people.nadia):
        assert sign_in(person).post("/tickets/many", data={"which": "all"}).status_code == 403
    assert "ticket-picks" in sign_in(people.andres).get("/tickets").get_data(as_text=True)


def _rows_of(page: str) -> list[tuple[str, str]]:
    from webapp.bulk.models import BulkItem

    db.session().rollback()
    items = db.session().scalars(
        select(BulkItem)
        .join(Bulk, Bulk.id == BulkItem.bulk_id)
        .where(Bulk.id == int(page.rsplit("/", 1)[1]))
    )
    return [(item.state, item.reason) for item in items]


def _count_of(type_: str) -> int:
    db.session().rollback()
    return db.session().scalar(select(func.count()).where(Event.type == type_)) or 0


def _count(model: Any) -> int:
    db.session().rollback()
    return db.session().scalar(select(func.count()).select_from(model)) or 0
