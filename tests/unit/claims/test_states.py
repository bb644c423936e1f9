from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.claims import states
from webapp.core.errors import IllegalTransition

BULLETINS = st.lists(st.sampled_from(states.BULLETIN_STATUSES), max_size=6)


@pytest.mark.parametrize("old", states.BULLETIN_STATUSES)
@pytest.mark.parametrize("new", states.BULLETIN_STATUSES)
def test_a_bulletin_makes_the_drawn_moves_and_no_other(old: str, new: str) -> None:
    drawn = {
        ("received", "in_progress"),
        ("in_progress", "received"),
        ("in_progress", "validated"),
        ("in_progress", "rejected"),
        ("validated", "in_progress"),
        ("rejected", "in_progress"),
    }
    if (old, new) in drawn:
        states.check_bulletin_move(old, new)
    else:
        with pytest.raises(IllegalTransition):
            states.check_bulletin_move(old, new)


@pytest.mark.parametrize("old", states.PAYMENT_STATES)
@pytest.mark.parametrize("new", states.PAYMENT_STATES)
def test_a_payment_makes_the_drawn_moves_and_no_other(old: str, new: str) -> None:
    drawn = {
        ("pending", "scheduled"),
        ("pending", "rejected"),
        ("scheduled", "processing"),
        ("scheduled", "pending"),
        ("scheduled", "rejected"),
        ("processing", "paid"),
        ("processing", "rejected"),
    }
    if (old, new) in drawn:
        states.check_payment_move(old, new)
    else:
        with pytest.raises(IllegalTransition):
            states.check_payment_move(old, new)


@pytest.mark.parametrize(
    ("current", "bulletins", "expected"),
    [
        ("received", [], "received"),
        ("scanned", [], "scanned"),
        ("scanned", ["received", "received"], "scanned"),
        ("in_progress", ["received"], "received"),
        ("received", ["received", "validated"], "in_progress"),
        ("received", ["in_progress"], "in_progress"),
        ("in_progress", ["validated", "rejected", "paid"], "validated"),
        ("in_progress", ["rejected", "rejected"], "rejected"),
        ("validated", ["paid", "rejected"], "processed"),
        ("closed", ["received", "paid"], "closed"),
    ],
)
def test_a_bordereau_follows_its_bulletins(
    current: str, bulletins: list[str], expected: str
) -> None:
    assert states.bordereau_status(current, bulletins) == expected


@given(current=st.sampled_from(states.BORDEREAU_STATUSES), bulletins=BULLETINS)
def test_a_bordereau_settles_at_once(current: str, bulletins: list[str]) -> None:
    found = states.bordereau_status(current, bulletins)
    assert found in states.BORDEREAU_STATUSES
    assert states.bordereau_status(found, bulletins) == found


@pytest.mark.parametrize("old", states.BORDEREAU_STATUSES)
@pytest.mark.parametrize("new", states.BORDEREAU_STATUSES)
def test_a_bordereau_takes_its_own_steps_and_no_other(old: str, new: str) -> None:
    own = {
        ("received", "scanned"),
        ("scanned", "received"),
        ("processed", "closed"),
        ("rejected", "closed"),
        ("closed", "processed"),
    }
    if (old, new) in own:
        states.check_bordereau_step(old, new)
    else:
        with pytest.raises(IllegalTransition):
            states.check_bordereau_step(old, new)


@pytest.mark.parametrize(
    ("current", "payments", "expected"),
    [
        ("processing", ["paid", "processing"], "processing"),
        ("processing", ["paid", "rejected"], "paid"),
        ("processing", ["rejected"], "rejected"),
        ("scheduled", ["pending", "scheduled"], "scheduled"),
        ("paid", ["processing"], "processing"),
    ],
)
def test_a_batch_follows_its_payments(current: str, payments: list[str], expected: str) -> None:
    assert states.batch_state(current, payments) == expected


def test_four_eyes() -> None:
    assert not states.may_pay(7, 7, four_eyes=True)
    assert states.may_pay(7, 7, four_eyes=False)
    assert states.may_pay(7, 8, four_eyes=True)
    assert states.may_pay(None, 8, four_eyes=True)
