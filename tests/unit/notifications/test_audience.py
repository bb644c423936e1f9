"""Who is told, decided without an app."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.accounts.roles import Permission
from webapp.events.types import SYSTEM, Actor, Fact, all_fact_types
from webapp.notifications.audience import mails_reporter, news_of, public_text
from webapp.notifications.emitting import Toast
from webapp.notifications.folding import SHOWN, folded
from webapp.notifications.news import News
from webapp.notifications.toasts import Told, condense
from webapp.tickets.events import (
    TicketAssigned,
    TicketCreated,
    TicketEdited,
    TicketNoted,
    TicketResponded,
    TicketStatusChanged,
)

ANDRES = Actor("user", 4, "Andres")
ROSA = Actor("reporter", None, "Rosa")
MYNAGA = Actor("connection", 1, "MyNaga demo")
ABOUT = {"subject_id": 7, "ref": "T-2026-000007", "title": "Broken light"}

CREATED = TicketCreated(source="form", **ABOUT)
PULLED = TicketCreated(source="connection:1", **ABOUT)
MOVED = TicketStatusChanged(old="open", new="resolved", **ABOUT)
ANSWERED = TicketResponded(response_id=1, **ABOUT)
WROTE = TicketResponded(response_id=1, by_reporter=True, **ABOUT)
NOTED = TicketNoted(note_id=1, **ABOUT)
ASSIGNED = TicketAssigned(old="", new="Andres", assignee_id=4, **ABOUT)
EDITED = TicketEdited(changes={"title": ["a", "b"]}, **ABOUT)
SEE = Permission.TICKETS_SEE
EVERYTHING = [CREATED, PULLED, MOVED, ANSWERED, WROTE, NOTED, ASSIGNED, EDITED]


@pytest.mark.parametrize(
    ("fact", "actor", "mailed"),
    [
        (CREATED, ROSA, True),
        (PULLED, MYNAGA, False),
        (PULLED, SYSTEM, False),
        (MOVED, ANDRES, True),
        (MOVED, ROSA, False),
        (MOVED, MYNAGA, False),
        (ANSWERED, ANDRES, True),
        (ANSWERED, MYNAGA, False),
        (WROTE, ROSA, False),
        (NOTED, ANDRES, False),
        (ASSIGNED, ANDRES, False),
        (EDITED, ANDRES, False),
    ],
)
def test_the_reporter_is_mailed_what_others_did_here(
    fact: Fact, actor: Actor, mailed: bool
) -> None:
    assert mails_reporter(fact, actor=actor) is mailed


def test_staff_are_mailed_only_what_the_reporter_wrote() -> None:
    news = [found for fact in (ANSWERED, WROTE) if (found := news_of(fact, actor=ANDRES))]
    assert [each.mails for each in news] == [False, True]


@pytest.mark.parametrize("actor", [ANDRES, ROSA, MYNAGA, SYSTEM])
@pytest.mark.parametrize("fact", [f for f in EVERYTHING if f.internal], ids=lambda f: f.type)
def test_nothing_internal_reaches_a_reporter(fact: Fact, actor: Actor) -> None:
    assert public_text(fact, actor=actor) is None


@pytest.mark.parametrize("cls", sorted(all_fact_types().values(), key=lambda each: each.type))
def test_no_internal_fact_of_any_kind_has_public_words(cls: type[Fact]) -> None:
    """Whatever a fact's fields hold: what is internal has no words for reporters."""
    if cls.internal:
        values = {each.name: 1 for each in fields(cls)}
        assert public_text(cls(**values), actor=ANDRES) is None


@given(st.lists(st.tuples(st.sampled_from(["new", "updated"]), st.sampled_from([ANDRES, MYNAGA]))))
def test_condensing_says_three_of_a_kind_and_counts_the_rest(told: list[tuple[str, Actor]]) -> None:
    staff = frozenset({"user:1", "user:2"})
    shown = condense([Told(Toast(kind, "one"), actor, staff) for kind, actor in told])
    assert all(topics == staff for _, topics in shown), "said once to both"
    for kind in ("new", "updated"):
        for actor in (ANDRES, MYNAGA):
            count = told.count((kind, actor))
            figure = [t for t, _ in shown if t.kind == kind and actor.name in t.text]
            if count > SHOWN:
                assert [t.text.split()[0] for t in figure] == [str(count - SHOWN)]
            else:
                assert figure == []
    assert len([t for t, _ in shown if t.text == "one"]) == sum(
        min(SHOWN, told.count(pair)) for pair in set(told)
    )


def test_each_hears_their_own_number_and_their_own_sound() -> None:
    both, one = frozenset({"user:1", "user:2"}), frozenset({"user:1"})
    told = [Told(Toast("new", "a"), ANDRES, both, loud=one)]
    told += [Told(Toast("new", text), ANDRES, one) for text in "bcd"]
    shown = condense(told)
    assert [(t.text, sorted(topics), t.sound) for t, topics in shown if t.text in "abc"] == [
        ("a", ["user:1"], True),
        ("a", ["user:2"], False),
        ("b", ["user:1"], False),
        ("c", ["user:1"], False),
    ]
    assert [sorted(topics) for t, topics in shown if t.text.startswith("1 more")] == [["user:1"]]


@given(
    st.lists(st.tuples(st.sampled_from(["new", "updated"]), st.booleans()), max_size=20),
    st.sets(st.integers(0, 19)),
)
def test_folding_loses_nothing_keeps_the_first_and_leaves_apart_what_it_is_told_to(
    said: list[tuple[str, bool]], apart: set[int]
) -> None:
    found = [
        (n, News(kind, f"{n}", "/", f"ticket:{n}", permission=SEE if many else None))
        for n, (kind, many) in enumerate(said)
    ]
    stand = list(folded(found, {f"ticket:{n}" for n in apart}))

    all_of_them = [one for *last, before in stand for one in (*before, tuple(last))]
    assert sorted(all_of_them, key=lambda one: one[0]) == found
    alone = {event_id for event_id, _, before in stand if not before}
    assert apart & {n for n, _ in found} <= alone, "nor does it stand for others"
    assert {n for n, (_, many) in enumerate(said) if not many} <= alone
    for kind in ("new", "updated"):
        alike = [n for n, one in enumerate(said) if one == (kind, True) and n not in apart]
        if len(found) > SHOWN + 1 and len(alike) > SHOWN:
            assert {*alike[:SHOWN], alike[-1]} == {n for n, _, _ in stand} & {*alike}
