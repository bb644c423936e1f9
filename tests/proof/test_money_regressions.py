"""What the machine of money found, each as the shortest story that shows it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.proof import money
from tests.proof.conftest import Make
from tests.proof.insurer import AGREED, AT_THE_BANK, ClaimsWorld
from tests.proof.invariants import fresh
from webapp.outbox.models import Delivery
from webapp.sync.models import Link, Quarantine

pytestmark = pytest.mark.slow


def at(world: Make, stage: str) -> ClaimsWorld:
    here = world()
    here.fill()
    here.begin(stage)
    here.settle(2)
    return here


def told(here: ClaimsWorld, n: int) -> list[tuple[str, str]]:
    """(call, state) of all that leaves about a bulletin, oldest first."""
    key = str(here.bulletin_there(n)["id"])
    (link,) = fresh().scalars(select(Link).where(Link.external_id == key))
    found = fresh().scalars(
        select(Delivery).where(Delivery.lane == f"link:{link.id}").order_by(Delivery.id)
    )
    return [(each.kind, each.state) for each in found]


def test_one_that_is_there_and_cannot_be_applied_is_not_gone(claims_world: Make) -> None:
    """They take a bulletin back that is at the bank; it is refused time and again, and paid."""
    here = at(claims_world, AT_THE_BANK)
    here.they_set(0, "RECU")
    for _ in range(3):
        here.pass_(600)
        assert here.pull() == "ok"

    assert [row.state for row in fresh().scalars(select(Quarantine))] == ["open"]
    assert {link.state for link in fresh().scalars(select(Link))} == {"linked"}
    assert here.move(0, "paid")
    here.settle()
    assert told(here, 0)[-1] == ("payment", "parked"), "they say no, and somebody is told"
    money.check_all(here)


def test_a_payment_of_one_that_is_gone_there_waits_for_a_person(claims_world: Make) -> None:
    here = at(claims_world, AT_THE_BANK)
    bulletin = here.bulletin_there(0)
    key = str(bulletin["id"])
    here.they_drop(0)
    here.settle(3)
    (link,) = fresh().scalars(select(Link).where(Link.external_id == key))
    assert link.state == "gone"
    lane = f"link:{link.id}"

    assert here.move(0, "paid")
    here.settle(2)

    (last,) = fresh().scalars(
        select(Delivery).where(Delivery.lane == lane, Delivery.settled_at.is_(None))
    )
    assert (last.kind, last.state, last.payload["payment_status"]) == ("payment", "parked", "paid")
    assert "no longer has" in last.reason


def test_a_bordereau_is_told_each_step_of_its_way_to_processed(claims_world: Make) -> None:
    here = at(claims_world, AGREED)
    assert here.pay((2,))
    for to in ("scheduled", "processing", "paid"):
        assert here.move(0, to)
    here.settle()

    states = fresh().scalars(select(Delivery.state).where(Delivery.channel == "push")).all()
    assert set(states) == {"sent"}
    assert [each["status"] for each in here.bordereaux()] == ["VALIDE", "TRAITE"]
    assert money.check_all(here) == 3
