"""The state machine over the real desk. `TULAY_PROOF=long` plays for an hour or so."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.proof.machine import BothSides
from tests.proof.world import World

LONG = os.environ.get("TULAY_PROOF") == "long"
EXAMPLES, STEPS = (1000, 80) if LONG else (int(os.environ.get("EX", "45")), 50)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("part", range(2))
@pytest.mark.parametrize("versions", [True, False])
def test_whatever_happens_nothing_is_lost_doubled_or_turned_back(
    world: Callable[..., World], versions: bool, part: int
) -> None:
    class Machine(BothSides):
        make = staticmethod(world)

    Machine.versions = versions
    Machine.part = part
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            print_blob=False,
            phases=[Phase.generate] if os.environ.get("EX") else tuple(Phase),
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert Machine.steps > EXAMPLES * 5
