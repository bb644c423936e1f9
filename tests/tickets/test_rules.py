"""Rules of assignment: which takes a ticket, whom of a team, in bulk, tried out and told."""

from __future__ import annotations

import pytest
from sqlalchemy import event, select

from tests.tickets.make import make_pulled, make_ticket
from webapp.core import db
from webapp.core.db import transaction
from webapp.events.queries import history_of
from webapp.tickets import actions, queries
from webapp.tickets.actions import rules, teams
from webapp.tickets.assigning.choosing import Case, Rule, first_fitting, least_busy
from webapp.tickets.models import Team, Ticket


def rule(**values) -> Rule:
    return Rule(
        **{
            "id": 1,
            "place": 1,
            "category": "",
            "barangay": "",
            "source": "",
            "team_id": 1,
            "user_id": None,
            **values,
        }
    )


@pytest.mark.parametrize(
    ("conditions", "fits"),
    [({}, True), ({"category": "street LIGHTS"}, True), ({"category": "Dark lamp"}, True),
     ({"category": "Drains"}, False), ({"barangay": "tinago "}, True), ({"barangay": "Abella"}, False),
     ({"source": "form"}, True), ({"source": "desk"}, False),
     ({"category": "Street lights", "barangay": "Abella"}, False)],
)  # fmt: skip
def test_every_condition_that_is_given_must_fit(conditions, fits) -> None:
    case = Case("Street lights", "Dark lamp", "Tinago", "form")
    assert (first_fitting([rule(**conditions)], case) is not None) == fits


def test_the_first_that_fits_takes_it_and_the_least_busy_gets_it() -> None:
    case = Case("", "", "", "form")
    assert first_fitting([rule(source="desk", id=1), rule(id=2), rule(id=3)], case).id == 2
    assert least_busy([7, 8, 9], {7: 2, 8: 1, 9: 1}) == 8
    assert least_busy([], {}) is None


def new_rule(people, **values) -> None:
    given = {
        "category": "",
        "barangay": "",
        "source": "",
        "team_id": None,
        "user_id": None,
        "least_busy": False,
    }
    with transaction():
        rules.add_rule(**{**given, **values}, actor=people.amihan.actor)


def new_team(people, *members) -> Team:
    with transaction():
        return teams.add_team("Roads", members=[m.id for m in members], actor=people.amihan.actor)


def fresh(ticket: Ticket) -> Ticket:
    return queries.ticket_by_id(ticket.id)


def test_a_new_ticket_goes_to_whom_the_rule_says_and_its_history_tells(people, sign_in) -> None:
    roads = new_team(people, people.andres)
    new_rule(people, category="Drains", user_id=people.amihan.id)
    new_rule(people, category="Street lights", team_id=roads.id, user_id=people.andres.id)
    ticket = make_ticket()
    now = fresh(ticket)
    assert (now.team_id, now.assignee_id) == (roads.id, people.andres.id)
    [told] = [e for e in history_of("ticket", ticket.id) if e.type == "ticket.routed"]
    assert (told.data["rule"], told.data["team"], told.data["assignee"]) == (2, "Roads", "Andres")
    assert told.internal
    page = sign_in(people.andres).get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    assert "Rule 2: to Roads · Andres" in page
    with transaction():
        actions.assign(
            fresh(ticket), assignee=None, actor=people.andres.actor
        )  # it can be changed at once


def test_a_page_of_pulled_tickets_spreads_over_a_team_in_few_statements(people) -> None:
    roads = new_team(people, people.andres, people.amihan)
    busy = make_ticket()
    with transaction():
        actions.assign(fresh(busy), assignee=people.amihan, actor=people.amihan.actor)
    new_rule(people, source="connection:1", team_id=roads.id, least_busy=True)
    seen: list[str] = []
    listen = lambda *a: seen.append(a[2])  # noqa: E731
    event.listen(db.db.engine, "before_cursor_execute", listen)
    made = make_pulled(41)
    event.remove(db.db.engine, "before_cursor_execute", listen)
    shares = [fresh(t).assignee_id for t in made]
    assert (shares.count(people.andres.id), shares.count(people.amihan.id)) == (21, 20)
    assert len(seen) <= 45, seen  # told of as one, not one by one
    assert fresh(make_ticket()).assignee_id is None


def test_what_is_finished_or_taken_is_left_alone_and_so_is_a_rule_that_cannot_work(people) -> None:
    roads = new_team(people, people.andres)
    new_rule(people, team_id=roads.id, least_busy=True)
    [old] = make_pulled(status="resolved")
    assert fresh(old).team_id is None
    with transaction():
        teams.edit_team(roads.id, name="Roads", members=[], active=True, actor=people.amihan.actor)
    assert fresh(make_ticket()).team_id is None


def test_an_admin_makes_orders_switches_and_tries_rules(people, sign_in) -> None:
    roads, admin = new_team(people, people.andres), sign_in(people.amihan)
    nobody = admin.post("/settings/rules", data={"category": "Drains"})
    for gone in ({"team_id": "99"}, {"user_id": "99"}, {"team_id": "-1"}, {"user_id": "9" * 40}):
        assert admin.post("/settings/rules", data=gone).status_code == 422
    assert nobody.status_code == 422
    assert "Choose the team or the person" in nobody.get_data(as_text=True)
    admin.post("/settings/rules", data={"team_id": roads.id, "least_busy": "1"})
    admin.post("/settings/rules", data={"barangay": "Tinago", "user_id": people.amihan.id})
    ticket = make_ticket()
    asked = admin.get(f"/settings/rules?number={ticket.ref}").get_data(as_text=True)
    assert "Rule 1 takes it, for Roads · Andres." in asked
    from webapp.tickets.assigning.queries import all_rules

    first, second = all_rules()
    admin.post(f"/settings/rules/{second.id}", data={"do": "up"})
    asked = admin.get("/settings/rules?category=&barangay=tinago").get_data(as_text=True)
    assert "Rule 1 takes it, for Amihan." in asked
    admin.post(f"/settings/rules/{first.id}", data={"do": "off"})
    assert "No rule takes it" in admin.get("/settings/rules?category=Noise").get_data(as_text=True)
    admin.post(f"/settings/rules/{second.id}", data={"do": "remove"})
    assert [r.id for r in all_rules()] == [first.id]
    assert "There is no ticket 99." in admin.get("/settings/rules?number=99").get_data(as_text=True)
    assert sign_in(people.andres).get("/settings/rules").status_code == 403
    assert db.session().scalars(select(Ticket)).all()
