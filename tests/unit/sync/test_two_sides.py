"""One status on two sides, changed, read and pushed in any order, with lost answers: the rules hold it together.

The model calls the same pure rules as the puller (merge.verdict, merge.merge_field) and does what pull and
push do around them. The upstream knows no versions, which is the hardest case.
"""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.sync import merge

VALUES = ("open", "in_progress", "resolved", "closed")
STEPS = ("here", "there", "ask", "arrive", "push", "answer_lost", "call_lost", "begin", "end")


@dataclass
class Delivery:
    desired: str
    tries: int = 0
    unsure: bool = False
    sending: bool = False


@dataclass
class Desk:
    """`guards`: which of the rules are in force; the mutation tests take one away."""

    guards: frozenset[str] = frozenset({"defer", "sent"})
    here: str = "open"
    there: str = "open"
    base: str = "open"
    seq: int = 0
    applied: int = 0
    pushed: int = 0
    page: tuple[int, str] | None = None
    reread: bool = False
    sent: list[str] = field(default_factory=list)
    lane: list[Delivery] = field(default_factory=list)
    pushes: int = 0
    allowed: int = 0
    last_here: str | None = None
    upstream_edits: int = 0

    def do_here(self, value):
        if value == self.here:
            return
        self.here = self.last_here = value
        self.allowed += 1
        self._queue()

    def do_there(self, value):
        self.upstream_edits += value != self.there
        self.there = value

    def do_ask(self, _value=""):
        if self.page is None:
            self.seq += 1
            self.page = (self.seq, self.there)

    def do_arrive(self, _value=""):
        if self.page is None:
            return
        (seq, theirs), self.page = self.page, None
        flying = any(each.sending for each in self.lane)
        seen = merge.Seen(None, None, self.applied, self.pushed, in_flight=flying)
        step = merge.verdict(seen, version=None, updated_at=None, seq=seq)
        if step == merge.DEFER and "defer" in self.guards:
            self.reread = True
            return
        if step == merge.IGNORE:
            return
        self.reread = False
        sent = self.sent if "sent" in self.guards else ()
        merged = merge.merge_field(
            base=self.base, local=self.here, remote=theirs, owner=merge.LOCAL, sent=sent
        )
        self.sent = merge.without(self.sent, theirs)
        self.base, self.applied = merged.base, seq
        if merged.take:
            self.here = theirs
        self.allowed += merged.conflict
        if self.base != self.here and not self.lane:
            self._queue()

    def do_begin(self, _value=""):
        """The first half of a push: committed before the call."""
        if not self.lane or self.lane[0].sending:
            return
        delivery = self.lane[0]
        if not delivery.tries:
            delivery.desired = self.here
        if delivery.desired == self.base and set(self.sent) <= {delivery.desired}:
            self.lane.pop(0)
            return
        self.pushed, delivery.sending = self.seq, True
        if delivery.desired not in self.sent:
            self.sent.append(delivery.desired)
        delivery.tries += 1
        self.allowed += delivery.tries > 1

    def do_end(self, _value="", *, effect=True, answer=True):
        """The call, and the second half."""
        if not self.lane or not self.lane[0].sending:
            return
        delivery = self.lane[0]
        delivery.sending, self.pushed = False, self.seq
        if not (delivery.unsure and self.there == delivery.desired):
            if effect:
                self.there = delivery.desired
                self.pushes += 1
            if not answer:
                delivery.unsure = True
                return
        self.base = delivery.desired
        self.sent = merge.without(self.sent, delivery.desired)
        self.lane.pop(0)

    def do_push(self, _value=""):
        self.do_begin()
        self.do_end()

    def do_answer_lost(self, _value=""):
        self.do_begin()
        self.do_end(answer=False)

    def do_call_lost(self, _value=""):
        self.do_begin()
        self.do_end(effect=False, answer=False)

    def settle_down(self):
        """Everybody is quiet: what is on its way arrives, and the pulls go on."""
        self.do_arrive()
        for _ in range(12):
            self.do_end()
            while self.lane:
                self.do_push()
            self.do_ask()
            self.do_arrive()

    def _queue(self):
        if self.lane and not self.lane[-1].tries and not self.lane[-1].sending:
            self.lane[-1].desired = self.here
        else:
            self.lane.append(Delivery(self.here))


schedules = st.lists(st.tuples(st.sampled_from(STEPS), st.sampled_from(VALUES)), max_size=40)


def play(schedule, **options):
    desk = Desk(**options)
    for step, value in schedule:
        getattr(desk, f"do_{step}")(value)
    desk.settle_down()
    return desk


@settings(max_examples=1500, deadline=None)
@given(schedule=schedules)
def test_when_all_is_quiet_both_sides_agree_and_nothing_flaps(schedule):
    desk = play(schedule)

    assert desk.here == desk.there == desk.base
    assert desk.lane == []
    assert not desk.reread
    assert desk.pushes <= desk.allowed


@settings(max_examples=1000, deadline=None)
@given(
    schedule=st.lists(
        st.tuples(st.sampled_from([s for s in STEPS if s != "there"]), st.sampled_from(VALUES)),
        max_size=40,
    )
)
def test_where_only_we_change_it_our_last_word_stands_on_both_sides(schedule):
    desk = play(schedule)

    if desk.last_here is not None:
        assert desk.here == desk.there == desk.last_here


@pytest.mark.parametrize(
    ("taken_away", "schedule"),
    [
        # A page from before our push turns the record back.
        ("defer", [("ask", ""), ("here", "resolved"), ("push", ""), ("arrive", "")]),
        # Our own lost value comes back after we moved on, and looks like a conflict.
        (
            "sent",
            [
                ("here", "closed"),
                ("answer_lost", ""),
                ("here", "resolved"),
                ("ask", ""),
                ("arrive", ""),
            ],
        ),
    ],
)
def test_each_guard_earns_its_place(taken_away, schedule):
    """With the rule the schedule is harmless, without it something is wrong at once."""
    right, wrong = Desk(), Desk(guards=frozenset({"defer", "sent"} - {taken_away}))
    for desk in (right, wrong):
        for step, value in schedule:
            getattr(desk, f"do_{step}")(value)

    assert right.here == "resolved"
    assert (wrong.here, wrong.allowed) != (right.here, right.allowed)
