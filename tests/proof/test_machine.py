"""The state machine over the real desk: the same schedules each time, or with `TULAY_PROOF=long` ever new ones."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proof.beginnings import Beginnings, beginnings
from tests.proof.machine import BothSides
from tests.proof.world import World

LONG = os.environ.get("TULAY_PROOF") == "long"
SEED = int(os.environ.get("TULAY_PROOF_SEED", "1"))
POSTGRES = bool(os.environ.get("TEST_DATABASE_URL"))

# Two thousand worlds on the two databases together: most end after a few steps, in which something nearly always
# happens, and some grow old. An eighth of them on PostgreSQL, with schedules of their own.
SHORT = [(7, 120, 6)] if POSTGRES else [(part, 140, 6) for part in range(6)]
OLD = [(8, 5, 50)] if POSTGRES else [(6, 40, 50)]

pytestmark = pytest.mark.slow


@pytest.fixture
def begun(world: Callable[..., World]) -> Iterator[Beginnings]:
    with beginnings(world) as made:
        yield made


@pytest.mark.parametrize("versions", [True, False])
@pytest.mark.parametrize(("part", "examples", "steps"), [*OLD, *SHORT])
def test_whatever_happens_nothing_is_lost_doubled_or_turned_back(
    begun: Beginnings, versions: bool, part: int, examples: int, steps: int
) -> None:
    class Machine(BothSides):
        make = begun

    Machine.versions = versions
    examples = examples * 5 if LONG else examples
    run_state_machine_as_test(
        Machine if LONG else seed(SEED * 100 + part * 10 + versions)(Machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Machine.ends >= examples
