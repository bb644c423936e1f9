"""Filters, orders and columns of the list, from the page."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from tests.tickets.make import make_pulled, make_ticket
from webapp.core import clock, db
from webapp.core.db import transaction
from webapp.tickets import actions, queries
from webapp.tickets.clustering.actions import make_cluster
from webapp.tickets.models import Team, Ticket
from webapp.tickets.queries import Filters

DAY = datetime(2026, 11, 3, 4, tzinfo=UTC)  # noon in Manila


@pytest.fixture
def desk(people, sign_in):
    return sign_in(people.andres)


@pytest.fixture
def two(app, people):
    """“First” has everything that can be asked for, “Second” nothing of it."""
    with time_machine.travel(DAY, tick=False):
        first = make_ticket(title="First", category="Roads", barangay="Tinago")
    with time_machine.travel(DAY + timedelta(days=2), tick=False):
        (second,) = make_pulled(title="Second", category="Flooding", barangay="Sabang")
        with transaction() as session:
            roads = Team(name="Roads crew", active=True)
            session.add(roads)
            session.flush()
            actions.set_team(first, roads, actor=people.andres.actor)
            actions.assign(first, assignee=people.andres, actor=people.amihan.actor)
            actions.add_tags(first, ["Night shift"], actor=people.andres.actor)
            actions.set_priority(first, 4, actor=people.andres.actor)
            actions.set_due(first, DAY, actor=people.andres.actor)
    return first, second


def shown(client, query: str) -> list[str]:
    page = client.get(f"/tickets?{query}").get_data(as_text=True)
    return re.findall(r'<a href="/tickets/T-[^"]+" dir="auto">([^<]+)</a>', page)


@pytest.mark.parametrize(
    "query",
    [
        "category=Roads", "barangay=Tinago", "source=form", "assignee=me", "assignee={andres}", "team={team}",
        "tag=night+shift", "priority=4", "overdue=1", "reported_to=2026-11-03", "reported_from=2026-11-03&reported_to=2026-11-03",
    ],
)  # fmt: skip
def test_each_filter_of_the_address_leaves_its_ticket(desk, two, people, query: str) -> None:
    team = db.session().query(Team).one()
    assert shown(desk, query.format(andres=people.andres.id, team=team.id)) == ["First"]


@pytest.mark.parametrize(
    "query", ["assignee=nobody", "team=nobody", "priority=2", "reported_from=2026-11-04"]
)
def test_and_those_that_ask_for_nobody_leave_the_other(desk, two, query: str) -> None:
    assert shown(desk, query) == ["Second"]


def test_days_are_those_of_the_person(desk, people, app) -> None:
    late = datetime(2026, 11, 3, 15, 59, tzinfo=UTC)  # 23:59 in Manila
    for moment, title in ((late, "On the third"), (late + timedelta(minutes=2), "On the fourth")):
        with time_machine.travel(moment, tick=False):
            make_ticket(title=title)
    assert shown(desk, "reported_to=2026-11-03") == ["On the third"]
    assert shown(desk, "updated_from=2026-11-04") == ["On the fourth"]


@pytest.mark.parametrize(
    "query",
    [
        "reported_from=2026-13-01",
        "assignee=' OR 1",
        "team=me",
        "priority=9",
        "overdue=yes",
        "sort=random",
        "cluster=x",
    ],
)
def test_what_no_filter_can_be_is_left_out(desk, two, query: str) -> None:
    assert shown(desk, query) == ["Second", "First"]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_break_nothing(desk, two, day: str) -> None:
    for name in ("reported_from", "reported_to", "updated_from", "updated_to"):
        assert desk.get(f"/tickets?{name}={day}").status_code == 200


def test_what_is_set_can_be_taken_away_one_by_one(desk, two) -> None:
    page = desk.get("/tickets?category=Roads&assignee=me&status=open&sort=due").get_data(
        as_text=True
    )
    assert 'href="/tickets?status=open&amp;assignee=me&amp;sort=due"' in page
    assert 'href="/tickets?status=open&amp;category=Roads&amp;sort=due"' in page
    assert 'href="/tickets?status=open&amp;sort=due"' in page  # clear all
    assert "Clear all" not in desk.get("/tickets?status=open").get_data(as_text=True)


def test_the_panel_offers_what_there_is_and_keeps_what_is_set(desk, two) -> None:
    panel = desk.get("/tickets/filters?category=Roads&q=lamp").get_data(as_text=True)
    assert '<option value="Roads" selected>Roads</option>' in panel
    for words in ("Sabang", "Roads crew", "Night shift", "Andres", "Urgent", "MyNaga demo"):
        assert words in panel


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("tag=nosuch", "The tag “nosuch” of this list is gone."),
        ("team=99", "The team of this list is gone."),
        ("assignee=99", "The person of this list is gone."),
    ],
)
def test_a_filter_that_names_what_is_gone_says_so_and_opens(desk, two, query, sentence) -> None:
    answer = desk.get(f"/tickets?{query}")
    assert answer.status_code == 200
    assert sentence in answer.get_data(as_text=True)
    assert desk.get(f"/tickets/filters?{query}").status_code == 200


ORDERS = {
    "newest": lambda t: (-t.created_at.timestamp(), -t.id),
    "oldest": lambda t: (t.created_at, t.id),
    "updated": lambda t: (-t.updated_at.timestamp(), -t.id),
    "priority": lambda t: (-t.priority, -t.id),
    "due": lambda t: (t.due_at is None, t.due_at or DAY, t.id),
}


@pytest.mark.parametrize("sort", list(ORDERS))
def test_each_order_goes_on_from_page_to_page_without_gap_or_repeat(app, people, sort: str) -> None:
    made = make_pulled(130)
    with transaction():
        for number, ticket in enumerate(made):
            ticket.priority = number % 4 + 1
            ticket.due_at = DAY + timedelta(hours=number % 7) if number % 3 else None
            ticket.updated_at = DAY + timedelta(minutes=number % 11)
    seen, after = [], None
    for count in (50, 50, 30):
        wanted = queries.matching(people.andres, Filters(sort=sort))
        page = queries.tickets_page(wanted, after=after)
        assert len(page.rows) == count
        seen += page.rows
        after = page.next
    assert after is None
    assert [t.id for t in seen] == [t.id for t in sorted(seen, key=ORDERS[sort])]
    assert len({t.id for t in seen}) == 130


def test_a_position_of_another_order_is_told_to_be_damaged(desk, app, people) -> None:
    make_pulled(60)
    position = queries.tickets_page(queries.matching(people.andres, Filters(sort="priority"))).next
    assert desk.get(f"/tickets?sort=updated&after={position}").status_code == 422
    assert desk.get(f"/tickets?sort=priority&after={position}").status_code == 200


def test_headings_sort(desk, two) -> None:
    page = desk.get("/tickets").get_data(as_text=True)
    assert "sort=oldest" in page  # where it is sorted by it already, the other way round
    assert "sorted descending" in page
    assert shown(desk, "sort=oldest") == ["First", "Second"]


def test_columns_are_kept_for_the_person_alone(desk, two, people, sign_in) -> None:
    answer = desk.post(
        "/tickets/columns",
        data={"columns": ["team", "status", "nonsense"], "back": "/tickets?status=open"},
    )
    assert (answer.status_code, answer.location) == (303, "/tickets?status=open")
    page = desk.get("/tickets").get_data(as_text=True)
    assert 'data-label="Team"' in page
    assert 'data-label="Category"' not in page
    assert 'data-label="Category"' in sign_in(people.amihan).get("/tickets").get_data(as_text=True)
    form = desk.get("/tickets/columns").get_data(as_text=True)
    assert re.search(r'value="team" checked', form)
    desk.post(
        "/tickets/columns",
        data={
            "columns": ["status", "category", "source", "assignee", "reported"],
            "back": "https://evil.example",
        },
    )
    assert 'data-label="Category"' in desk.get("/tickets").get_data(as_text=True)


def test_every_column_can_be_shown(desk, two) -> None:
    from webapp.tickets.lists.columns import COLUMNS

    desk.post("/tickets/columns", data={"columns": list(COLUMNS)})
    page = desk.get("/tickets").get_data(as_text=True)
    for words in ("Roads crew", "Urgent", "Tinago", "Rosa Dimaculangan"):
        assert words in page


def test_overdue_is_what_should_have_been_finished(desk, two, people) -> None:
    first, _second = two
    with transaction():
        actions.change_status(first, status="resolved", actor=people.andres.actor)
    assert shown(desk, "overdue=1&status=all") == []
    with transaction():
        actions.change_status(first, status="open", actor=people.andres.actor)
        actions.set_due(first, clock.now() + timedelta(hours=1), actor=people.andres.actor)
    assert shown(desk, "overdue=1") == []


def test_a_merged_ticket_leaves_the_list_and_is_found_by_search_and_filter(desk, people) -> None:
    one, other = make_ticket(title="Lamp one"), make_ticket(title="Lamp two")
    with transaction() as session:
        rows = {each.id: each for each in session.scalars(select(Ticket))}
        actions.merge_ticket(rows[one.id], into=rows[other.id], actor=people.andres.actor)
    listed = desk.get("/tickets").get_data(as_text=True)
    assert "Lamp two" in listed
    assert "Lamp one" not in listed
    assert re.search(r"Unfinished</?[^>]*>\s*<span[^>]*>1<", listed) or ">1<" in listed
    for address in ("/tickets?merged=1", "/tickets?q=lamp", f"/tickets?q=ref:{one.ref}"):
        assert "Lamp one" in desk.get(address).get_data(as_text=True), address
    assert one.ref in desk.get(f"/tickets/{other.ref}").get_data(as_text=True)
    gone = desk.get(f"/tickets/left?status=unfinished&ids={one.id},{other.id}").json
    assert gone == {str(one.id): "merged into another"}


def test_newest_sorts_by_the_column_that_says_when_it_came(desk) -> None:
    early = make_pulled(1, title="Came first", reported_at=clock.now())[0]
    late = make_pulled(1, title="Came last", reported_at=clock.now() - timedelta(days=9))[0]
    page = desk.get("/tickets").get_data(as_text=True)
    assert page.index(late.title) < page.index(early.title)
    assert re.search(r"aria-sort|sort-link[^>]*>Came in<svg", page)
    assert "sort-link" not in page.split("Reported")[0][-60:]


def test_the_dashboard_counts_what_is_overdue_and_leads_there(desk, people) -> None:
    late = make_ticket(title="Late")
    with transaction() as session:
        row = session.get_one(Ticket, late.id)
        actions.set_due(row, clock.now() - timedelta(hours=1), actor=people.andres.actor)
    tile = desk.get("/").get_data(as_text=True).split('id="tile-overdue"')[1][:600]
    assert "overdue=1" in desk.get("/").get_data(as_text=True)
    assert ">1<" in tile
    assert "Late" in desk.get("/tickets?overdue=1").get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("cluster=any", ["First"]), ("cluster=nobody", ["Second"]), ("cluster={key}", ["First"]), ("q=cluster:{ref}", ["First"]),
        ("q=cluster:none", ["Second"]), ("q=-cluster:{ref}", ["Second"]), ("q=cluster:C-1", []),
        ("q=-assignee:me", ["Second"]), ("q=-team:roads", ["Second"]), ("q=-assignee:nobody", ["First"]),
    ],
)  # fmt: skip
def test_a_cluster_leaves_its_tickets_and_a_minus_also_those_that_have_none(
    desk, two, people, query: str, left: list[str]
) -> None:
    first, _ = two
    with transaction():
        cluster = make_cluster([first], title="Floods", actor=people.andres.actor)
        key, ref = cluster.id, cluster.ref
    assert shown(desk, query.format(key=key, ref=ref)) == left


def test_the_filters_offer_the_clusters_by_name(desk, two, people) -> None:
    with transaction():
        cluster = make_cluster([two[0]], title="Floods", actor=people.andres.actor)
        key, ref = cluster.id, cluster.ref
    offered = desk.get(f"/tickets/filters?cluster={key}").get_data(as_text=True)
    assert f'<option value="{key}" selected>{ref} Floods</option>' in offered
    assert f"{ref} Floods" in desk.get(f"/tickets?cluster={key}").get_data(as_text=True)
    assert "The cluster of this list is gone." in desk.get("/tickets?cluster=99").get_data(
        as_text=True
    )
