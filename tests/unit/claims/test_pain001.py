"""The order for the bank is valid by its own schema (as the package sepaxml carries it), whatever people's names are."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import sepaxml
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from webapp.claims import pain001
from webapp.core.errors import Invalid

SCHEMA = xmlschema.XMLSchema(str(Path(sepaxml.__file__).parent / "schemas/pain.001.001.03.xsd"))
PAYER = pain001.Account("STAR Assurances", "TN5910006035183598478831", "STBKTNTT")
STEG = pain001.Account("Société tunisienne de l'électricité", "TN5910006035183598478831")
IN_XML = {"p": f"{{{pain001.NAMESPACE}}}"}


def order(*transfers: pain001.Transfer, receiver: pain001.Account = STEG) -> pain001.Order:
    return pain001.Order(
        message_id="P-2026-000012-20261128120000",
        made_at=datetime(2026, 11, 28, 12, tzinfo=UTC),
        day=date(2026, 12, 1),
        currency="TND",
        payer=PAYER,
        receiver=receiver,
        transfers=transfers,
    )


def test_an_order_is_valid_and_its_sums_are_exact() -> None:
    written = pain001.document(
        order(
            pain001.Transfer("P-2026-000012-1", Decimal("60.1"), "BS-1 M-1"),
            pain001.Transfer("P-2026-000012-2", Decimal("0.205"), "BS-2 يوسف"),
        )
    )
    read = SCHEMA.to_dict(written.decode())
    assert read["CstmrCdtTrfInitn"]["GrpHdr"]["CtrlSum"] == Decimal("60.305")
    [part] = read["CstmrCdtTrfInitn"]["PmtInf"]
    assert [each["Amt"]["InstdAmt"]["$"] for each in part["CdtTrfTxInf"]] == [
        Decimal("60.100"),
        Decimal("0.205"),
    ]
    assert part["CdtTrfTxInf"][0]["Amt"]["InstdAmt"]["@Ccy"] == "TND"
    assert b"60.100" in written
    assert part["DbtrAgt"]["FinInstnId"] == {"BIC": "STBKTNTT"}


@given(
    name=st.text(
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
        min_size=1,
    ).filter(str.strip),
    text=st.text(
        st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"),
        min_size=1,
    ).filter(str.strip),
    amount=st.decimals(min_value="0.001", max_value=10**9, places=3),
)
def test_whatever_the_names_are_the_order_is_valid(name: str, text: str, amount: Decimal) -> None:
    receiver = pain001.Account(name, STEG.iban, "BIATTNTT")
    SCHEMA.validate(
        pain001.document(
            order(pain001.Transfer("x" * 60, amount, text), receiver=receiver)
        ).decode()
    )


def test_an_order_that_a_bank_could_not_use_is_refused_with_what_to_do() -> None:
    transfer = pain001.Transfer("1", Decimal(1), "x")
    with pytest.raises(Invalid, match="client's account"):
        pain001.document(order(transfer, receiver=pain001.Account("STEG", "")))
    with pytest.raises(Invalid, match="no transfer"):
        pain001.document(order())
