"""How two sides differ. Pure."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from webapp.sync.reconcile.compare import BOTH, OURS, THEIRS, differences

VALUES = st.sampled_from(["", "a", "b", "c", None])
FIELDS = st.dictionaries(st.sampled_from(["title", "category", "place"]), VALUES)


@given(ours=FIELDS, theirs=FIELDS, base=FIELDS)
def test_exactly_what_they_say_and_we_hold_otherwise_differs(ours, theirs, base) -> None:
    found = {each.field: each for each in differences(ours=ours, theirs=theirs, base=base)}
    assert set(found) == {name for name, value in theirs.items() if ours.get(name) != value}
    for name, each in found.items():
        agreed = base.get(name, ours.get(name))
        moved = (ours.get(name) != agreed, theirs[name] != agreed)
        assert each.moved == {(True, True): BOTH, (True, False): OURS, (False, True): THEIRS}[moved]


@given(both=FIELDS, base=FIELDS)
def test_two_sides_that_agree_do_not_differ_whatever_was_agreed_before(both, base) -> None:
    assert differences(ours=both, theirs=both, base=base) == []


def test_a_status_that_comes_back_as_another_word_is_no_difference() -> None:
    reads_as = {"resolved": "closed"}.get
    found = differences(
        ours={"status": "resolved"},
        theirs={"status": "closed"},
        base={"status": "closed"},
        reads_as=lambda _field, status: reads_as(status, status),
    )
    assert found == []


def test_a_photo_that_only_we_have_is_no_difference() -> None:
    ours, theirs = {"attachments": ["1", "2"]}, {"attachments": ["2"]}
    assert differences(ours=ours, theirs=theirs, base={}, additive={"attachments"}) == []
    (one,) = differences(ours=theirs, theirs=ours, base={}, additive={"attachments"})
    assert (one.field, one.moved) == ("attachments", THEIRS)
