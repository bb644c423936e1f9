"""A transfer order for a bank: ISO 20022 pain.001.001.03 (customer credit transfer initiation). Pure.

Written here and not by a SEPA library: those know euros and two decimals, and dinars have three.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

from webapp.core.errors import Invalid
from webapp.core.money import as_text, total

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03"
LONGEST_NAME, LONGEST_ID, LONGEST_TEXT = 140, 35, 140


@dataclass(frozen=True, slots=True)
class Account:
    holder: str
    iban: str
    bic: str = ""


@dataclass(frozen=True, slots=True)
class Transfer:
    """`end_to_end`: comes back with the bank's answer. `text`: what the receiver reads."""

    end_to_end: str
    amount: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """All transfers go from `payer` to `receiver`, on `day`."""

    message_id: str
    made_at: datetime
    day: date
    currency: str
    payer: Account
    receiver: Account
    transfers: Sequence[Transfer]


def end_to_end(batch_ref: str, payment_id: int) -> str:
    """What names one payment at the bank, and in its answer."""
    return f"{batch_ref}-{payment_id}"


def document(order: Order) -> bytes:
    """The XML file. Raises Invalid where the order lacks what a bank needs."""
    _check(order)
    root = ET.Element("Document", xmlns=NAMESPACE)
    whole = ET.SubElement(root, "CstmrCdtTrfInitn")
    count = str(len(order.transfers))
    amount = as_text(total(each.amount for each in order.transfers), order.currency)
    head = ET.SubElement(whole, "GrpHdr")
    _texts(
        head,
        ("MsgId", order.message_id[:LONGEST_ID]),
        ("CreDtTm", order.made_at.strftime("%Y-%m-%dT%H:%M:%SZ")),
        ("NbOfTxs", count),
        ("CtrlSum", amount),
    )
    _texts(ET.SubElement(head, "InitgPty"), ("Nm", order.payer.holder[:LONGEST_NAME]))
    part = ET.SubElement(whole, "PmtInf")
    _texts(
        part,
        ("PmtInfId", order.message_id[:LONGEST_ID]),
        ("PmtMtd", "TRF"),
        ("NbOfTxs", count),
        ("CtrlSum", amount),
        ("ReqdExctnDt", order.day.isoformat()),
    )
    _party(part, "Dbtr", order.payer)
    _account(part, "DbtrAcct", order.payer)
    _bank(part, "DbtrAgt", order.payer)
    for transfer in order.transfers:
        _transfer(part, transfer, order)
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _check(order: Order) -> None:
    if not order.transfers:
        raise Invalid("This payment holds no transfer.")
    if not (order.payer.holder and order.payer.iban):
        raise Invalid(
            "The account that pays is not known: an admin sets it under Claims, Settings."
        )
    if not (order.receiver.holder and order.receiver.iban):
        raise Invalid("The client's account is not known: finance sets it on the client's page.")


def _transfer(part: ET.Element, transfer: Transfer, order: Order) -> None:
    one = ET.SubElement(part, "CdtTrfTxInf")
    _texts(ET.SubElement(one, "PmtId"), ("EndToEndId", transfer.end_to_end[:LONGEST_ID]))
    amount = ET.SubElement(ET.SubElement(one, "Amt"), "InstdAmt", Ccy=order.currency)
    amount.text = as_text(transfer.amount, order.currency)
    if order.receiver.bic:
        _bank(one, "CdtrAgt", order.receiver)
    _party(one, "Cdtr", order.receiver)
    _account(one, "CdtrAcct", order.receiver)
    _texts(ET.SubElement(one, "RmtInf"), ("Ustrd", transfer.text[:LONGEST_TEXT]))


def _party(parent: ET.Element, name: str, account: Account) -> None:
    _texts(ET.SubElement(parent, name), ("Nm", account.holder[:LONGEST_NAME]))


def _account(parent: ET.Element, name: str, account: Account) -> None:
    _texts(ET.SubElement(ET.SubElement(parent, name), "Id"), ("IBAN", account.iban))


def _bank(parent: ET.Element, name: str, account: Account) -> None:
    bank = ET.SubElement(ET.SubElement(parent, name), "FinInstnId")
    if account.bic:
        _texts(bank, ("BIC", account.bic))
    else:
        _texts(ET.SubElement(bank, "Othr"), ("Id", "NOTPROVIDED"))


def _texts(parent: ET.Element, *pairs: tuple[str, str]) -> None:
    for name, text in pairs:
        ET.SubElement(parent, name).text = text
