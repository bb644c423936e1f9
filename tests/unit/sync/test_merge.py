"""What becomes of a field when both sides may have moved."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.sync import merge

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def seen(**changes):
    known = {"version": "3", "updated_at": NOON, "applied_seq": 5, "pushed_seq": 0}
    return merge.Seen(**{**known, **changes})


@pytest.mark.parametrize(
    ("base", "local", "remote", "owner", "expected"),
    [
        ("open", "open", "open", "upstream", (False, "open", False)),  # nothing happened
        ("open", "resolved", "open", "upstream", (False, "open", False)),  # a push is on its way
        ("open", "open", "closed", "upstream", (True, "closed", False)),  # they moved
        ("open", "open", "closed", "local", (True, "closed", False)),
        ("open", "closed", "closed", "local", (False, "closed", False)),  # both, to the same end
        ("open", "resolved", "closed", "upstream", (True, "closed", True)),
        ("open", "resolved", "closed", "local", (False, "closed", True)),
    ],
)
def test_three_values_decide(base, local, remote, owner, expected):
    merged = merge.merge_field(base=base, local=local, remote=remote, owner=owner)

    assert (merged.take, merged.base, merged.conflict) == expected


def test_our_own_older_value_coming_back_is_no_conflict_and_changes_nothing_here():
    merged = merge.merge_field(
        base="open", local="closed", remote="in_progress", owner="upstream", sent=["in_progress"]
    )

    assert not merged.take
    assert not merged.conflict
    assert merged.base == "in_progress"


def test_seeing_a_sent_value_back_forgets_it_and_what_was_sent_before_it():
    assert merge.without(["open", "in_progress", "closed"], "in_progress") == ["closed"]
    assert merge.without(["open"], "resolved") == ["open"]


@pytest.mark.parametrize(
    ("known", "row", "expected"),
    [
        ({}, {"version": "4", "seq": 6}, merge.APPLY),
        ({}, {"version": "3", "seq": 6}, merge.APPLY),
        ({}, {"version": "2", "seq": 6}, merge.IGNORE),
        ({"version": "9"}, {"version": "10", "seq": 6}, merge.APPLY),  # numbers, not texts
        ({}, {"version": "4", "seq": 4}, merge.IGNORE),  # a page asked for earlier
        ({"pushed_seq": 6}, {"version": "4", "seq": 6}, merge.DEFER),
        ({"pushed_seq": 6}, {"version": "4", "seq": 7}, merge.APPLY),
        ({"in_flight": True}, {"version": "4", "seq": 7}, merge.DEFER),
        ({"version": None}, {"version": None, "seq": 6, "late": -1}, merge.IGNORE),
        ({"version": None}, {"version": None, "seq": 6, "late": 0}, merge.APPLY),
        ({"version": "3"}, {"version": "3", "seq": 6, "late": -1}, merge.APPLY),
    ],
)
def test_a_row_is_applied_read_again_or_ignored(known, row, expected):
    moment = NOON + timedelta(seconds=row.get("late", 1))

    found = merge.verdict(seen(**known), version=row["version"], updated_at=moment, seq=row["seq"])

    assert found == expected


def test_an_absent_update_time_does_not_make_a_row_old():
    assert merge.verdict(seen(version=None), version=None, updated_at=None, seq=6) == merge.APPLY


values = st.sampled_from(["open", "in_progress", "resolved", "closed"])


@given(base=values, local=values, remote=values, owner=st.sampled_from(["upstream", "local"]))
def test_no_change_is_lost_without_a_conflict_that_says_so(base, local, remote, owner):
    merged = merge.merge_field(base=base, local=local, remote=remote, owner=owner)
    after = remote if merged.take else local

    assert merged.base == remote  # from now on this is what they have
    if local != base and remote != base and local != remote:
        assert merged.conflict
        assert after == (remote if owner == "upstream" else local)
    else:
        assert not merged.conflict
        assert after == (remote if remote != base else local)


@given(base=values, local=values, remote=values, owner=st.sampled_from(["upstream", "local"]))
def test_merging_the_same_row_again_changes_nothing_more(base, local, remote, owner):
    first = merge.merge_field(base=base, local=local, remote=remote, owner=owner)
    after = remote if first.take else local

    again = merge.merge_field(base=first.base, local=after, remote=remote, owner=owner)

    assert not again.take
    assert not again.conflict
    assert again.base == first.base


@given(
    edits=st.lists(
        st.tuples(st.sampled_from(["here", "there", "pull", "push"]), values), max_size=30
    )
)
def test_when_both_sides_are_quiet_they_agree(edits):
    """A model of one status, local-owned, whose pushes always arrive: no echo, no flapping."""
    here = there = base = "open"
    pushes = local_edits = decided = 0
    for step, value in [*edits, ("pull", ""), ("push", ""), ("pull", "")]:
        if step == "here":
            local_edits += here != value
            here = value
        elif step == "there":
            there = value
        elif step == "push" and here != base:
            there = base = here
            pushes += 1
        elif step == "pull":
            merged = merge.merge_field(base=base, local=here, remote=there, owner="local")
            here, base = (there if merged.take else here), merged.base
            decided += merged.conflict

    assert here == there == base
    assert pushes <= local_edits + decided
