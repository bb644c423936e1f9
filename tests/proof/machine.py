"""Both sides, the clock, the network and the machine below do what they like; then everybody is quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from tests.proof import invariants
from tests.proof.weather import MISHAPS, at_call, during_call
from tests.proof.wire import ANSWERED, ASKED
from tests.proof.world import LEASE_S, World
from webapp.core import db
from webapp.core.redis import client as redis_client
from webapp.sync.models import Connection, Link
from webapp.sync.pull import loop
from webapp.tickets.models import Ticket
from webapp.tickets.states import STATUSES

THEIRS = ("Submitted", "In Progress", "For Rerouting", "Resolved", "Closed")
CATEGORIES = ("Road", "Light", "Water", "Noise")

which = st.integers(0, 7)
ours = st.sampled_from(STATUSES)
theirs = st.sampled_from((*THEIRS, *THEIRS, "Under Review"))
late = st.sampled_from((0, 0, 40, 600))
when = st.sampled_from((ASKED, ANSWERED))
call = st.integers(0, 3)
mishaps = st.sampled_from(sorted(MISHAPS))


class BothSides(RuleBasedStateMachine):
    """`make` is set by the test: it gives an empty world."""

    make: Callable[..., World]
    versions = True
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[str, tuple[str, str]] = {}  # record → who had the last word, and the word
        self.edits = 0
        self.watermark: Any = None

    @initialize(skew=st.sampled_from((0, 0, 540, -540)))
    def begin(self, skew: int) -> None:
        self.world = type(self).make(versions=self.versions, skew=timedelta(seconds=skew))
        for category in CATEGORIES[:3]:
            self.world.add(category=category, status="Submitted")
        self.world.connect()
        self.world.pull()

    # What people do

    @rule(n=which, status=ours)
    def here(self, n: int, status: str) -> None:
        self._here(n, status)

    @rule(n=which, status=theirs, late=late)
    def there(self, n: int, status: str, late: int) -> None:
        self._there(n, status, late)

    @rule(n=which, category=st.sampled_from(CATEGORIES), late=late)
    def there_elsewhere(self, n: int, category: str, late: int) -> None:
        self.world.edit(self._report(n)["id"], category=category, seen_late_by=late)

    @rule(status=theirs, late=late, bad=st.booleans())
    def new_there(self, status: str, late: int, bad: bool) -> None:
        if len(self.world.all_there()) < 9:
            stamp = self.world.their_now() - timedelta(seconds=late)
            fields = {"description": {"not": "a text"}} if bad else {}
            self.world.add(status=status, created=stamp, **fields)

    @rule(n=which)
    def withdraw(self, n: int) -> None:
        self.world.edit(self._report(n)["id"], deleted=True)

    # What the machines do

    @rule()
    def tick(self) -> None:
        self.world.tick()
        self.world.work()

    @rule()
    def pull(self) -> None:
        self.world.pull()

    @rule()
    def page(self) -> None:
        self.world.pull(most_pages=1)

    @rule()
    def push(self) -> None:
        self.world.push()

    @rule(seconds=st.sampled_from((1, 15, LEASE_S, 700, 4000)))
    def wait(self, seconds: int) -> None:
        self.world.pass_(seconds)

    @rule()
    def redis_forgets(self) -> None:
        redis_client().flushall()

    # What goes wrong

    @rule(n=call, mishap=mishaps, pull=st.booleans())
    def stumble(self, n: int, mishap: str, pull: bool) -> None:
        with self._meddling(at_call(n if pull else n % 2, mishap)):
            self.world.pull() if pull else self.world.push()

    @rule(n=call, when=when, what=st.sampled_from(("push", "here", "there", "takeover")), k=which)
    def meanwhile_in_a_pull(self, n: int, when: str, what: str, k: int) -> None:
        with self._meddling(during_call(n, when, lambda: self._elsewhere(what, k))):
            self.world.pull()

    @rule(when=when, what=st.sampled_from(("pull", "here", "there", "takeover")), k=which)
    def meanwhile_in_a_push(self, when: str, what: str, k: int) -> None:
        with self._meddling(during_call(0, when, lambda: self._elsewhere(what, k))):
            self.world.push()

    @rule(points=st.integers(1, 24), pull=st.booleans())
    def die(self, points: int, pull: bool) -> None:
        self.world.points.arm(points)
        died = self.world.survive(self.world.pull if pull else self.world.push)
        note(f"died: {died}")

    # What must hold

    @invariant()
    def the_watermark_only_goes_forward(self) -> None:
        type(self).steps += 1
        if not hasattr(self, "world"):
            return
        with db.transaction() as session:
            now = session.scalar(
                select(Connection.watermark).where(Connection.id == self.world.connection_id)
            )
        if self.watermark is not None:
            assert now is not None, "the watermark went away"
            assert now >= self.watermark, "the watermark went back"
        newest = max(record["updatedAt"] for record in self.world.all_there())
        assert now is None or now <= datetime.fromisoformat(newest), "beyond what is there"
        self.watermark = now

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        world = self.world
        world.settle()
        invariants.check_books(world.connection_id)
        invariants.check_both_sides(world.connection_id, world.all_there())
        self._check_words()
        before, calls = invariants.traces(), len(world.received)
        for _ in range(2):
            world.pull()
            world.push()
        assert invariants.traces() == before, "a quiet world leaves traces"
        assert len(world.received) == calls, "a push that nobody asked for"

    def _check_words(self) -> None:
        """Invariants 5 and 6: nothing is sent that nobody said, and our last word stands."""
        world = self.world
        effective = [each for each in world.received if each.status == 200 and not each.replayed]
        allowed = self.edits + invariants.conflicts(world.connection_id)
        assert len(effective) <= allowed, "more pushes than words"
        session = invariants.fresh()
        for report, (whose, status) in self.last.items():
            if whose == "ours":
                ticket = session.scalars(
                    select(Ticket)
                    .join(Link, Link.local_id == Ticket.id)
                    .where(Link.external_id == report)
                ).one()
                assert ticket.status == status, f"our last word on {report} was lost"

    def _here(self, n: int, status: str) -> None:
        known = self.world.known()
        report = known[n % len(known)]
        if self.world.decide(report, status):
            self.edits += 1
            # Back at what was last agreed, we have changed nothing: then theirs may be taken (sync.md 2.4).
            back = self.world.agreed(report) == status
            self.last[report] = ("nobody" if back else "ours", status)

    def _there(self, n: int, status: str, late: int) -> None:
        report = self._report(n)
        if report["status"] != status:
            self.world.edit(report["id"], status=status, seen_late_by=late)
            self.last[report["id"]] = ("theirs", status)

    def _report(self, n: int) -> dict[str, Any]:
        found = self.world.all_there()
        return found[n % len(found)]

    @contextmanager
    def _meddling(self, meddle: Any) -> Iterator[None]:
        self.world.wire.meddle = meddle
        try:
            yield
        finally:
            self.world.wire.meddle = None

    def _elsewhere(self, what: str, n: int) -> None:
        self.world.wire.meddle = None
        self.world.elsewhere(lambda: self._act(what, n))

    def _act(self, what: str, n: int) -> None:
        world = self.world
        if what == "push":
            world.push()
        elif what == "pull":
            world.make_due()
            loop.pull(world.connection_id, sleep=world.pass_)
        elif what == "here":
            self._here(n, STATUSES[n % 5])
        elif what == "there":
            self._there(n, THEIRS[n % 5], 0)
        else:  # this worker sleeps past its lease, and another takes over
            world.pass_(LEASE_S)
            world.tick()
            world.work()
