"""The search box of the list: what finds a ticket, what is told, and that the index follows every change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from tests.tickets.make import MYNAGA, ROSA, make_pulled, make_ticket
from webapp.core import db
from webapp.core.db import transaction
from webapp.outbox.queue import put
from webapp.sync.models import Conflict, Connection, Link
from webapp.tickets import actions, queries
from webapp.tickets.models import Response, Team, Ticket
from webapp.tickets.queries import Filters
from webapp.tickets.search import OPERATORS

ANDRES = "andres"


def found(user, q: str, **filters: str) -> list[str]:
    wanted = queries.matching(user, Filters(q=q, status="all", **filters))
    return [ticket.title for ticket in queries.tickets_page(wanted).rows]


def said(user, q: str) -> list[str]:
    return list(queries.matching(user, Filters(q=q)).said)


@pytest.mark.parametrize(
    "q",
    [
        "dark",  # description
        "STREET",  # title, without regard to case
        "brok",  # the beginning of a word
        '"street light"',
        "penafrancia",  # place, without accents
        "dimaculangan",  # reporter
        "rosa@example.org",
        "912 345",
        "lamp tinago",  # each word anywhere
        "light -flood",
    ],
)
def test_a_ticket_is_found_by_what_is_said_in_it(app: Flask, people, q: str) -> None:
    make_ticket()
    make_pulled(title="Clogged drain")
    assert found(people.andres, q) == ["Broken street light"]


@pytest.mark.parametrize("q", ['"light street"', "lamp flood", "roken", "-dark", '"stre"'])
def test_it_is_not_found_by_what_is_not(app: Flask, people, q: str) -> None:
    make_ticket()
    assert found(people.andres, q) == []


def test_numbers_find_it_ours_and_the_upstreams(app: Flask, people) -> None:
    (wanted, _other) = make_pulled(2)
    for q in (
        wanted.ref,
        wanted.ref.lower(),
        "NAGA-0",
        f"ref:{wanted.ref}",
        "ref:NAGA-0",
        f"ref:{wanted.id}",
    ):
        wanted_too = queries.matching(people.andres, Filters(q=q, status="all"))
        assert [t.id for t in queries.tickets_page(wanted_too).rows] == [wanted.id], q


def test_the_last_figures_of_a_reference_find_it_when_they_stand_alone(app: Flask, people) -> None:
    first, second = (
        make_ticket(title="First"),
        make_ticket(title="Second", description="Pole 1 fell"),
    )
    assert (first.id, second.id) == (1, 2)
    assert sorted(found(people.andres, "1")) == ["First", "Second"]
    assert found(people.andres, "#2") == ["Second"]
    assert found(people.andres, '"2"') == []
    assert found(people.andres, "2 fell") == []
    assert found(people.andres, "9" * 30) == []


def test_the_conversation_is_searched_and_the_notes_are_not(app: Flask, people) -> None:
    ticket = make_ticket()
    with transaction():
        actions.respond(ticket, body="The crew brings a ladder.", actor=people.andres.actor)
        actions.respond(ticket, body="Thank you, neighbours!", actor=ROSA)
        actions.add_note(ticket, body="Budget is gone.", actor=people.andres.actor)
    assert found(people.andres, "ladder neighbours") == [ticket.title]
    assert found(people.andres, "budget") == []


def test_an_answer_that_is_sent_twice_stays_in_the_index_once(app: Flask, people) -> None:
    ticket = make_ticket()
    for _ in range(2):
        with transaction():
            actions.respond(
                ticket, body="A mechanic comes", actor=people.andres.actor, submission_key="k" * 43
            )
    assert found(people.andres, "mechanic") == ["Broken street light"]
    with (
        transaction() as session
    ):  # it leaves the index as it came in: all of it, or SQLite finds it broken
        session.execute(delete(Response))
    assert found(people.andres, "mechanic") == []
    assert found(people.andres, "dark") == ["Broken street light"]


def test_the_index_follows_changes_of_texts_and_deletions(app: Flask, people) -> None:
    (ticket,) = make_pulled(title="Old title")
    with transaction():
        response = actions.respond(ticket, body="A ladder.", actor=people.andres.actor)
        actions.update_from_upstream(ticket, values={"title": "New heading"}, actor=MYNAGA)
    assert found(people.andres, "old") == []
    assert found(people.andres, "heading ladder") == ["New heading"]
    with transaction() as session:
        session.execute(delete(Response).where(Response.id == response.id))
    assert found(people.andres, "ladder") == []
    with transaction() as session:
        session.execute(delete(Ticket).where(Ticket.id == ticket.id))
    assert found(people.andres, "heading") == []


def test_a_response_that_moves_to_another_ticket_is_found_there(app: Flask, people) -> None:
    old, new = make_ticket(title="First"), make_ticket(title="Second")
    with transaction():
        response = actions.respond(old, body="A ladder.", actor=people.andres.actor)
    with transaction() as session:
        session.get(Response, response.id).ticket_id = new.id
    assert found(people.andres, "ladder") == ["Second"]


def test_thousands_that_come_in_at_once_are_found(app: Flask, people) -> None:
    make_pulled(300, description="Water up to the knees")
    assert len(found(people.andres, "knees")) == 50
    assert found(people.andres, '"NAGA 217"') == ["Clogged drain"]


def test_endless_text_is_taken(app: Flask, people) -> None:
    make_pulled(title="Long", description=" ".join(f"w{n:x}" for n in range(16_000)))
    with transaction() as session:
        ticket = session.query(Ticket).one()
        for part in range(3):
            body = " ".join(f"é{part}{n:x}" for n in range(14_000))
            actions.respond(ticket, body=body, actor=ROSA)
    assert found(people.andres, "w3e7") == ["Long"]


def test_operators_narrow_the_list(app: Flask, people) -> None:
    with time_machine.travel(datetime(2026, 11, 3, 4, tzinfo=UTC), tick=False):
        first = make_ticket(title="First", category="Street lights")
    with time_machine.travel(datetime(2026, 11, 5, 4, tzinfo=UTC), tick=False):
        (second,) = make_pulled(title="Second", category="Flooding")
    with transaction() as session:
        roads = Team(name="Roads crew", active=True)
        session.add(roads)
        session.flush()
        actions.set_team(first, roads, actor=people.andres.actor)
        actions.assign(first, assignee=people.andres, actor=people.amihan.actor)
        actions.add_tags(first, ["Night shift"], actor=people.andres.actor)
        actions.set_priority(first, 4, actor=people.andres.actor)
        actions.change_status(second, status="closed", actor=people.andres.actor)
    for q in (
        "assignee:me", "assignee:andres", "-assignee:nobody", "team:roads", "-team:nobody", 'tag:"night shift"',
        "category:street", "source:form", "priority:urgent", "priority:4", "status:open", "-status:closed",
        "before:2026-11-04", "-after:2026-11-05", "after:2026-11-03 before:2026-11-04",
    ):  # fmt: skip
        assert found(people.andres, q) == ["First"], q
    for q in (
        "assignee:none",
        "status:finished",
        'source:"mynaga demo"',
        "source:mynaga",
        "after:2026-11-05",
        '-tag:"night shift"',
    ):
        assert found(people.andres, q) == ["Second"], q
    assert said(people.andres, "assignee:me status:open") == []


def test_a_status_in_the_box_counts_more_than_the_unfinished_ones(app: Flask) -> None:
    assert Filters.of({"q": "status:closed"}).status == "all"
    assert Filters.of({"q": "ref:12"}).status == "all"
    assert Filters.of({"q": "status:closed", "status": "open"}).status == "open"
    assert Filters.of({"q": "lamp"}).status == ""


def test_has_problem_finds_what_is_parked_withdrawn_or_undecided(app: Flask, people) -> None:
    make_ticket(title="Fine")
    parked, missing, undecided = (make_ticket(title=t) for t in ("Parked", "Missing", "Undecided"))
    with transaction() as session:
        delivery = put(
            channel="mail", target="mail", lane="ticket:1", kind="x", subject=("ticket", parked.id),
            summary="x", payload={},
        )  # fmt: skip
        delivery.state = "parked"
        connection = Connection(
            name="City",
            kind="blank",
            base_url="https://example.org",
            created_at=delivery.created_at,
        )
        session.add(connection)
        session.flush()
        for ticket, state in ((missing, "gone"), (undecided, "linked")):
            link = Link(
                connection_id=connection.id, external_id=str(ticket.id), local_id=ticket.id,
                payload_hash="", base={}, state=state, created_at=delivery.created_at,
            )  # fmt: skip
            session.add(link)
            session.flush()
        session.add(
            Conflict(
                link_id=link.id,
                field="title",
                base="a",
                local="b",
                upstream="c",
                decision="",
                decided_by="",
                at=delivery.created_at,
            )
        )
    assert found(people.andres, "has:problem") == ["Undecided", "Missing", "Parked"]
    assert found(people.andres, "-has:problem") == ["Fine"]
    assert found(people.andres, "", problem="1") == ["Undecided", "Missing", "Parked"]


def test_what_means_nothing_is_told_in_a_sentence(app: Flask, people, sign_in) -> None:
    make_ticket()
    page = sign_in(people.andres).get("/tickets?q=colour:red+lamp").get_data(as_text=True)
    assert "“colour:” is no operator here" in page
    assert "Broken street light" in page
    for q, words in (
        ("tag:nosuch", "Nothing here is called “tag:nosuch”."),
        ("assignee:zed", "Nothing here is called “assignee:zed”."),
        ("before:soon", "“soon” is no day."),
        ("has:money", "Nothing here is called “has:money”."),
    ):
        (sentence,) = said(people.andres, q)
        assert words in sentence
        assert found(people.andres, q) == []


def test_who_may_not_see_tickets_finds_none_by_words(app: Flask, people) -> None:
    make_ticket()
    assert found(people.nadia, "lamp") == []
    assert found(people.felix, f"ref:{make_ticket().ref}") == []


pieces = st.one_of(
    st.text(max_size=10),
    st.sampled_from([f"{name}:" for name in OPERATORS]),
    st.sampled_from(
        ["me", '"', "-", "*", " ", "NEAR(", "AND", "NOT", "{", "^", "\\", "'", "2026", "9999-12-31"]
    ),
)


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(pieces, max_size=15).map("".join))
def test_nothing_that_is_typed_breaks_the_list(app: Flask, people, q: str) -> None:
    wanted = queries.matching(people.andres, Filters.of({"q": q}))
    queries.tickets_page(wanted)
    queries.count_by_status(wanted)
    db.session().rollback()
