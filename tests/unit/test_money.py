from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core import money


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1234.500", "1234.500"),
        ("7", "7.000"),
        (7, "7.000"),
        (Decimal("0.1"), "0.100"),
        (" 2.5 ", "2.500"),
        ("-0", "0.000"),
    ],
)
def test_an_amount_is_read_exactly_from_its_text(value: object, text: str) -> None:
    assert money.as_text(money.exact(value)) == text


@pytest.mark.parametrize(
    "value", ["1.2345", "abc", "", None, 0.1, True, "NaN", "Infinity", "999999999999.000", [1]]
)
def test_what_would_have_to_be_rounded_or_guessed_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"amount|decimals"):
        money.exact(value)


def test_each_currency_has_its_own_places() -> None:
    assert money.exact("1.5", "EUR") == Decimal("1.50")
    assert str(money.exact("15", "JPY")) == "15"
    with pytest.raises(ValueError, match="more than 2 decimals"):
        money.exact("1.505", "EUR")


@given(st.decimals(min_value=-(10**10), max_value=10**10, places=3))
def test_text_and_amount_are_the_same_thing(amount: Decimal) -> None:
    assert money.exact(money.as_text(amount)) == amount
