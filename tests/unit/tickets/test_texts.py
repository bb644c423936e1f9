"""Words as they come, made fit to store and to show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.errors import IllegalTransition
from webapp.tickets.shown import linked
from webapp.tickets.states import STATUSES, check_move
from webapp.tickets.texts import clean_line, clean_text, shorten, title_from, web_address

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(ANY_TEXT)
def test_cleaned_text_can_be_stored_and_stays_as_it_is(text: str) -> None:
    clean = clean_text(text)
    assert "\x00" not in clean
    assert clean.encode().decode() == clean
    assert clean_text(clean) == clean


@given(ANY_TEXT)
def test_a_line_is_one_line(text: str) -> None:
    assert len(clean_line(text).splitlines()) <= 1


def test_text_keeps_its_lines_and_its_direction() -> None:
    assert clean_text("one\r\ntwo\rthree\n") == "one\ntwo\nthree"
    assert clean_text("هناك قطة 🐈") == "هناك قطة 🐈"


@given(ANY_TEXT, st.integers(1, 50))
def test_shortened_text_fits(text: str, limit: int) -> None:
    assert len(shorten(text, limit=limit)) <= limit


def test_a_title_is_the_first_line_that_says_something() -> None:
    assert title_from("", " \n ", "Flooded street\nsince Monday") == "Flooded street"
    assert len(title_from("x" * 500)) == 120
    assert title_from("") == "–"
    assert title_from("Hello,\n\nDeep pothole\nIt gets worse") == "Deep pothole"
    assert title_from("Hello,") == "Hello,"


@pytest.mark.parametrize(
    "trap",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x", "https://", " "],
)
def test_only_web_addresses_become_links(trap: str) -> None:
    assert web_address(trap) == ""
    assert "<a" not in linked(trap)


def test_an_address_in_a_text_is_a_link_that_vouches_for_nothing() -> None:
    html = linked('See (https://naga.example/map?x=1&y="2"), "https://b.example".')
    assert (
        '<a href="https://naga.example/map?x=1&amp;y=" rel="nofollow ugc noopener noreferrer"'
        in html
    )
    assert '"https://b.example"' in html
    assert html.endswith("&#34;.")


@given(ANY_TEXT)
def test_shown_text_never_becomes_markup(text: str) -> None:
    html = linked(text)
    assert "<" not in html.replace("<a href=", "").replace("</a>", "")


@pytest.mark.parametrize("status", STATUSES)
def test_a_ticket_can_go_everywhere_but_where_it_is(status: str) -> None:
    for other in STATUSES:
        if other == status:
            with pytest.raises(IllegalTransition):
                check_move(status, other)
        else:
            check_move(status, other)
