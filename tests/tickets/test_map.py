"""The map: pins counted by the server, the list beside them, the area in the address, pictures only where set."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.counting import selects
from tests.tickets.make import MYNAGA, make_pulled
from webapp.core import db
from webapp.core.db import transaction
from webapp.events.models import Event
from webapp.tickets import queries
from webapp.tickets.clustering import actions as clusters
from webapp.tickets.models import Ticket
from webapp.tickets.queries import Filters

NAGA = {"view": "13.4,123.0,13.8,123.4"}


@pytest.fixture
def placed(app: Flask) -> list[Ticket]:
    made = make_pulled(3, lat=13.6200, lng=123.1900, title="Clogged drain")
    made += make_pulled(1, lat=13.6900, lng=123.2900, title="Dark <b>lane</b>")
    make_pulled(1, title="Somewhere")
    return made


@pytest.fixture
def agent(people: SimpleNamespace, sign_in: Any) -> Any:
    return sign_in(people.andres)


def test_tickets_near_each_other_are_one_pin_until_the_map_is_near_enough(
    placed: list[Ticket], agent: Any
) -> None:
    far = agent.get("/tickets/map/pins", query_string={**NAGA, "zoom": 6}).json["pins"]
    near = agent.get("/tickets/map/pins", query_string={**NAGA, "zoom": 15}).json["pins"]
    assert sorted(pin["count"] for pin in far) == [4]
    assert sorted(pin["count"] for pin in near) == [1, 3]
    alone = next(pin for pin in near if pin["count"] == 1)
    assert alone["at"] == [pytest.approx(13.69), pytest.approx(123.29)]
    assert alone["url"] == f"/tickets/{placed[3].ref}"
    assert alone["title"] == "Dark <b>lane</b>"  # text, which the page writes as text


def test_only_what_is_in_view_and_fits_the_filters_has_a_pin(
    placed: list[Ticket], agent: Any
) -> None:
    def counted(**args: Any) -> int:
        answer = agent.get("/tickets/map/pins", query_string={**NAGA, "zoom": 15, **args})
        return sum(pin["count"] for pin in answer.json["pins"])

    assert counted() == 4
    assert counted(view="13.68,123.28,13.7,123.3") == 1
    assert counted(status="closed") == 0
    assert counted(category="Nothing") == 0
    assert counted(area="13.68,123.28,13.7,123.3") == 4  # what was drawn hides no pin
    assert agent.get("/tickets/map/pins?view=1,2,3").status_code == 422


def test_a_view_across_the_date_line_finds_both_sides(app: Flask, agent: Any) -> None:
    make_pulled(1, lat=-17.0, lng=179.5)
    make_pulled(1, lat=-17.0, lng=-179.5)
    answer = agent.get("/tickets/map/pins?view=-20,178,-15,182&zoom=9")
    assert sum(pin["count"] for pin in answer.json["pins"]) == 2


def test_the_list_beside_is_narrowed_to_the_area_in_the_address(
    placed: list[Ticket], agent: Any
) -> None:
    page = agent.get("/tickets/map?area=13.68,123.28,13.7,123.3").get_data(as_text=True)
    assert "Dark &lt;b&gt;lane&lt;/b&gt;" in page
    assert "Clogged drain" not in page
    assert 'data-area="13.68,123.28,13.7,123.3"' in page
    everywhere = agent.get("/tickets/map").get_data(as_text=True)
    assert "not on the map" in everywhere
    narrowed = agent.get("/tickets?area=13.68,123.28,13.7,123.3").get_data(as_text=True)
    assert "Clogged drain" not in narrowed


def test_an_area_may_be_typed_and_a_wrong_one_is_told(placed: list[Ticket], agent: Any) -> None:
    sides = {"south": "13.68", "west": "123.28", "north": "13.7", "east": "123.3"}
    answer = agent.get("/tickets/map", query_string={**sides, "category": "Lamp"})
    assert "area=13.68,123.28,13.7,123.3" in answer.location
    assert "category=Lamp" in answer.location
    wrong = agent.get("/tickets/map", query_string={**sides, "south": "14"})
    assert wrong.status_code == 422
    assert "a south below its north" in wrong.get_data(as_text=True)


def test_the_tickets_of_a_cluster_can_be_listed_and_mapped(
    placed: list[Ticket], people: SimpleNamespace
) -> None:
    with transaction() as session:
        row = session.get_one(Ticket, placed[3].id)
        made = clusters.make_cluster([row], actor=MYNAGA)
    page = queries.tickets_page(
        queries.matching(people.andres, Filters.of({"cluster": str(made.id)}))
    )
    assert [ticket.id for ticket in page.rows] == [placed[3].id]


def test_the_map_asks_the_database_as_often_for_many_as_for_few(
    placed: list[Ticket], agent: Any
) -> None:
    with selects() as few:
        agent.get("/tickets/map/pins", query_string={**NAGA, "zoom": 15})
    for n in range(30):
        make_pulled(1, lat=13.5 + n / 100, lng=123.1)
    with selects() as many:
        agent.get("/tickets/map/pins", query_string={**NAGA, "zoom": 15})
    assert len(many) == len(few)


def test_pictures_come_only_from_where_an_admin_said(
    placed: list[Ticket], agent: Any, people: SimpleNamespace, sign_in: Any
) -> None:
    plain = agent.get("/tickets/map")
    assert "data-tiles" not in plain.get_data(as_text=True)
    admin = sign_in(people.amihan)
    url = "https://tiles.example.org:8443/{z}/{x}/{y}.png"
    data = {"tiles_url": url, "tiles_credit": "© <Maps>"}
    assert admin.post("/settings/map", data=data).status_code == 303
    shown = agent.get("/tickets/map")
    assert f'data-tiles="{url}"' in shown.get_data(as_text=True)
    assert "© &lt;Maps&gt;" in shown.get_data(as_text=True)
    policy = shown.headers["Content-Security-Policy"]
    assert "img-src 'self' data: blob: https://tiles.example.org:8443;" in policy
    assert "tiles.example" not in agent.get("/tickets").headers["Content-Security-Policy"]
    [edited] = db.session().scalars(select(Event).where(Event.type == "desk.edited"))
    assert edited.data["changes"]["tiles_url"] == ["", url]


@pytest.mark.parametrize(
    "url",
    [
        "https://tiles.example.org/{z}/{x}.png",
        "https://{s}.tiles.example.org/{z}/{x}/{y}.png",
        "https://tiles.example.org; script-src *;/{z}/{x}/{y}.png",
        "javascript:alert(1)//{z}/{x}/{y}",
        "//tiles.example.org/{z}/{x}/{y}.png",
    ],
)
def test_an_address_of_pictures_that_would_bend_the_policy_is_refused(
    people: SimpleNamespace, sign_in: Any, url: str
) -> None:
    answer = sign_in(people.amihan).post("/settings/map", data={"tiles_url": url})
    assert answer.status_code == 422
    assert url.split("{", maxsplit=1)[0] in answer.get_data(as_text=True)


def test_the_map_is_for_those_who_may_see_tickets(people: SimpleNamespace, sign_in: Any) -> None:
    client = sign_in(people.nadia)
    for path in ("", "/rows", "/pins"):
        assert client.get(f"/tickets/map{path}").status_code == 403
