"""Clusters: suggested, accepted or dismissed, answered together, taken apart."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from tests.counting import selects
from tests.tickets.make import MYNAGA, make_ticket
from webapp.bulk import actions as bulk
from webapp.bulk import tasks as bulk_tasks
from webapp.bulk.models import DONE, Bulk
from webapp.core import clock, db
from webapp.core.db import transaction
from webapp.core.errors import Conflict
from webapp.events.models import Event
from webapp.events.queries import history_of
from webapp.outbox.models import Delivery
from webapp.tickets import actions as tickets
from webapp.tickets.clustering import actions, queries, tasks
from webapp.tickets.clustering.models import Cluster, Suggestion
from webapp.tickets.models import Response, Ticket
from webapp.tickets.values import TicketValues

HALL = (13.6218, 123.1948)
NORTH_120_M = HALL[0] + 0.00108


def pulled(title: str = "Street light is out", **values: Any) -> Ticket:
    each = {"lat": HALL[0], "lng": HALL[1], "category": "Street lights", "source": "connection:1"}
    with transaction():
        [key] = tickets.import_tickets([TicketValues(title=title, **(each | values))], actor=MYNAGA)
    return db.session().get_one(Ticket, key)


def compared() -> list[Suggestion]:
    tasks.compare_waiting()
    return list(db.session().scalars(select(Suggestion).order_by(Suggestion.id)))


@pytest.fixture
def pair(app: Flask) -> tuple[Ticket, Ticket]:
    one = pulled(reported_at=clock.now() - timedelta(days=2, hours=1))
    return one, pulled("The street light is out again", lat=NORTH_120_M)


def test_new_tickets_near_in_place_time_and_words_are_suggested_with_reasons(
    pair: tuple[Ticket, Ticket], people: SimpleNamespace, sign_in: Any
) -> None:
    pulled("Dead dog in the river")
    pulled("Street light is out", lat=HALL[0] + 0.01)  # a kilometre away
    [found] = compared()
    assert (found.ticket_id, found.other_id) == (pair[0].id, pair[1].id)
    assert (found.metres, found.days) == (120, 2)
    assert db.session().scalar(select(func.count()).where(Ticket.to_compare)) == 0
    page = sign_in(people.andres).get(f"/tickets/{pair[0].id}/cluster").get_data(as_text=True)
    assert f"120 m, 2 days, {found.alike} % alike" in page
    assert pair[1].ref in page
    assert f"120 m, 2 days, {found.alike} % alike" in sign_in(people.andres).get("/clusters").text


def test_a_changed_ticket_is_compared_again_and_an_open_suggestion_follows(
    pair: tuple[Ticket, Ticket],
) -> None:
    assert len(compared()) == 1
    with transaction() as session:
        row = session.get_one(Ticket, pair[1].id)
        tickets.update_from_upstream(row, values={"title": "Flood at the bridge"}, actor=MYNAGA)
    assert compared() == []


def test_a_finished_ticket_is_not_suggested(app: Flask) -> None:
    pulled()
    pulled(status="closed")
    assert compared() == []


def test_without_coordinates_the_barangay_decides(app: Flask) -> None:
    make_ticket(title="Street light is out")
    make_ticket(title="Street light is out")
    make_ticket(title="Street light is out", barangay="Abella")
    [found] = compared()
    assert found.metres is None


def test_candidates_come_by_an_index_and_not_by_a_scan(pair: tuple[Ticket, Ticket]) -> None:
    with selects() as asked:
        compared()
    [by_cell] = {each for each in asked if "ticket.cell IN" in each}
    engine = db.db.engine
    if engine.dialect.name != "sqlite":  # the plan of a table this small says nothing there
        assert "ix_ticket_cell" in {each["name"] for each in inspect(engine).get_indexes("ticket")}
        return
    values = ["Street"] * by_cell.count("?")
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {by_cell}", tuple(values)).all()
    assert any("ix_ticket_cell" in row[3] for row in plan), (plan, by_cell)


def test_accepting_puts_both_into_one_cluster_and_a_third_into_the_same(
    pair: tuple[Ticket, Ticket], people: SimpleNamespace, sign_in: Any
) -> None:
    [found] = compared()
    client = sign_in(people.andres)
    client.post(f"/clusters/suggestions/{found.id}", data={"do": "accept"})
    [cluster] = db.session().scalars(select(Cluster))
    assert cluster.title == pair[0].title
    assert {t.ref for t in queries.tickets_of(cluster.id)} == {t.ref for t in pair}
    for ticket in pair:
        [changed] = [e for e in history_of("ticket", ticket.id) if e.type == "ticket.edited"]
        assert changed.data["changes"] == {"cluster": [None, cluster.ref]}
    pulled("Street light is out as well")
    for each in compared():
        if each.state == "open":
            client.post(f"/clusters/suggestions/{each.id}", data={"do": "accept"})
            break
    assert db.session().scalar(select(func.count()).select_from(Cluster)) == 1
    assert queries.counted(cluster).tickets == 3
    assert queries.open_suggestions() == []  # all three are together


def test_what_is_dismissed_does_not_come_back(
    pair: tuple[Ticket, Ticket], people: SimpleNamespace, sign_in: Any
) -> None:
    [found] = compared()
    client = sign_in(people.andres)
    client.post(f"/clusters/suggestions/{found.id}", data={"do": "dismiss"})
    with transaction() as session:
        row = session.get_one(Ticket, pair[1].id)
        tickets.update_from_upstream(row, values={"title": "Street light out!"}, actor=MYNAGA)
    [still] = compared()
    assert still.state == "dismissed"
    assert still.decided_by == people.andres.name
    assert queries.suggestions_for(pair[0]) == []
    assert (
        client.post(f"/clusters/suggestions/{found.id}", data={"do": "accept"}).status_code == 409
    )


def test_tickets_of_two_clusters_are_not_forced_together(
    pair: tuple[Ticket, Ticket], people: SimpleNamespace
) -> None:
    [found] = compared()
    with transaction() as session:
        for ticket in pair:
            actions.make_cluster([session.get_one(Ticket, ticket.id)], actor=people.andres.actor)
    with pytest.raises(Conflict, match="Take it out there first"), transaction() as session:
        actions.accept(session.get_one(Suggestion, found.id), actor=people.andres.actor)


@pytest.fixture
def cluster(app: Flask, people: SimpleNamespace) -> Cluster:
    made = [make_ticket(title="Light out"), make_ticket(title="Dark"), make_ticket(email="")]
    with transaction() as session:
        rows = [session.get_one(Ticket, ticket.id) for ticket in made]
        return actions.make_cluster(rows, title="Lights at the hall", actor=people.andres.actor)


def test_one_answer_and_one_status_reach_each_ticket_and_its_reporter_after_a_preview(
    cluster: Cluster, people: SimpleNamespace, sign_in: Any
) -> None:
    client = sign_in(people.andres)
    before = db.session().scalar(select(func.count()).select_from(Delivery))
    data = {"reply": "The crew comes tonight.", "status": "in_progress"}
    preview = client.post(f"/clusters/{cluster.ref}/answer", data=data).location
    page = client.get(preview).get_data(as_text=True)
    assert "3 tickets would change. 2 reporters get it by mail." in page
    assert db.session().scalar(select(func.count()).select_from(Response)) == 0
    done = client.post(preview + "/start", follow_redirects=True).get_data(as_text=True)
    assert "3 tickets were changed." in done
    rows = db.session().scalars(select(Ticket)).all()
    assert {row.status for row in rows} == {"in_progress"}
    for row in rows:
        assert [each.body for each in row.responses] == ["The crew comes tonight."]
        kinds = {event.type for event in history_of("ticket", row.id)}
        assert {"ticket.responded", "ticket.status_changed"} <= kinds
    after = db.session().scalar(select(func.count()).select_from(Delivery))
    assert after - before == 2  # answer and status in one mail to each of the two with an address
    assert client.post(preview + "/start").status_code == 409  # once


def test_a_large_cluster_is_answered_in_the_background(
    app: Flask, people: SimpleNamespace, sign_in: Any
) -> None:
    values = [TicketValues(title=f"No water {n}") for n in range(bulk.AT_ONCE + 10)]
    with transaction() as session:
        keys = tickets.import_tickets(values, actor=MYNAGA)
        rows = [session.get_one(Ticket, key) for key in keys]
        made = actions.make_cluster(rows, actor=people.andres.actor)
    client = sign_in(people.andres)
    preview = client.post(f"/clusters/{made.ref}/answer", data={"status": "resolved"}).location
    assert "Under way" in client.post(preview + "/start", follow_redirects=True).text
    number = int(preview.rsplit("/", 1)[1])
    with transaction() as session:
        actions.take_out(session.get_one(Ticket, keys[-1]), actor=people.andres.actor)
    bulk_tasks.go_on(number)
    assert db.session().get_one(Bulk, number).state == DONE
    page = client.get(preview).get_data(as_text=True)
    assert f"{bulk.AT_ONCE + 9} tickets were changed" in page
    assert "it is no longer in the cluster" in page
    assert db.session().get_one(Ticket, keys[-1]).status == "open"


def test_an_empty_answer_is_not_planned(cluster: Cluster, people: Any, sign_in: Any) -> None:
    answer = sign_in(people.andres).post(f"/clusters/{cluster.ref}/answer", data={"reply": " "})
    assert answer.status_code == 422
    assert "Write an answer, or choose a status." in answer.get_data(as_text=True)


def test_a_cluster_is_made_by_hand_renamed_taken_apart_and_dissolved(
    people: SimpleNamespace, sign_in: Any
) -> None:
    one, other = make_ticket(), make_ticket()
    client = sign_in(people.andres)
    made = client.post("/clusters", data={"refs": [one.ref], "title": ""})
    ref = made.location.rsplit("/", 1)[1]
    client.post(f"/clusters/{ref}/add", data={"refs": f" {other.ref.lower()}, "})
    client.post(f"/clusters/{ref}/title", data={"title": "Lights"})
    page = client.get(f"/clusters/{ref}").get_data(as_text=True)
    assert "2 tickets" in page
    assert "Lights" in page
    client.post(f"/tickets/{one.ref}/take-out")
    assert db.session().get_one(Ticket, one.id).cluster_id is None
    client.post(f"/clusters/{ref}/dissolve")
    assert db.session().get_one(Ticket, other.id).cluster_id is None
    client.get("/clusters")  # shows what was done
    assert ref not in client.get("/clusters").get_data(as_text=True)
    assert "is dissolved" in client.get(f"/clusters/{ref}").get_data(as_text=True)
    assert client.post(f"/clusters/{ref}/add", data={"refs": one.ref}).status_code == 409
    kinds = [e.type for e in db.session().scalars(select(Event).order_by(Event.id))]
    assert {"cluster.created", "cluster.edited", "cluster.dissolved"} <= set(kinds)


def test_who_may_only_see_changes_nothing_and_who_may_not_see_sees_nothing(
    cluster: Cluster, people: SimpleNamespace, sign_in: Any
) -> None:
    assert "Answer all of them" not in sign_in(people.fina).get(f"/clusters/{cluster.ref}").text
    for path in ("answer", "dissolve", "title", "add"):
        assert sign_in(people.fina).post(f"/clusters/{cluster.ref}/{path}").status_code == 403
    assert sign_in(people.nadia).get(f"/clusters/{cluster.ref}").status_code == 403
    assert sign_in(people.andres).get("/clusters/C-2026-999999").status_code == 404


def test_more_than_an_answer_can_be_chosen_and_taken_back(
    cluster: Cluster, people: SimpleNamespace, sign_in: Any
) -> None:
    client = sign_in(people.andres)
    with transaction():
        alone = make_id()
    page = client.post(f"/clusters/{cluster.ref}/answer", data={"do": "more"}).location
    assert "3 tickets are on this list" in client.get(page).get_data(as_text=True)
    page = page.split("?")[0]
    client.post(f"{page}/change", data={"priority": "4", "add_tags": "storm"})
    assert f"Tickets of {cluster.ref}" in client.get(page).get_data(as_text=True)
    client.post(f"{page}/start")
    client.post(f"{page}/undo")
    rows = db.session().scalars(select(Ticket).order_by(Ticket.id)).all()
    assert [row.priority for row in rows] == [2] * 4
    assert rows[-1].id == alone
    told = [e.type for e in db.session().scalars(select(Event).order_by(Event.id))]
    assert told.count("cluster.answered") == 1
    # Coming into the cluster, then priority and tags there and back: each of the three is told of each.
    assert told.count("ticket.edited") == 3 + 3 * 4


def test_a_dissolved_cluster_is_not_answered(
    cluster: Cluster, people: SimpleNamespace, sign_in: Any
) -> None:
    client = sign_in(people.andres)
    client.post(f"/clusters/{cluster.ref}/dissolve")
    answer = client.post(f"/clusters/{cluster.ref}/answer", data={"reply": "Soon."})
    assert answer.status_code == 409


def make_id() -> int:
    return tickets.import_tickets([TicketValues(title="Alone")], actor=MYNAGA)[0]


def test_what_rises_stands_on_the_page_with_the_list_behind(
    people: SimpleNamespace, sign_in: Any
) -> None:
    now = clock.now()
    for days in (1, 2, 3, 4):
        pulled(category="Flooding", barangay="Sabang", reported_at=now - timedelta(days=days))
    pulled(category="Flooding", reported_at=now - timedelta(days=20))
    for days in (1, 9, 16, 23, 30):
        pulled(category="Noise", reported_at=now - timedelta(days=days))
    page = sign_in(people.andres).get("/clusters").get_data(as_text=True)
    assert "4 this week, 0.2 a week before" in page
    assert "4 this week, none in the four weeks before" in page
    assert "category=Flooding" in page
    assert "barangay=Sabang" in page
    assert "category=Noise" not in page
