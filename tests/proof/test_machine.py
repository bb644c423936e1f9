"""The state machine over the real desk: the same schedules each time, or with `TULAY_PROOF=long` ever new ones."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proof.machine import BothSides
from tests.proof.world import World

LONG = os.environ.get("TULAY_PROOF") == "long"
EXAMPLES, STEPS = (1000, 80) if LONG else (36, 50)
SEED = int(os.environ.get("TULAY_PROOF_SEED", "1"))

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("versions", [True, False])
def test_whatever_happens_nothing_is_lost_doubled_or_turned_back(
    world: Callable[..., World], versions: bool, part: int
) -> None:
    class Machine(BothSides):
        make = staticmethod(world)

    Machine.versions = versions
    run_state_machine_as_test(
        Machine if LONG else seed(SEED * 10 + part)(Machine),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Machine.steps > EXAMPLES * STEPS / 4
