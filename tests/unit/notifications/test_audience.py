"""Who is told, decided without an app."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.events.types import SYSTEM, Actor, Fact
from webapp.notifications.audience import (
    MOST_ALIKE,
    Toast,
    Told,
    condense,
    mails_followers,
    mails_reporter,
    toasts_for,
)
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


def test_the_assignee_is_mailed_only_what_the_reporter_wrote() -> None:
    assert [fact for fact in EVERYTHING if mails_followers(fact)] == [WROTE]


@pytest.mark.parametrize("actor", [ANDRES, ROSA, MYNAGA, SYSTEM])
@pytest.mark.parametrize("fact", [f for f in EVERYTHING if f.internal], ids=lambda f: f.type)
def test_nothing_internal_reaches_a_reporters_page(fact: Fact, actor: Actor) -> None:
    assert [t for t in toasts_for(fact, actor=actor) if t.topic.startswith("follow:")] == []


@given(st.lists(st.tuples(st.sampled_from(["new", "updated"]), st.sampled_from([ANDRES, MYNAGA]))))
def test_condensing_says_three_of_a_kind_and_counts_the_rest(told: list[tuple[str, Actor]]) -> None:
    shown = condense([Told(Toast("staff", kind, "one"), actor) for kind, actor in told])
    for kind in ("new", "updated"):
        for actor in (ANDRES, MYNAGA):
            count = told.count((kind, actor))
            figure = [t for t in shown if t.kind == kind and actor.name in t.text]
            if count > MOST_ALIKE:
                assert [t.text.split()[0] for t in figure] == [str(count - MOST_ALIKE)]
            else:
                assert figure == []
    assert len([t for t in shown if t.text == "one"]) == sum(
        min(MOST_ALIKE, told.count(pair)) for pair in set(told)
    )
