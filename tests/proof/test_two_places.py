"""A bulletin that stands in two bordereaux there stays here with the one that had it first, in whatever order they
are read; one that has moved goes along."""

from __future__ import annotations

from itertools import product

import httpx
import pytest
from sqlalchemy import select

from tests.proof import money
from tests.proof.conftest import Make
from tests.proof.insurer import ClaimsWorld
from tests.proof.invariants import fresh
from tests.proof.wire import ASKED
from webapp.demo.tuniclaim.exact import dumps, loads
from webapp.sync.models import Link, Quarantine

pytestmark = pytest.mark.slow

ORDERS = [(home, *order) for home in (0, 1) for order in product(("0", "1", "01"), repeat=2)]


class TwoPlaces:
    """The bulletin of the bordereau `home` is shown by the other one as well, while `shown`."""

    def __init__(self, here: ClaimsWorld, home: int) -> None:
        self.here, self.shown = here, False
        self.ids = [str(each["id"]) for each in here.bordereaux()]
        self.home, self.other = self.ids[home], self.ids[1 - home]
        self.twin = here.claims.drawer.of(self.home)[0]["id"]

    def meddle(self, when: str, request: httpx.Request) -> httpx.Response | None:
        if when == ASKED and self.shown and request.url.path.endswith(f"{self.other}/bulletins"):
            texts = [
                *self.here.claims.drawer.texts(self.other),
                dumps(self.here.claims.bulletin(self.twin)),
            ]
            return httpx.Response(200, json=loads(f"[{','.join(texts)}]"))
        return None

    def touch(self, which: str) -> None:
        """Nothing of it changes but the time of its last change."""
        self.here.pass_(600)
        for n in which:
            record = self.here.claims._record(self.ids[int(n)])
            self.here.claims.touch(record, self.here.claims._stamp(record))

    def stands_in(self) -> str:
        link = fresh().scalars(select(Link).where(Link.external_id == str(self.twin))).one()
        assert link.state == "linked"
        return fresh().get_one(Link, link.parent_id).external_id

    def problems(self) -> list[tuple[str, str]]:
        """(id, state) of what is listed of it, always as one of the second's."""
        found = fresh().scalars(select(Quarantine)).all()
        for row in found:
            assert "two places" in row.reason
            assert fresh().get_one(Link, row.parent_id).external_id == self.other
        return [(row.external_id, row.state) for row in found]


@pytest.mark.parametrize("order", ORDERS)
def test_it_stays_with_the_first_whichever_is_read(
    claims_world: Make, order: tuple[int, str, str]
) -> None:
    home, *touched = order
    here = claims_world()
    here.fill()
    here.connect()
    places = TwoPlaces(here, home)
    here.settle()  # it is found in its home first
    places.shown, here.wire.meddle = True, places.meddle

    for which in (*touched, "", ""):
        places.touch(which)
        assert here.pull() == "ok"
        assert places.stands_in() == places.home
    told = [(str(places.twin), "open")] if str(1 - home) in "".join(touched) else []
    assert places.problems() == told
    before, calls = money.traces(), len(here.wire.calls)
    here.pull()
    assert money.traces() == before
    assert all("bulletins" not in path for _, path in here.wire.calls[calls:]), "read in vain"

    places.shown = False  # they put it right
    places.touch("01")
    here.settle()

    assert places.stands_in() == places.home
    assert [state for _, state in places.problems()] == ["solved"] * len(told)


@pytest.mark.parametrize("home", [0, 1])
def test_one_that_stood_in_two_places_can_still_move(claims_world: Make, home: int) -> None:
    here = claims_world()
    here.fill()
    here.connect()
    places = TwoPlaces(here, home)
    here.settle()
    places.shown, here.wire.meddle = True, places.meddle
    places.touch("01")
    here.pull()
    here.pass_(600)
    places.shown = False

    n = [bulletin["id"] for _, bulletin in here.all_bulletins()].index(places.twin)
    here.they_move(n, places.other)
    here.settle()

    assert places.stands_in() == places.other
    assert [state for _, state in places.problems()] == ["solved"]
    assert money.check_all(here) == 3
