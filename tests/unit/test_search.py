"""What is typed into the search box."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.tickets.search import (
    LONGEST,
    MOST_PARTS,
    OPERATORS,
    Operator,
    Term,
    day_of,
    for_postgresql,
    for_sqlite,
    parse,
)

TODAY = date(2026, 11, 28)


def test_words_phrases_and_exclusions() -> None:
    found = parse('flood "broken street light" -noise -"old well"')
    assert found.wanted == (Term(("flood",)), Term(("broken", "street", "light"), exact=True))
    assert found.unwanted == (
        Term(("noise",), excluded=True),
        Term(("old", "well"), exact=True, excluded=True),
    )


def test_operators_with_values_of_several_words() -> None:
    found = parse('status:open TAG:"street light" -assignee:me')
    assert found.operators == (
        Operator("status", "open"),
        Operator("tag", "street light"),
        Operator("assignee", "me", excluded=True),
    )
    assert found.terms == ()


def test_an_unknown_operator_is_named_once_and_searched_for_no_more() -> None:
    found = parse("colour:red colour:blue lamp")
    assert found.unknown == ("colour",)
    assert found.terms == (Term(("lamp",)),)


@pytest.mark.parametrize("text", ["https://example.org/x", "note: later", "10:30", "tag:"])
def test_a_colon_that_is_no_operators_is_a_sign_like_others(text: str) -> None:
    found = parse(text)
    assert (found.operators, found.unknown) == ((), ())
    assert found.terms


@pytest.mark.parametrize("text", ["", "   ", '"', '""', "-", "***", "(((", "' OR 1=1 --", "%_"])
def test_signs_alone_ask_for_nothing_bad(text: str) -> None:
    found = parse(text)
    assert all(term.words for term in found.terms)
    assert (found.operators, found.unknown) == ((), ())


def test_case_and_accents_do_not_count() -> None:
    assert parse("PEÑAFRANCIA Éclairage").wanted == (Term(("penafrancia",)), Term(("eclairage",)))


def test_a_number_is_one_phrase() -> None:
    (term,) = parse("T-2026-000123").terms
    assert for_sqlite((term,)) == '"t 2026 000123"*'
    assert for_postgresql((term,)) == "(t <-> 2026 <-> 000123:*)"


def test_short_words_and_phrases_do_not_stand_for_longer_ones() -> None:
    terms = parse('at "street light"').terms
    assert for_sqlite(terms) == '"at" AND "street light"'
    assert for_postgresql(terms, every=False) == "(at) | (street <-> light)"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-03", date(2026, 11, 3)),
        ("2026-2", date(2026, 2, 1)),
        ("2025", date(2025, 1, 1)),
        ("today", TODAY),
        ("Yesterday", date(2026, 11, 27)),
        ("7d", date(2026, 11, 21)),
        ("2026-02-30", None),
        ("0000", None),
        ("soon", None),
        ("-3d", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert day_of(text, today=TODAY) == day


pieces = st.one_of(
    st.text(max_size=12),
    st.sampled_from([f"{name}:" for name in (*OPERATORS, "x")]),
    st.text(string.punctuation + " \t\n\x00", max_size=6),
)


@given(st.lists(pieces, max_size=60).map("".join))
def test_whatever_is_typed_is_taken_apart(text: str) -> None:
    found = parse(text)
    assert len(found.terms) + len(found.operators) <= MOST_PARTS
    assert {operator.name for operator in found.operators} <= set(OPERATORS)
    for term in found.terms:
        assert term.words
        assert all(
            word.isalnum() or word.isidentifier() or word.isprintable() for word in term.words
        )
        assert not set("".join(term.words)) & set("\"'():*&|!<>\\ \x00")
    assert len(for_sqlite(found.terms)) <= 8 * LONGEST
