"""Many tickets into a cluster at once: one that there is, a new one, out of theirs, and the way back."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from tests.tickets.make import make_ticket
from tests.tickets.test_many import _do, _plan, _rows, _tickets
from webapp.core import db
from webapp.events.models import Event
from webapp.tickets.clustering import actions as clustering
from webapp.tickets.clustering.models import Cluster


@pytest.fixture
def agent(sign_in: Any, people: SimpleNamespace) -> Any:
    return sign_in(people.andres)


def _in_cluster() -> list[int | None]:
    return [ticket.cluster_id for ticket in _tickets()]


def test_the_ticked_ones_become_a_new_cluster_and_come_out_again(agent: Any) -> None:
    made = [make_ticket(title=title) for title in ("Oldest", "Second", "Not ticked")]
    page = _plan(agent, [ticket.id for ticket in made[:2]])
    assert agent.post(f"{page}/change", data={"cluster": "new"}).status_code == 303
    assert "A new one of these" in agent.get(page).get_data(as_text=True)
    assert db.session().scalars(select(Cluster)).all() == []  # a preview makes nothing
    assert agent.post(f"{page}/start").status_code == 303
    cluster = db.session().scalars(select(Cluster)).one()
    assert (cluster.title, _in_cluster()) == ("Oldest", [cluster.id, cluster.id, None])
    assert cluster.ref in agent.get(page).get_data(as_text=True)
    created = db.session().scalars(select(Event).where(Event.type == "cluster.created")).one()
    assert created.data["tickets"] == 2

    agent.post(f"{page}/undo")
    assert _in_cluster() == [None, None, None]


def test_one_that_is_in_another_cluster_is_left_out_and_the_preview_says_so(
    agent: Any, people: SimpleNamespace
) -> None:
    make_ticket(), make_ticket(), make_ticket()
    with db.transaction():
        one, two = _tickets()[1:]
        other = clustering.make_cluster([one], actor=people.andres.actor)
        wanted = clustering.make_cluster([two], actor=people.andres.actor)
        keys = other.id, wanted.id
    page = _plan(agent)
    agent.post(f"{page}/change", data={"cluster": keys[1]})
    assert "it is in another cluster" in agent.get(page).get_data(as_text=True)
    agent.post(f"{page}/start")
    assert _in_cluster() == [keys[1], keys[0], keys[1]]
    assert sorted(_rows(agent, page)) == [
        ("done", ""),
        ("excluded", "it is in another cluster: take it out there first"),
        ("excluded", "it is so already"),
    ]


def test_many_are_taken_out_of_their_clusters(agent: Any, people: SimpleNamespace) -> None:
    make_ticket(), make_ticket()
    with db.transaction():
        clustering.make_cluster(_tickets(), actor=people.andres.actor)
    _do(agent, _plan(agent), cluster="0")
    assert _in_cluster() == [None, None]


@pytest.mark.parametrize("cluster", ["77", "nonsense"])
def test_a_cluster_that_is_not_there_is_refused(agent: Any, cluster: str) -> None:
    page = _plan(agent, [make_ticket().id])
    answer = agent.post(f"{page}/change", data={"cluster": cluster})
    assert answer.status_code == 422
    assert "cluster" in answer.get_data(as_text=True)
