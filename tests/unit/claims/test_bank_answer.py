"""What banks send back: read whatever its encoding, separators and words; never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from webapp.claims import bank_answer
from webapp.claims.bank_answer import Awaited, guess, lines_of, read
from webapp.core.errors import Invalid

AWAITED = [
    Awaited(1, "P-2026-000012-1", "BS-2026-0000001", Decimal("60.000"), "processing"),
    Awaited(2, "P-2026-000012-2", "BS-2026-0000002", Decimal("1234.500"), "processing"),
    Awaited(3, "P-2026-000012-3", "BS-2026-0000003", Decimal("5.000"), "paid"),
]


def lines(text: str) -> list[bank_answer.Line]:
    sheet = read(text.encode())
    return lines_of(sheet, guess(sheet.headings), AWAITED, currency="TND")


def test_french_headings_semicolons_and_decimal_commas() -> None:
    found = lines(
        "Référence;Montant;Statut;Date exécution;Motif\n"
        "P-2026-000012-1;60,000;Exécuté;01/12/2026;\n"
        "BS-2026-0000002;1 234,500 TND;REJETÉ;;Compte clos\n"
    )
    assert [(each.payment_id, each.outcome, each.day, each.why, each.wrong) for each in found] == [
        (1, "paid", date(2026, 12, 1), "", ""),
        (2, "rejected", None, "Compte clos", ""),
    ]


def test_the_codes_of_iso_20022() -> None:
    found = lines("EndToEndId,Status\nP-2026-000012-1,ACSC\nP-2026-000012-2,RJCT\n")
    assert [each.outcome for each in found] == ["paid", "rejected"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("P-2026-000099-1,paid,", "not in the order"),
        (",paid,", "not in the order"),
        ("P-2026-000012-1,perhaps,", "neither paid nor rejected"),
        ("P-2026-000012-1,paid,60.001", "amount is another"),
        ("P-2026-000012-1,paid,sixty", "amount is another"),
        ("P-2026-000012-3,rejected,", "over already"),
    ],
)
def test_what_does_not_fit_in_all_that_it_says_is_left_out_with_the_reason(
    line: str, why: str
) -> None:
    [found] = lines(f"EndToEndId,Status,Amount\n{line}\n")
    assert why in found.wrong
    assert found.outcome == ""


def test_a_payment_that_stands_twice_counts_once_and_one_that_is_known_not_at_all() -> None:
    found = lines(
        "EndToEndId,Status\nP-2026-000012-1,paid\nBS-2026-0000001,rejected\nP-2026-000012-3,paid\n"
    )
    assert [(each.outcome, bool(each.wrong)) for each in found] == [
        ("paid", False),
        ("", True),
        ("", False),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_usual_encoding(encoding: str) -> None:
    sheet = read("Référence;Statut\nP-1;payé\n".encode(encoding))
    assert sheet.headings == ("Référence", "Statut")
    assert sheet.rows == (("P-1", "payé"),)


@pytest.mark.parametrize("content", [b"", b"one column\nonly\n", b"a;b\n", b"\x00\x01\x02"])
def test_what_is_no_table_is_refused_with_what_to_do(content: bytes) -> None:
    with pytest.raises(Invalid, match="no table"):
        read(content)


def test_ragged_lines_and_a_date_that_is_none() -> None:
    found = lines("EndToEndId,Status,Date\nP-2026-000012-1\nP-2026-000012-2,paid,soon\n")
    assert "neither" in found[0].wrong
    assert "no date" in found[1].wrong


def test_more_lines_than_any_bank_sends_are_refused() -> None:
    with pytest.raises(Invalid, match="At most"):
        read(b"a;b\n" + b"1;2\n" * (bank_answer.MOST_LINES + 1))
