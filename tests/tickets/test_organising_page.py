"""Priority, due time, team and tags on a ticket's page and in the list; teams and tags in the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.tickets.make import make_ticket
from webapp.core import db
from webapp.core.db import transaction
from webapp.tickets import actions, queries
from webapp.tickets.actions import teams
from webapp.tickets.models import Tag, Team, Ticket
from webapp.tickets.states import URGENT

HTMX = {"HX-Request": "true"}
AS_MADE = {"priority": "2", "due_at": "", "team": "", "tags": ""}


@pytest.fixture
def desk(people: SimpleNamespace, sign_in: Any) -> FlaskClient:
    return sign_in(people.andres)


@pytest.fixture
def admin(people: SimpleNamespace, sign_in: Any) -> FlaskClient:
    return sign_in(people.amihan)


def save(desk: FlaskClient, ticket: Ticket, seen: dict[str, str] = AS_MADE, **typed: str) -> Any:
    data = {**seen, **typed, **{f"seen_{name}": value for name, value in seen.items()}}
    return desk.post(f"/tickets/{ticket.ref}/organise", data=data, headers=HTMX)


def fresh(ticket: Ticket) -> Ticket:
    return queries.ticket_by_id(ticket.id)


def test_all_four_are_set_on_one_form_in_the_agents_own_time_zone(desk, people) -> None:
    ticket = make_ticket()
    with transaction():
        roads = teams.add_team("Roads", members=[people.andres.id], actor=people.amihan.actor)
    answer = save(
        desk,
        ticket,
        priority="4",
        due_at="2026-12-01T14:00",
        team=str(roads.id),
        tags="Night, lamp",
    )
    assert answer.status_code == 200
    now = fresh(ticket)
    assert (now.priority, now.team_id) == (URGENT, roads.id)
    assert now.due_at == datetime(2026, 12, 1, 6, 0, tzinfo=UTC)  # Asia/Manila
    assert [tag.name for tag in now.tags] == ["lamp", "Night"]
    row = desk.get("/tickets").get_data(as_text=True)
    for words in ("Urgent", "Roads", "Night", "lamp", "1 Dec 2026, 14:00"):
        assert words in row


def test_different_fields_of_two_people_merge(desk, people) -> None:
    ticket = make_ticket()
    with transaction():
        actions.set_priority(fresh(ticket), URGENT, actor=people.amihan.actor)
    assert save(desk, ticket, tags="Night").status_code == 200
    assert (fresh(ticket).priority, fresh(ticket).tags[0].name) == (URGENT, "Night")


def test_the_same_field_shows_both_values_and_saves_nothing_until_told_again(desk, people) -> None:
    ticket = make_ticket()
    with transaction():
        actions.set_tags(fresh(ticket), ["Rain"], actor=people.amihan.actor)
    html = save(desk, ticket, tags="Night", priority="3").get_data(as_text=True)
    assert '<q dir="auto" class="prewrap">Rain</q>' in html
    assert 'value="Night"' in html
    assert [tag.name for tag in fresh(ticket).tags] == ["Rain"]
    assert fresh(ticket).priority == 2
    again = {**AS_MADE, "tags": "Rain"}
    assert save(desk, ticket, again, tags="Night", priority="3").status_code == 200
    assert [tag.name for tag in fresh(ticket).tags] == ["Night"]


@pytest.mark.parametrize(
    "wrong", [{"due_at": "soon"}, {"due_at": "0001-01-01T00:00"}, {"priority": "9"}, {"team": "99"}]
)
def test_what_cannot_be_is_named_and_the_rest_is_kept(desk, wrong) -> None:
    ticket = make_ticket()
    answer = save(desk, ticket, **{"tags": "Night", **wrong})
    assert answer.status_code == 422
    assert 'value="Night"' in answer.get_data(as_text=True)
    assert fresh(ticket).tags == []


def test_those_who_only_see_tickets_see_it_and_cannot_change_it(people, sign_in) -> None:
    ticket, fina = make_ticket(), sign_in(people.fina)
    page = fina.get(f"/tickets/{ticket.ref}").get_data(as_text=True)
    assert "Priority" in page
    assert f"/tickets/{ticket.ref}/organise" not in page
    assert save(fina, ticket, tags="Night").status_code == 403


def test_completion_offers_what_begins_so_first(desk) -> None:
    with transaction() as session:
        session.add_all(Tag(name=n, key=n.casefold()) for n in ("Street lamp", "Lamp", "100%"))
    assert desk.get("/tickets/tags?q=la").json == ["Lamp", "Street lamp"]
    assert desk.get("/tickets/tags?q=%25").json == ["100%"]


def test_a_team_is_made_changed_and_closed_by_an_admin(admin, desk, people) -> None:
    data = {"name": "Roads", "members": [people.andres.id, people.fina.id, "x"]}
    assert admin.post("/settings/teams", data=data).status_code == 303
    [team] = queries.teams()
    assert [person.name for person in team.members] == ["Andres"]  # finance works on no tickets
    again = admin.post("/settings/teams", data={"name": "Roads"})
    assert again.status_code == 422
    assert "There is a team of this name already." in again.get_data(as_text=True)
    admin.post(f"/settings/teams/{team.id}", data={"name": "Streets"})
    with db.session().no_autoflush:
        now = db.session().get_one(Team, team.id)
        assert (now.name, now.active, now.members) == ("Streets", False, [])
    assert "Streets" not in desk.get(f"/tickets/{make_ticket().ref}").get_data(as_text=True)
    assert desk.get("/settings/teams").status_code == 403


def test_a_tag_is_renamed_merged_and_deleted_on_all_its_tickets(admin, people) -> None:
    one, both = make_ticket(), make_ticket()
    with transaction():
        actions.set_tags(one, ["Lamp"], actor=people.andres.actor)
        actions.set_tags(both, ["Lamp", "Light"], actor=people.andres.actor)
    tags = {tag.key: tag.id for tag in db.session().query(Tag)}
    refused = admin.post(f"/settings/tags/{tags['lamp']}", data={"do": "rename", "name": "LIGHT"})
    assert "Merge into it instead." in refused.get_data(as_text=True)
    admin.post(f"/settings/tags/{tags['lamp']}", data={"do": "rename", "name": "Lamps"})
    assert "Lamps" in admin.get("/settings/tags?q=lam").get_data(as_text=True)
    admin.post(f"/settings/tags/{tags['lamp']}", data={"do": "merge", "into": "light"})
    assert [[t.name for t in fresh(each).tags] for each in (one, both)] == [["Light"], ["Light"]]
    admin.post(f"/settings/tags/{tags['light']}", data={"do": "delete"})
    assert db.session().query(Tag).count() == 0
    assert fresh(one).tags == []
