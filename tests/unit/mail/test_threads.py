"""Message-IDs and References."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.mail.threads import LONGEST_REFERENCES, new_message_id, references


def test_a_message_id_is_unguessable_and_ends_in_our_domain() -> None:
    first, second = new_message_id("desk.example"), new_message_id("desk.example")
    assert first != second
    assert first.startswith("<tulay.")
    assert first.endswith("@desk.example>")
    assert len(first) > 40


def test_a_short_thread_is_named_whole() -> None:
    assert references([]) == []
    assert references(["<a@x>", "<b@x>"]) == ["<a@x>", "<b@x>"]


@given(st.integers(1, 300))
def test_a_long_thread_keeps_the_first_and_the_newest(length: int) -> None:
    ids = [f"<tulay.{n:032}@desk.example>" for n in range(length)]
    named = references(ids)
    assert len("\r\n ".join(named)) <= LONGEST_REFERENCES
    assert named[0] == ids[0]
    assert named[-1] == ids[-1]
    assert named[1:] == ids[len(ids) - len(named) + 1 :]
