"""Each commit and each HTTP call has a number; whatever the number at which the process dies, the end is the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.proof import invariants
from tests.proof.state import differences, end_state
from tests.proof.weather import at_call
from tests.proof.world import LEASE_S, World

pytestmark = pytest.mark.slow

Make = Callable[..., World]


def ready(world: Make) -> tuple[World, list[str]]:
    """A desk in step with five reports."""
    here = world()
    reports = [here.add(status="Submitted", category="Road") for _ in range(5)]
    here.connect()
    assert here.pull() == "ok"
    here.pass_(300)
    return here, reports


def pull_scenario(world: Make) -> tuple[World, Callable[[], object]]:
    """Several pages: new ones, changed ones, a withdrawn one, bad ones, a status nobody mapped, one push waiting."""
    here, reports = ready(world)
    here.decide(reports[0], "in_progress")
    here.edit(reports[1], status="Resolved")
    here.edit(reports[2], category="Water", status="Under Review")
    here.edit(reports[3], deleted=True)
    here.add(status="Submitted", category="Light")
    here.add(description={"not": "a text"})
    here.add(status="Closed", category="Noise")
    return here, here.pull


def push_scenario(world: Make) -> tuple[World, Callable[[], object]]:
    """Three lanes: an answer that is lost, a version that moved on (409), and two changes one after another."""
    here, reports = ready(world)
    here.decide(reports[0], "resolved")
    here.decide(reports[1], "closed")
    here.edit(reports[1], category="Water")
    here.decide(reports[2], "in_progress")
    here.decide(reports[2], "resolved")

    def send() -> None:
        here.wire.meddle = at_call(0, "lost")
        try:
            here.push()
        finally:
            here.wire.meddle = None
        here.pass_(20)
        here.push()

    return here, send


SCENARIOS = {"pull": pull_scenario, "push": push_scenario}


def played(world: Make, name: str, *, die_at: int | None) -> tuple[World, bool]:
    """The scenario, then quiet. `die_at`: the point at which the first process ends."""
    here, act = SCENARIOS[name](world)
    here.points.passed.clear()
    here.points.arm(die_at)
    died = here.survive(act)
    here.pass_(LEASE_S)
    here.tick()
    here.work()
    here.come_to_rest()
    invariants.check_books(here.connection_id)
    invariants.check_both_sides(here.connection_id, here.all_there())
    return here, died


@pytest.mark.parametrize("name", SCENARIOS)
def test_killed_at_any_point_it_ends_as_if_it_had_not_been(world: Make, name: str) -> None:
    here, act = SCENARIOS[name](world)
    here.points.passed.clear()
    act()
    points = list(here.points.passed)
    right = end_state(played(world, name, die_at=None)[0])

    for k in range(1, len(points) + 1):
        here, died = played(world, name, die_at=k)

        assert died, f"point {k} of {len(points)} was not reached"
        assert differences(right, end_state(here)) == {}, f"died at {k}: {points[k - 1]}"
    assert len(points) >= 20, points


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_second_crash_on_the_way_back_changes_nothing_either(world: Make, name: str) -> None:
    right = end_state(played(world, name, die_at=None)[0])

    for first, second in ((3, 2), (5, 4), (6, 1), (9, 7), (12, 3)):
        here, act = SCENARIOS[name](world)
        here.points.passed.clear()
        here.points.arm(first)
        assert here.survive(act)
        here.pass_(LEASE_S)
        here.points.arm(second)
        here.survive(lambda here=here: (here.tick(), here.work()))
        here.come_to_rest()

        assert differences(right, end_state(here)) == {}, f"died at {first}, then at {second}"
