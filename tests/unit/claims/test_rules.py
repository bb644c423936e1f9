from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from webapp.claims import accounts, duplicates, totals
from webapp.claims.values import BordereauValues, BulletinValues
from webapp.core import clock

D = Decimal
GOOD: dict[str, Any] = {
    "number": "BS-2026-0000001",
    "member_number": "M-77",
    "care_date": "2026-11-02",
    "total": "80.500",
    "items": [{"code": "C2", "amount": "80.500", "reimbursed": "60.000"}],
}


def test_amounts_are_read_from_text_and_from_json_numbers_read_as_decimals() -> None:
    read = BulletinValues.model_validate({**GOOD, "total": D("80.5")})
    assert (read.total, read.items[0].reimbursed) == (D("80.500"), D("60.000"))
    assert str(read.total) == "80.500"


@pytest.mark.parametrize(
    "wrong",
    [
        {"total": "-1.000"},
        {"total": "1.0001"},
        {"total": 0.1},
        {"total": "beaucoup"},
        {"total": None},
        {"number": ""},
        {"care_date": "soon"},
        {"care_date": "1889-01-01"},
        {"care_date": (clock.now() + timedelta(days=2)).date().isoformat()},
        {"items": [{"amount": "1.000", "reimbursed": "-1.000"}]},
        {"items": [{"amount": "1.000", "reimbursed": "1.000"}] * 501},
        {"status": "cancelled"},
        {"beneficiary_relation": "neighbour"},
        {"surprise": 1},
    ],
    ids=str,
)
def test_a_bulletin_that_cannot_be_kept_honestly_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        BulletinValues.model_validate({**GOOD, **wrong})


def test_a_date_is_taken_as_it_was_written() -> None:
    read = BulletinValues.model_validate({**GOOD, "care_date": "2026-11-02T23:30:00-08:00"})
    assert read.care_date == date(2026, 11, 2)


def test_a_bordereau_needs_a_client() -> None:
    with pytest.raises(ValidationError, match="names no client"):
        BordereauValues.model_validate({"reference": "BRD-1", "received_on": "2026-11-02"})


def test_the_first_delay_that_is_known_counts() -> None:
    day = date(2026, 11, 1)
    assert totals.due_on(day, None, 15, 60) == date(2026, 11, 16)
    assert totals.due_on(day, 0, 15) == day
    assert totals.due_on(day, None, None) == date(2026, 12, 1)


def test_numbers_are_compared_without_what_is_written_differently() -> None:
    assert duplicates.same_number("bs 2026/0001") == duplicates.same_number("BS-2026-0001")
    assert duplicates.same_number("BS-2026-0001") != duplicates.same_number("BS-2026-0010")


def test_the_same_care_gives_the_same_key_whatever_the_order_and_the_capitals() -> None:
    day = date(2026, 11, 2)
    key = duplicates.care_key("M-77", day, ["Dr Ben Ali", "PHARMACIE  El Manar"], D("80.500"))
    assert key == duplicates.care_key("m77", day, ["Pharmacie El Manar", "dr ben ali"], D("80.5"))
    assert key != duplicates.care_key("m77", day, ["Pharmacie El Manar"], D("80.5"))
    assert key != duplicates.care_key("m77", day + timedelta(1), ["Dr Ben Ali"], D("80.5"))
    assert duplicates.care_key("", day, ["x"], D(1)) == ""


def test_an_undecided_pair_blocks_both_and_a_decided_one_the_duplicate_alone() -> None:
    assert duplicates.blocks("", is_first=True)
    assert duplicates.blocks("", is_first=False)
    assert not duplicates.blocks("different", is_first=True)
    assert duplicates.blocks("second", is_first=False)
    assert not duplicates.blocks("second", is_first=True)


def test_an_iban_is_checked_by_its_digits_and_shown_by_its_last_four() -> None:
    assert accounts.iban("tn59 1000 6035 1835 9847 8831") == "TN5910006035183598478831"
    assert accounts.iban(" ") == ""
    assert accounts.masked("TN5910006035183598478831") == "…8831"
    for wrong in ("TN5910006035183598478813", "TN59", "hello", "XX00"):
        with pytest.raises(ValueError, match="IBAN"):
            accounts.iban(wrong)


def test_a_bic_has_8_or_11_characters() -> None:
    assert accounts.bic("stbk tntt") == "STBKTNTT"
    with pytest.raises(ValueError, match="BIC"):
        accounts.bic("STBKTNT")
