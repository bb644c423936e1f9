"""A pull of bordereaux with what belongs to them, and a payment of four steps, die at each of their points."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from tests.proof import money
from tests.proof.conftest import Make
from tests.proof.insurer import ClaimsWorld
from tests.proof.invariants import fresh
from tests.proof.state import differences
from tests.proof.world import LEASE_S
from webapp.claims.models import Bordereau, Bulletin, Payment
from webapp.events.models import Event
from webapp.outbox.models import Delivery
from webapp.sync.models import Conflict, Link, Quarantine, ValueMap

pytestmark = pytest.mark.slow

BULLETIN = ("number", "status", "status_is_ours", "total", "payable", "external_payment")
LINK = ("state", "base", "reread", "sent_values", "children_due")


def end_state(world: ClaimsWorld) -> dict[str, Any]:
    """Ours and theirs, less ids, times and the number of tries."""
    session = fresh()
    links = {link.id: link for link in session.scalars(select(Link).order_by(Link.id))}
    names = {(link.local_kind, link.local_id): link.external_id for link in links.values()}
    lanes = {f"link:{link.id}": link.external_id for link in links.values()}
    return {
        "theirs": [
            (home, {name: value for name, value in each.items() if name != "updatedAt"})
            for home, each in world.all_bulletins()
        ],
        "effects": sorted(
            (call.path, call.body["status"])
            for call in world.received
            if call.status == 200 and not call.replayed
        ),
        "bulletins": {
            names["bulletin", row.id]: tuple(getattr(row, name) for name in BULLETIN)
            for row in session.scalars(select(Bulletin))
        },
        "bordereaux": sorted(
            (row.reference, row.status, row.total) for row in session.scalars(select(Bordereau))
        ),
        "links": {
            (link.kind, link.external_id): (
                *(getattr(link, name) for name in LINK),
                links[link.parent_id].external_id if link.parent_id else None,
                link.missing_since is None,
            )
            for link in links.values()
        },
        "payments": sorted(
            (names["bulletin", row.bulletin_id], row.state, row.amount)
            for row in session.scalars(select(Payment))
        ),
        "deliveries": [
            (lanes[row.lane], row.kind, row.payload.get("payment_status"), row.state)
            for row in session.scalars(
                select(Delivery).where(Delivery.channel == "push").order_by(Delivery.id)
            )
        ],
        "events": sorted(
            (names.get((row.subject_kind, row.subject_id), ""), row.type, row.actor_kind)
            for row in session.scalars(
                select(Event).where(Event.subject_kind.in_(("bulletin", "bordereau")))
            )
        ),
        "quarantine": sorted(
            (row.external_id, row.reason, row.state) for row in session.scalars(select(Quarantine))
        ),
        "unmapped": sorted((row.field, row.upstream) for row in session.scalars(select(ValueMap))),
        "conflicts": sorted(
            (links[row.link_id].external_id, row.field, row.decision)
            for row in session.scalars(select(Conflict))
        ),
    }


def ready(world: Make) -> ClaimsWorld:
    here = world()
    here.fill()
    here.connect()
    assert here.pull() == "ok"
    here.pass_(300)
    return here


def pull_scenario(world: Make) -> tuple[ClaimsWorld, Callable[[], object]]:
    """A new bordereau, a new bulletin, a changed and a bad one, an unknown status, one that has lost its only one."""
    here = ready(world)
    first = here.bordereaux()[0]["id"]
    here.they_reprice(0, 1000)
    here.they_set(1, "EN_ATTENTE_MEDECIN")
    here.claims.add_bulletin(first)
    here.claims.add_bulletin(first, total="1.2345")
    here.claims.add(client=1, bulletins=1)
    here.they_drop(2)
    return here, here.pull


def payment_scenario(world: Make) -> tuple[ClaimsWorld, Callable[[], object]]:
    """Validated, put into a batch, scheduled, with the bank, paid: six calls one after another."""
    here = ready(world)
    assert here.agent(0, "in_progress")
    assert here.agent(0, "validated")
    assert here.pay((0,))
    for to in ("scheduled", "processing", "paid"):
        assert here.move(0, to)
    return here, here.push


SCENARIOS = {"pull": pull_scenario, "payment": payment_scenario}


def played(world: Make, name: str, *, die_at: int | None) -> tuple[ClaimsWorld, list[str], bool]:
    """The scenario, then quiet. `die_at`: the point at which the first process ends. Also the points it passed."""
    here, act = SCENARIOS[name](world)
    here.points.passed.clear()
    here.points.arm(die_at)
    died = here.survive(act)
    passed = list(here.points.passed)
    here.pass_(LEASE_S)
    here.tick()
    here.work()
    here.come_to_rest()
    money.check_all(here)
    return here, passed, died


@pytest.mark.parametrize("name", SCENARIOS)
def test_killed_at_any_point_it_ends_as_if_it_had_not_been(claims_world: Make, name: str) -> None:
    here, points, _ = played(claims_world, name, die_at=None)
    right = end_state(here)
    if name == "payment":
        assert here.bulletin_there(0)["payment"]["status"] == "PAYE"

    for k in range(1, len(points) + 1):
        here, _, died = played(claims_world, name, die_at=k)

        assert died, f"point {k} of {len(points)} was not reached"
        assert differences(right, end_state(here)) == {}, f"died at {k}: {points[k - 1]}"
    assert len(points) >= 20, points
