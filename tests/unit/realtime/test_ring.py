from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.realtime.frames import EntryId
from webapp.realtime.ring import Entry, Ring, Unknown


def entry(number: int, size: int = 1) -> Entry:
    return Entry(EntryId((number, 0)), frozenset({"staff"}), b"x" * size)


def filled(count: int, **bounds: int) -> Ring:
    ring = Ring(**bounds)
    for number in range(1, count + 1):
        ring.add(entry(number))
    return ring


def numbers(entries: list[Entry]) -> list[int]:
    return [one.id[0] for one in entries]


def test_all_behind_the_cursor_comes_in_order():
    assert numbers(filled(5).after(EntryId((2, 0)))) == [3, 4, 5]


def test_nothing_is_behind_the_tip():
    ring = filled(5)
    assert ring.after(ring.tip) == []


@pytest.mark.parametrize("cursor", [(0, 0), (2, 1), (6, 0)])
def test_a_cursor_that_is_no_entry_is_unknown(cursor):
    with pytest.raises(Unknown):
        filled(5).after(EntryId(cursor))


def test_an_empty_ring_knows_nothing():
    ring = Ring()
    assert ring.tip is None
    with pytest.raises(Unknown):
        ring.after(EntryId((0, 0)))


def test_a_cleared_ring_forgets_what_was_before():
    ring = filled(3)
    ring.clear()
    ring.add(entry(9))
    with pytest.raises(Unknown):
        ring.after(EntryId((3, 0)))
    assert ring.tip == (9, 0)


@given(st.integers(1, 300), st.integers(1, 20))
def test_it_keeps_at_least_most_and_less_than_twice_as_many(count, most):
    ring = filled(count, most=most)
    assert min(count, most) <= len(ring) < 2 * most
    oldest = EntryId((count - len(ring) + 1, 0))
    assert numbers(ring.after(oldest)) == list(range(oldest[0] + 1, count + 1))


def test_large_frames_shorten_it_but_the_newest_stays():
    ring = Ring(most=100, most_bytes=1000)
    for number in range(1, 31):
        ring.add(entry(number, size=300))
    assert len(ring) <= 7
    ring.add(entry(31, size=50_000))
    assert ring.tip == (31, 0)
    assert len(ring) == 1
