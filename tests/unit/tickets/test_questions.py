"""Which questions a category brings, and whether an answer is one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.tickets.portal.forms import questions_from, stops_from
from webapp.tickets.portal.questions import (
    DATE,
    KINDS,
    LIST,
    NUMBER,
    Question,
    answers_to,
    is_slug,
    lines_of,
    questions_of,
)

DEPTH = Question("d", "How deep?", NUMBER, required=True, categories=("Flooding",))
SIDE = Question("s", "Which side?", LIST, choices=("Left", "Right"))


def test_only_what_the_category_brings_is_asked_and_needed() -> None:
    assert answers_to([DEPTH, SIDE], {}, category="Lamps") == ([], {})
    answers, wrong = answers_to([DEPTH], {"answer-d": ""}, category="Flooding")
    assert answers == []
    assert "answer-d" in wrong
    # A value for a question that was not asked is not taken.
    assert answers_to([DEPTH], {"answer-d": "3"}, category="Lamps") == ([], {})


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (NUMBER, ["0", "-3", "3.50"], ["x", "1e999999", "NaN", "Infinity", "1,5", "9" * 40]),
        (DATE, ["2026-02-28"], ["2026-02-30", "28.2.2026", "2026-2-1", "20260228"]),
        (LIST, ["Left"], ["left", "Up", "Left\nRight"]),
    ],
)
def test_each_kind_takes_its_own(kind: str, good: list[str], bad: list[str]) -> None:
    question = Question("q", "What?", kind, choices=("Left", "Right"))
    for text in good:
        assert answers_to([question], {"answer-q": text}, category="") == ([("What?", text)], {})
    for text in bad:
        answers, wrong = answers_to([question], {"answer-q": text}, category="")
        assert (answers, list(wrong)) == ([], ["answer-q"]), text


def test_the_builder_orders_removes_and_names_what_is_missing() -> None:
    typed = {
        "q0-label": "Second", "q0-order": "2", "q0-key": "a", "q0-required": "1",
        "q1-label": "First", "q1-order": "1", "q1-kind": "list", "q1-choices": " A \n\nB\nA",
        "q2-label": "Gone", "q2-remove": "1",
        "q3-label": "  ",
        "q4-label": "No choices", "q4-kind": "list",
    }  # fmt: skip
    questions, wrong = questions_from(typed, [])
    assert [each.label for each in questions] == ["First", "Second", "No choices"]
    assert questions[0].choices == ("A", "B")
    assert questions[1].key == "a"
    assert questions[1].required
    assert list(wrong) == ["q4-choices"]


def test_a_question_is_for_categories_that_there_are() -> None:
    typed = {
        "q0-label": "How deep?", "q0-categories": "roads\nROADS\nNoise",
        "q1-label": "Which side?", "q1-categories": "Rods",
    }  # fmt: skip
    questions, wrong = questions_from(typed, ["Roads", "Noise"])
    assert questions[0].categories == ("Roads", "Noise")
    assert wrong == {"q1-categories": "There is no category “Rods”. There are: Roads, Noise."}


def test_stops_are_of_categories_that_there_are() -> None:
    typed = {"stop0": " Call 911 ", "stop1": "", "stop9": "nobody's"}
    assert stops_from(typed, ["Fire", "Noise"]) == {"Fire": "Call 911"}


@pytest.mark.parametrize("text", ["", "A", "a_b", "-a", "a-", "a--b", "a/b", "é", "a" * 61])
def test_what_is_no_address(text: str) -> None:
    assert not is_slug(text)
    assert is_slug("street-works-2")


words = st.text(min_size=1, max_size=20)


@given(
    st.lists(
        st.builds(
            Question,
            key=words,
            label=words,
            kind=st.sampled_from(KINDS),
            required=st.booleans(),
            choices=st.lists(words, max_size=3).map(tuple),
            categories=st.lists(words, max_size=3).map(tuple),
        ),
        max_size=5,
    )
)
def test_a_question_is_stored_and_read_as_it_is(questions: list[Question]) -> None:
    assert questions_of([each.stored() for each in questions]) == questions


@given(st.text())
def test_lines_are_clean_and_each_stands_once(text: str) -> None:
    lines = lines_of(text)
    assert len(set(lines)) == len(lines)
    assert all(line and line == line.strip() for line in lines)
