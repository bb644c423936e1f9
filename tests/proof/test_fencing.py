"""A worker that slept past its lease, at any call, changes nothing when it comes back; nor does it stop the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.proof.invariants import check_books, fresh
from tests.proof.test_failpoints import SCENARIOS
from tests.proof.weather import at_call, during_call
from tests.proof.wire import ANSWERED, ASKED
from tests.proof.world import LEASE_S, World
from webapp.core import db
from webapp.sync.models import Connection

Make = Callable[..., World]


def everything() -> dict[str, list[Any]]:
    """All rows of all tables."""
    fresh()
    with db.db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(table.select())))
            for table in db.Base.metadata.sorted_tables
        }


@pytest.mark.parametrize("when", [ASKED, ANSWERED])
@pytest.mark.parametrize("call", range(4))
@pytest.mark.parametrize("name", SCENARIOS)
def test_a_worker_that_slept_past_its_lease_changes_nothing(
    world: Make, name: str, call: int, when: str
) -> None:
    here, _act = SCENARIOS[name](world)
    left_behind: list[Any] = []

    def others_take_over() -> None:
        here.wire.meddle = None
        here.pass_(LEASE_S)
        for _ in range(3):
            here.elsewhere(lambda: (here.tick(), here.work()))
            here.pass_(15)
        left_behind.append(everything())

    here.wire.meddle = during_call(call, when, others_take_over)
    if name == "pull":
        assert here.pull() == "cancelled"
    else:
        here.push()

    assert left_behind, "the call was not reached"
    assert everything() == left_behind[0]
    here.settle(2)
    check_books(here.connection_id)


def test_a_dead_upstream_stops_neither_the_pulls_nor_the_pushes_of_another(world: Make) -> None:
    here = world()
    report = here.add(status="Submitted")
    dead = here.connect(name="Dead", base_url="http://dead.example")
    well = here.connect()
    here.wire.meddle = lambda when, request: (
        at_call(0, "down")(when, request) if request.url.host == "dead.example" else None
    )

    here.tick()
    here.work()
    here.decide(report, "resolved")
    here.work()

    states = {
        each.id: (each.last_success_at is not None, each.failures)
        for each in fresh().query(Connection)
    }
    assert states == {dead: (False, 1), well: (True, 0)}
    assert here.there(report)["status"] == "Resolved"


def test_a_bad_record_and_an_unknown_status_stop_no_other_record(world: Make) -> None:
    here = world()
    here.add(description={"not": "a text"})
    good = [here.add(status="Submitted") for _ in range(3)]
    odd = here.add(status="Under Review")
    here.connect()

    assert here.pull() == "ok"

    assert sorted(here.known()) == sorted([*good, odd])
