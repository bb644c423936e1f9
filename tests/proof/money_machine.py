"""Claims worked on from both sides while calls fail and workers die; then quiet, and the money is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.proof import money
from tests.proof.insurer import STAGES, ClaimsWorld
from tests.proof.weather import MISHAPS, at_call, during_call
from tests.proof.wire import ANSWERED, ASKED
from tests.proof.world import LEASE_S
from webapp.claims.states import (
    IN_PROGRESS,
    PAID,
    PAYMENT_STATES,
    PENDING,
    PROCESSING,
    RECEIVED,
    REJECTED,
    SCHEDULED,
    VALIDATED,
)
from webapp.core.redis import client as redis_client

MOST = 6  # bulletins there
LOST = ("lost", "silence", "truncated", "bad gateway")  # it was done, and nobody was told

which = st.integers(0, 5)
mishaps = st.sampled_from(sorted(MISHAPS))
when = st.sampled_from((ASKED, ANSWERED))
theirs = st.sampled_from(("RECU", "EN_COURS", "VALIDE", "REJETE", "PAYE"))
onwards = {PENDING: SCHEDULED, SCHEDULED: PROCESSING, PROCESSING: PAID}


def refused(request: httpx.Request) -> httpx.Response | None:
    """Their rules say no to a change, whatever it is."""
    if request.method == "GET":
        return None
    body = b'{"error": {"code": "not_allowed", "message": "no", "presentStatus": "EN_COURS"}}'
    return httpx.Response(409, headers={"Content-Type": "application/json"}, content=body)


class BothPurses(RuleBasedStateMachine):
    """`make` is set by the test: it gives worlds that have begun (tests.proof.beginnings)."""

    make: Callable[..., ClaimsWorld]
    deaths = 0
    met: Counter[str]  # over all schedules

    @initialize(
        stage=st.sampled_from(STAGES),
        finish=st.sampled_from((None, "down", *LOST)),
        call=st.sampled_from((0, 0, 1, 2)),
    )
    def begin(self, stage: str, finish: str | None, call: int) -> None:
        """`finish`: in the end the clerk pays one more, and this becomes of one of the calls that tell it."""
        self.world, self.end = type(self).make(stage=stage), (finish, call)

    # The agent and the clerk

    @rule(n=which, less=st.sampled_from(("", "", "0.005")))
    def validate(self, n: int, less: str) -> None:
        self.world.agent(n, IN_PROGRESS)
        self.world.agent(n, VALIDATED, less=less)

    @rule(n=which, to=st.sampled_from((IN_PROGRESS, REJECTED, RECEIVED)))
    def decide(self, n: int, to: str) -> None:
        self.world.agent(n, to)

    @rule(n=which, more=st.booleans())
    def pay(self, n: int, more: bool) -> None:
        """What is not validated yet is, so that there is something to pay."""
        for each in (n, n + 1) if more else (n,):
            self.validate(each, "")
        if not (more and self.world.pay((n, n + 1))):
            self.world.pay((n,))

    @rule(n=which, steps=st.integers(1, 3))
    def pay_on(self, n: int, steps: int) -> None:
        for to in (SCHEDULED, PROCESSING, PAID)[:steps]:
            self.world.move(n, to)

    @rule(n=which, to=st.sampled_from(PAYMENT_STATES))
    def move(self, n: int, to: str) -> None:
        self.world.move(n, to)

    @rule(n=which, k=which)
    def leave_out(self, n: int, k: int) -> None:
        self.world.leave_out(n, k)

    @rule(n=which, paid=st.lists(st.booleans(), min_size=1, max_size=2))
    def bank_answers(self, n: int, paid: list[bool]) -> None:
        self.world.answer(n, paid)

    # The insurer's own people

    @rule(n=which, status=theirs, off=st.sampled_from((0, 0, 5)))
    def there(self, n: int, status: str, off: int) -> None:
        self.world.they_set(n, status, off=off)

    @rule(n=which, by=st.sampled_from((5, 1000, -5)))
    def reprice_there(self, n: int, by: int) -> None:
        self.world.they_reprice(n, by)

    @precondition(lambda self: len(self.world.all_bulletins()) < MOST)
    @rule(n=which, total=st.sampled_from((None, "1.2345", "-1.000")))
    def new_there(self, n: int, total: str | None) -> None:
        found = self.world.bordereaux()
        fields = {} if total is None else {"total": total}
        self.world.claims.add_bulletin(found[n % len(found)]["id"], **fields)

    @rule(n=which, status=st.sampled_from(("EN_COURS", "TRAITE", "CLOTURE", "RECU")))
    def bordereau_there(self, n: int, status: str) -> None:
        found = self.world.bordereaux()
        self.world.claims.edit(found[n % len(found)]["id"], status=status)

    @rule(n=which, to=which)
    def moved_there(self, n: int, to: int) -> None:
        found = self.world.bordereaux()
        self.world.they_move(n, str(found[to % len(found)]["id"]))

    # The machines

    @rule(seconds=st.sampled_from((1, 15, LEASE_S, 700)))
    def tick(self, seconds: int) -> None:
        self.world.pass_(seconds)
        self.world.tick()
        self.world.work()

    @rule()
    def pull(self) -> None:
        self._open_up()
        self.world.pull()

    @rule()
    def push(self) -> None:
        self._ready_to_push()
        self.world.push()

    # Also where there is nothing to forget: what lies there ends by itself, in a time that is not ours to move.
    @rule()
    def redis_forgets(self) -> None:
        redis_client().flushall()

    # What goes wrong

    @rule(call=st.sampled_from((0, 1, 2, 3)), mishap=mishaps)
    def stumble_in_a_pull(self, call: int, mishap: str) -> None:
        self._open_up()
        with self._meddling(at_call(call, mishap)):
            self.world.pull()

    @rule(call=st.sampled_from((0, 0, 1, 2)), mishap=mishaps)
    def stumble_in_a_push(self, call: int, mishap: str) -> None:
        self._ready_to_push()
        with self._meddling(at_call(call, mishap)):
            self.world.push()

    @rule()
    def refused_in_a_push(self) -> None:
        self._ready_to_push()
        with self._meddling(lambda now, request: refused(request) if now == ASKED else None):
            self.world.push()

    @rule(
        when=when,
        n=which,
        status=theirs,
        what=st.sampled_from(("there", "pull", "clerk", "takeover")),
    )
    def meanwhile_in_a_push(self, when: str, n: int, status: str, what: str) -> None:
        self._ready_to_push()
        with self._meddling(during_call(0, when, lambda: self._elsewhere(what, n, status))):
            self.world.push()

    @rule(
        call=st.sampled_from((0, 1, 2)),
        when=when,
        n=which,
        status=theirs,
        what=st.sampled_from(("there", "push", "clerk", "takeover")),
    )
    def meanwhile_in_a_pull(self, call: int, when: str, n: int, status: str, what: str) -> None:
        self._open_up()
        with self._meddling(during_call(call, when, lambda: self._elsewhere(what, n, status))):
            self.world.pull()

    @rule(points=st.integers(1, 30))
    def die_in_a_pull(self, points: int) -> None:
        self._open_up()
        self.world.points.arm(points)
        self.deaths += self.world.survive(self.world.pull)

    @rule(points=st.integers(1, 16))
    def die_in_a_push(self, points: int) -> None:
        self._ready_to_push()
        self.world.points.arm(points)
        self.deaths += self.world.survive(self.world.push)

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        self._finish(*self.end)
        world.come_to_rest()
        agreed = money.check_all(world)
        before, calls = money.traces(), len(world.received)
        world.pull()
        world.push()
        assert money.traces() == before, "a quiet world leaves traces"
        assert len(world.received) == calls, "a push that nobody asked for"
        paid = money.paid_on_both_sides(world)
        self.met.update(
            {
                "schedules": 1,
                "bulletins in agreement": agreed,
                "bulletins paid": paid,
                "schedules that paid": bool(paid),
                "answers lost": world.wire.lost,
                "deaths": self.deaths,
            }
        )

    def _finish(self, mishap: str | None, call: int) -> None:
        if mishap is None:
            return
        self.world.open_up()
        self.world.finish(call)
        self.world.hurry()
        with self._meddling(at_call(call, mishap)):
            self.world.push()

    def _open_up(self) -> None:
        self.world.open_up()

    def _ready_to_push(self) -> None:
        """Without anything to send, a bulletin is paid as far as it goes."""
        self.world.open_up()
        if not self.world.waiting():
            self.pay(0, False)
            self.world.move(0, SCHEDULED)
            self.world.waiting()

    def _elsewhere(self, what: str, n: int, status: str) -> None:
        self.world.wire.meddle = None
        self.world.elsewhere(lambda: self._act(what, n, status))

    def _act(self, what: str, n: int, status: str) -> None:
        world = self.world
        if what == "there":
            world.they_set(n, status)
        elif what == "pull":
            world.pull()
        elif what == "push":
            world.push()
        elif what == "clerk":
            self.pay(n, False)
            self.pay_on(n, 3)
        else:  # this worker sleeps past its lease, and another takes over
            world.pass_(LEASE_S)
            world.tick()
            world.work()

    @contextmanager
    def _meddling(self, meddle: Any) -> Iterator[None]:
        self.world.wire.meddle = meddle
        try:
            yield
        finally:
            self.world.wire.meddle = None
