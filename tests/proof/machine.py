"""Both sides, the clock, the network and the machine below do what they like; then everybody is quiet."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from tests.proof import invariants
from tests.proof.weather import MISHAPS, at_call, during_call
from tests.proof.wire import ANSWERED, ASKED
from tests.proof.world import LEASE_S, World
from webapp.core import db
from webapp.core.redis import client as redis_client
from webapp.sync.models import Connection, Link
from webapp.tickets.models import Ticket
from webapp.tickets.states import STATUSES

THEIRS = ("Submitted", "In Progress", "For Rerouting", "Resolved", "Closed")
MOST = 9  # records there
CATEGORIES = ("Road", "Light", "Water", "Noise")

which = st.integers(0, 7)
ours = st.sampled_from(STATUSES)
theirs = st.sampled_from((*THEIRS, *THEIRS, "Under Review"))
late = st.sampled_from((0, 0, 40, 600))
when = st.sampled_from((ASKED, ANSWERED))
after = st.sampled_from((0, 1, 15, LEASE_S, 700, 4000))
mishaps = st.sampled_from(sorted(MISHAPS))


class BothSides(RuleBasedStateMachine):
    """`make` is set by the test: it gives worlds that have begun (tests.proof.beginnings)."""

    make: Callable[..., World]
    versions = True
    ends = 0  # worlds that were found in order when all was quiet

    def __init__(self) -> None:
        super().__init__()
        self.last: dict[str, tuple[str, str]] = {}  # record → who had the last word, and the word
        self.edits = 0
        self.news = True  # there may be something for a pull to find
        self.watermark: Any = None

    @initialize(skew=st.sampled_from((0, 0, 540, -540)))
    def begin(self, skew: int) -> None:
        self.world = type(self).make(versions=self.versions, skew=timedelta(seconds=skew))

    # What people do

    @rule(n=which, status=ours)
    def here(self, n: int, status: str) -> None:
        self._here(n, status)

    @rule(n=which, status=theirs, late=late)
    def there(self, n: int, status: str, late: int) -> None:
        self._there(n, status, late)

    @rule(n=which, category=st.sampled_from(CATEGORIES), late=late)
    def there_elsewhere(self, n: int, category: str, late: int) -> None:
        self._there_elsewhere(n, category, late)

    @precondition(lambda self: self.world.reports.shelf.count() < MOST)
    @rule(status=theirs, late=late, bad=st.booleans())
    def new_there(self, status: str, late: int, bad: bool) -> None:
        stamp = self.world.their_now() - timedelta(seconds=late)
        fields = {"description": {"not": "a text"}} if bad else {}
        self.world.add(status=status, created=stamp, **fields)
        self.news = True

    @precondition(lambda self: self._standing())
    @rule(n=which)
    def withdraw(self, n: int) -> None:
        found = self._standing()
        self.world.edit(found[n % len(found)]["id"], deleted=True)
        self.news = True

    @rule()
    def resume(self) -> None:
        self.world.wake()
        self.world.hurry()

    # What the machines do

    @rule(seconds=after)
    def tick(self, seconds: int) -> None:
        self.world.pass_(seconds)
        self.world.tick()
        self.world.work()

    @rule(n=which)
    def pull(self, n: int) -> None:
        self._pull(n)

    @rule(n=which)
    def page(self, n: int) -> None:
        self._pull(n, most_pages=1)

    @rule(n=which, status=ours)
    def push(self, n: int, status: str) -> None:
        self._push(n, status)

    @rule(seconds=after)
    def jump(self, seconds: int) -> None:
        self.world.pass_(seconds or 1)

    # Also where there is nothing to forget: what lies there ends by itself, in a time that is not ours to move.
    @rule()
    def redis_forgets(self) -> None:
        redis_client().flushall()

    # What goes wrong

    @rule(call=st.sampled_from((0, 0, 1, 2)), mishap=mishaps, n=which)
    def stumble_in_a_pull(self, call: int, mishap: str, n: int) -> None:
        with self._meddling(at_call(call, mishap)):
            self._pull(n)

    @rule(call=st.sampled_from((0, 0, 0, 1)), mishap=mishaps, n=which, status=ours)
    def stumble_in_a_push(self, call: int, mishap: str, n: int, status: str) -> None:
        with self._meddling(at_call(call, mishap)):
            self._push(n, status)

    @rule(
        call=st.sampled_from((0, 0, 1, 2, 3)),
        when=when,
        what=st.sampled_from(("push", "here", "there", "takeover")),
        n=which,
    )
    def meanwhile_in_a_pull(self, call: int, when: str, what: str, n: int) -> None:
        with self._meddling(during_call(call, when, lambda: self._elsewhere(what, n))):
            self._pull(n)

    @rule(
        when=when,
        what=st.sampled_from(("pull", "here", "there", "takeover")),
        n=which,
        other=which,
        status=ours,
    )
    def meanwhile_in_a_push(self, when: str, what: str, n: int, other: int, status: str) -> None:
        with self._meddling(during_call(0, when, lambda: self._elsewhere(what, other))):
            self._push(n, status)

    @rule(points=st.integers(1, 24), n=which)
    def die_in_a_pull(self, points: int, n: int) -> None:
        self._ready_to_pull(n)
        self._die(points, self.world.pull)

    @rule(points=st.integers(1, 12), n=which, status=ours)
    def die_in_a_push(self, points: int, n: int, status: str) -> None:
        self._ready_to_push(n, status)
        self._die(points, self.world.push)

    # What must hold

    @invariant()
    def the_watermark_only_goes_forward(self) -> None:
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
        world.come_to_rest()
        invariants.check_books(world.connection_id)
        invariants.check_both_sides(world.connection_id, world.all_there())
        self._check_words()
        before, calls = invariants.traces(), len(world.received)
        world.pull()
        world.push()
        assert invariants.traces() == before, "a quiet world leaves traces"
        assert len(world.received) == calls, "a push that nobody asked for"
        type(self).ends += 1

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
        """A person sets this status, or the next one where it stands already."""
        known = self.world.known()
        report = known[n % len(known)]
        if not self.world.decide(report, status):
            status = _after(STATUSES, status)
            assert self.world.decide(report, status)
        self.edits += 1
        # Back at what was last agreed, we have changed nothing: then theirs may be taken (sync.md 2.4).
        back = self.world.agreed(report) == status
        self.last[report] = ("nobody" if back else "ours", status)

    def _there(self, n: int, status: str, late: int) -> None:
        report = self._report(n)
        if report["status"] == status:
            status = _after(THEIRS, status)
        self.world.edit(report["id"], status=status, seen_late_by=late)
        self.last[report["id"]] = ("theirs", status)
        self.news = True

    def _there_elsewhere(self, n: int, category: str, late: int) -> None:
        report = self._report(n)
        if report["category"] == category:
            category = _after(CATEGORIES, category)
        self.world.edit(report["id"], category=category, seen_late_by=late)
        self.news = True

    def _pull(self, n: int, **options: Any) -> None:
        self._ready_to_pull(n)
        if self.world.pull(**options) == "ok":
            self.news = False

    def _push(self, n: int, status: str) -> None:
        self._ready_to_push(n, status)
        self.world.push()

    def _ready_to_pull(self, n: int) -> None:
        """A pull with nothing to find teaches little: that is what the quiet ones at the end are for."""
        self.world.open_up()
        if not self.news:
            self._there_elsewhere(n, CATEGORIES[n % len(CATEGORIES)], 0)

    def _ready_to_push(self, n: int, status: str) -> None:
        self.world.open_up()
        if not self.world.waiting():
            self._here(n, status)
        self.news = True

    def _die(self, points: int, act: Callable[[], object]) -> None:
        self.world.points.arm(points)
        died = self.world.survive(act)
        note(f"died: {died}")
        self.news = True

    def _standing(self) -> list[dict[str, Any]]:
        return [report for report in self.world.all_there() if not report["deleted"]]

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
            world.pull()
        elif what == "here":
            self._here(n, STATUSES[n % 5])
        elif what == "there":
            self._there(n, THEIRS[n % 5], 0)
        else:  # this worker sleeps past its lease, and another takes over
            world.pass_(LEASE_S)
            world.tick()
            world.work()


def _after(words: Sequence[str], word: str) -> str:
    """Another one: the next in the row, the first after the last and for a word that is not in it."""
    return words[(words.index(word) + 1) % len(words)] if word in words else words[0]
