"""Saved views: own, shared, a role's first list; what they hold, and who may change them."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from tests.counting import selects
from tests.tickets.make import make_pulled, make_ticket
from webapp.core import db
from webapp.core.db import transaction
from webapp.events.models import Event
from webapp.tickets import actions
from webapp.tickets.lists import queries
from webapp.tickets.lists.models import SavedView
from webapp.tickets.models import Tag


@pytest.fixture
def andres(people, sign_in):
    return sign_in(people.andres)


@pytest.fixture
def amihan(people, sign_in):
    return sign_in(people.amihan)


def strip(client, query: str = "status=unfinished") -> list[tuple[str, str]]:
    """(name, count) of the views above the list."""
    page = client.get(f"/tickets/views?{query}").get_data(as_text=True)
    return re.findall(
        r'<span dir="auto">([^<]+)</span><span class="view-link__count">([^<]+)</span>', page
    )


def facts() -> list[str]:
    query = select(Event.type).where(Event.subject_kind == "view").order_by(Event.id)
    return list(db.session().scalars(query))


def test_a_view_is_kept_opened_renamed_and_deleted(andres) -> None:
    make_ticket()
    make_pulled(3, category="Flooding")
    answer = andres.post("/tickets/views?category=Flooding&sort=oldest", data={"name": "  Floods "})
    assert (answer.status_code, answer.location) == (
        303,
        "/tickets?status=unfinished&category=Flooding&sort=oldest",
    )
    assert strip(andres) == [("Floods", "3")]
    assert 'aria-current="page"' in andres.get(
        "/tickets/views?category=Flooding&sort=oldest"
    ).get_data(as_text=True)
    view = db.session().query(SavedView).one()
    andres.post(f"/tickets/views/{view.id}", data={"name": "High water"})
    assert strip(andres) == [("High water", "3")]
    andres.post("/tickets/views?category=Street+lights", data={"replace": view.id})
    assert strip(andres) == [("High water", "1")]
    andres.post(f"/tickets/views/{view.id}/delete")
    assert strip(andres) == []
    assert facts() == ["view.saved", "view.edited", "view.edited", "view.deleted"]


def test_counts_are_bounded(andres, monkeypatch) -> None:
    monkeypatch.setattr("webapp.tickets.lists.queries.COUNTED_UP_TO", 2)
    monkeypatch.setattr("webapp.tickets.lists.views.COUNTED_UP_TO", 2)
    make_pulled(5)
    andres.post("/tickets/views?status=all", data={"name": "All"})
    assert strip(andres) == [("All", "2+")]


def test_without_a_name_it_is_asked_for(andres) -> None:
    answer = andres.post("/tickets/views?category=Flooding", data={"name": "  "})
    assert answer.status_code == 422
    assert "Give it a name." in answer.get_data(as_text=True)
    assert "category=Flooding" in answer.get_data(as_text=True)


def test_own_views_are_nobody_elses(andres, amihan, people) -> None:
    andres.post("/tickets/views?assignee=me", data={"name": "Mine"})
    view = db.session().query(SavedView).one()
    assert strip(amihan) == []
    assert amihan.post(f"/tickets/views/{view.id}", data={"name": "X"}).status_code == 404
    assert amihan.post(f"/tickets/views/{view.id}/delete").status_code == 404
    assert amihan.post("/tickets/views?q=x", data={"replace": view.id}).status_code == 404


def test_only_those_with_the_right_share(andres, amihan) -> None:
    assert (
        andres.post("/tickets/views?assignee=me", data={"name": "Mine", "shared": "1"}).status_code
        == 403
    )
    assert (
        andres.post(
            "/tickets/views?assignee=me", data={"name": "Mine", "role": "agent"}
        ).status_code
        == 403
    )
    amihan.post("/tickets/views?assignee=me", data={"name": "Mine", "shared": "1"})
    assert strip(andres) == [("Mine", "0")]
    view = db.session().query(SavedView).one()
    assert andres.post(f"/tickets/views/{view.id}", data={"name": "X"}).status_code == 404


def test_a_shared_view_means_me_for_whoever_opens_it(andres, amihan, people) -> None:
    ticket = make_ticket()
    amihan.post("/tickets/views?assignee=me", data={"name": "Mine", "shared": "1"})
    with transaction():
        actions.assign(ticket, assignee=people.andres, actor=people.amihan.actor)
    assert (strip(andres), strip(amihan)) == ([("Mine", "1")], [("Mine", "0")])


def test_a_role_has_one_first_list_and_it_opens_by_itself(andres, amihan, people, sign_in) -> None:
    amihan.post("/tickets/views?assignee=nobody", data={"name": "Unassigned", "role": "agent"})
    assert andres.get("/tickets").location == "/tickets?status=unfinished&assignee=nobody"
    assert andres.get("/tickets?status=all").status_code == 200
    assert amihan.get("/tickets").status_code == 200
    amihan.post("/tickets/views?status=open", data={"name": "Open", "role": "agent"})
    assert andres.get("/tickets").location == "/tickets?status=open"
    assert [view.role for view in queries.views_for(people.amihan)] == ["agent", None]
    assert amihan.post("/tickets/views", data={"name": "X", "role": "reporter"}).status_code == 422


def test_a_view_that_names_a_deleted_tag_says_so_and_opens(andres, people) -> None:
    ticket = make_ticket()
    with transaction():
        actions.add_tags(ticket, ["Night shift"], actor=people.andres.actor)
    answer = andres.post("/tickets/views?tag=night+shift", data={"name": "Nights"})
    assert strip(andres) == [("Nights", "1")]
    with transaction() as session:
        session.delete(session.query(Tag).one())
    page = andres.get(answer.location).get_data(as_text=True)
    assert "The tag “night shift” of this list is gone." in page
    assert strip(andres) == [("Nights", "0")]


def test_the_page_of_views_offers_what_one_may(andres, amihan) -> None:
    assert "No saved views" in andres.get("/tickets/views/edit").get_data(as_text=True)
    amihan.post("/tickets/views?status=open", data={"name": "Open ones", "shared": "1"})
    andres.post("/tickets/views?status=all", data={"name": "Everything"})
    page = andres.get("/tickets/views/edit").get_data(as_text=True)
    assert "Open ones" in page
    assert page.count("Delete the view") == 1
    assert "For everybody" not in page
    assert "For everybody" in amihan.get("/tickets/views/new?status=open").get_data(as_text=True)


def test_nobody_has_more_than_fifty(andres, monkeypatch) -> None:
    monkeypatch.setattr("webapp.tickets.lists.actions.MOST_VIEWS", 1)
    andres.post("/tickets/views?status=all", data={"name": "One"})
    answer = andres.post("/tickets/views?status=all", data={"name": "Two"})
    assert answer.status_code == 422
    assert "Delete one first." in answer.get_data(as_text=True)


@pytest.mark.parametrize("name", ["felix", "rosa"])
def test_views_are_closed_to_who_may_not_see_tickets(people, sign_in, name) -> None:
    client = sign_in(getattr(people, name))
    assert client.get("/tickets/views").status_code == 403
    assert client.post("/tickets/views", data={"name": "X"}).status_code == 403


def test_views_stand_in_the_sidebar_with_counts_that_come_after_the_page(andres, amihan) -> None:
    make_pulled(3, category="Flooding")
    for name in [f"View {n}" for n in range(queries.MOST_BESIDE + 1)]:
        andres.post("/tickets/views?category=Flooding", data={"name": name})
    andres.get("/tickets")  # tells what was kept
    for address in ("/tickets", "/"):
        page = andres.get(address).get_data(as_text=True)
        assert 'hx-get="/tickets/views/side"' in page
        assert "View 0" not in page
    with selects() as asked:
        beside = andres.get("/tickets/views/side").get_data(as_text=True)
    assert len(asked) <= 4
    assert re.findall(r">View (\d)</span><span class=\"nav__count\">3<", beside) == list("01234567")
    assert "View" not in amihan.get("/tickets/views/side").get_data(as_text=True)
