"""What becomes of a form when somebody else saved meanwhile."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.tickets.merging import merge

WORDS = st.sampled_from(["", "a", "b", "c"])
FIELDS = ("title", "place")
THREE = st.fixed_dictionaries(dict.fromkeys(FIELDS, WORDS))


@given(THREE, THREE, THREE)
def test_nothing_is_overwritten_in_silence_and_nothing_typed_is_lost(typed, seen, now) -> None:
    merged = merge(typed, seen=seen, now=now)
    for field in FIELDS:
        changed = typed[field] != seen[field]
        if field in merged.taken:
            assert changed
            assert now[field] == seen[field]
        if changed and now[field] not in (seen[field], typed[field]):
            assert merged.disputed[field] == now[field]
        assert merged.shown[field] == (typed[field] if changed else now[field])


def test_a_field_that_the_form_did_not_know_is_taken_as_it_stands() -> None:
    assert merge({"title": "b"}, seen={}, now={"title": "a"}).taken == {"title": "b"}
