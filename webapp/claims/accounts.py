"""Bank account numbers: checked by their own check digits, and how much of them is ever shown. Pure."""

from __future__ import annotations

import re

_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
# ISO 13616 lengths of the countries that a desk is likely to meet; others are checked by their digits alone.
_LENGTHS = {
    "TN": 24,
    "FR": 27,
    "DE": 22,
    "IT": 27,
    "ES": 24,
    "BE": 16,
    "MT": 31,
    "MR": 27,
    "LY": 25,
}


def iban(text: str) -> str:
    """Without blanks, in capitals; "" stays empty. Raises ValueError where it cannot be an IBAN."""
    number = "".join(text.split()).upper()
    if not number:
        return ""
    length = _LENGTHS.get(number[:2])
    if not _IBAN.fullmatch(number) or (length and len(number) != length):
        raise ValueError("This is no IBAN. It should look like TN59 1000 6035 1835 9847 8831.")
    turned = number[4:] + number[:4]
    if int("".join(str(int(each, 36)) for each in turned)) % 97 != 1:
        raise ValueError(
            "The check digits of this IBAN do not fit: a digit is wrong or two are swapped."
        )
    return number


def bic(text: str) -> str:
    """As `iban`, of a bank's code (SWIFT)."""
    code = "".join(text.split()).upper()
    if code and not _BIC.fullmatch(code):
        raise ValueError("This is no BIC. It has 8 or 11 characters, such as STBKTNTT.")
    return code


def masked(number: str) -> str:
    """What audit trail and lists show of an account number."""
    return f"…{number[-4:]}" if number else ""
