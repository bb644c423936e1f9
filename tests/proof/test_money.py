"""Whatever happens between the desk and TUNICLAIM, nothing is paid twice, lost or rounded."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import ClassVar

import httpx
import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import select

from tests.proof import money
from tests.proof.beginnings import Beginnings, beginnings
from tests.proof.conftest import Make
from tests.proof.invariants import fresh
from tests.proof.money_machine import BothPurses
from tests.proof.wire import ASKED
from webapp.demo.tuniclaim.exact import dumps, loads
from webapp.sync.models import Quarantine

LONG = os.environ.get("TULAY_PROOF") == "long"
SEED = int(os.environ.get("TULAY_PROOF_SEED", "1"))
SLOWER = 4 if os.environ.get("TEST_DATABASE_URL") else 1  # so many times fewer of them there

pytestmark = pytest.mark.slow


@pytest.fixture
def begun(claims_world: Make) -> Iterator[Beginnings]:
    with beginnings(claims_world) as made:
        yield made


@pytest.mark.parametrize("part", range(2))
def test_nothing_is_paid_twice_lost_or_rounded_whatever_happens(
    begun: Beginnings, part: int
) -> None:
    class Machine(BothPurses):
        make = begun
        met: ClassVar = Counter[str]()

    examples = 1000 if LONG else 64 // SLOWER
    run_state_machine_as_test(
        Machine if LONG else seed(SEED * 100 + part)(Machine),
        settings=settings(
            max_examples=examples,
            stateful_step_count=6,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    met = Machine.met
    assert met["schedules"] >= examples
    assert met["schedules that paid"] >= examples // 3, met
    assert met["bulletins paid"] >= examples // 2, met
    assert met["answers lost"] >= examples // 10, met


def test_a_bulletin_changed_in_the_moment_in_which_it_was_read_is_read_again(
    claims_world: Make,
) -> None:
    """The bordereau's own record stays the same then: its update time has no finer steps."""
    here = claims_world()
    here.fill()
    here.connect()
    assert here.pull() == "ok"
    here.they_reprice(2, 1000)
    here.pull()
    here.they_set(2, "EN_COURS")  # the clock has not moved since

    here.settle()

    assert money.check_all(here) == 3


@pytest.mark.parametrize("n", [0, 2])
def test_a_bulletin_that_moves_to_another_bordereau_moves_here_too_and_is_paid_there(
    claims_world: Make, n: int
) -> None:
    here = claims_world()
    here.fill()
    here.connect()
    assert here.pull() == "ok"
    first, second = (str(each["id"]) for each in here.bordereaux())
    assert here.agent(n, "in_progress")
    here.push()
    here.pass_(60)
    here.they_move(n, second if n == 0 else first)
    here.pass_(60)
    here.settle()
    assert here.agent(n, "validated")
    assert here.pay((n,))
    for to in ("scheduled", "processing", "paid"):
        assert here.move(n, to)

    here.settle()

    assert money.check_all(here) == 3
    assert here.bulletin_there(n)["payment"]["status"] == "PAYE"


def test_a_bulletin_that_stands_in_two_bordereaux_is_here_once_and_told(claims_world: Make) -> None:
    here = claims_world()
    here.fill()
    here.connect()
    twin = here.bulletin_there(0)["id"]

    def both(when: str, request: httpx.Request) -> httpx.Response | None:
        """The second bordereau shows the bulletin of the first as well."""
        second = str(here.bordereaux()[1]["id"])
        if when == ASKED and request.url.path.endswith(f"{second}/bulletins"):
            texts = [*here.claims.drawer.texts(second), dumps(here.claims.bulletin(twin))]
            return httpx.Response(200, json=loads(f"[{','.join(texts)}]"))
        return None

    here.wire.meddle = both
    assert here.pull() == "ok"
    here.pass_(600)

    for _ in range(2):  # nothing flutters between the two
        before = money.traces()
        here.pull()
        assert money.traces() == before
    assert money.traces()["bulletin"] == 3
    [row] = fresh().scalars(select(Quarantine))
    assert (row.external_id, row.state) == (str(twin), "open")
