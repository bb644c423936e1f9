"""Header values as they stand on the wire. Pure.

Written here rather than by EmailMessage: its headers decode what looks like an encoded word in plain text, so that a
title of `=?utf-8?q?x=0D=0ABcc:…?=` adds a header, and its folding loses spaces in Arabic (both seen on Python 3.11).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from email.header import Header

LINE = 76
_NEWLINE = "\r\n"
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def plain(text: str) -> str:
    """Text that UTF-8 can hold, without NUL."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def one_line(text: str, *, most: int) -> str:
    """No control characters, no line breaks of any kind, at most `most` characters.

    Joiners and marks of direction are letters' business and stay.
    """
    flat = "".join(
        " " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in plain(text)
    )
    flat = " ".join(flat.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


def text(value: str, *, name: str) -> str:
    """Free text of one line as the value of header `name`, folded; encoded unless it is harmless ASCII."""
    if _is_harmless(value) and len(value) + len(name) + 2 <= LINE:
        return value
    return Header(value, "utf-8", maxlinelen=LINE, header_name=name).encode(linesep=_NEWLINE)


def mailbox(address: str, display: str, *, name: str) -> str:
    """`display <address>`; `address` comes from `address_of`."""
    if not display:
        return address
    if not _is_harmless(display):
        phrase = Header(display, "utf-8", maxlinelen=LINE, header_name=name).encode(
            linesep=_NEWLINE
        )
    elif _ATOMS.fullmatch(display):
        phrase = display
    else:
        phrase = '"' + display.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return (
        f"{phrase}{_NEWLINE} <{address}>"
        if len(phrase) + len(address) > LINE - 10
        else f"{phrase} <{address}>"
    )


def message_ids(ids: Sequence[str]) -> str:
    """One a line, so that no line is too long."""
    return (_NEWLINE + " ").join(ids)


def address_of(address: str) -> str:
    """The address as SMTP takes it: ASCII, its domain in IDNA. Raises ValueError when it is none.

    Letters beyond ASCII before the @ need SMTPUTF8 on the whole way, which no sender can promise.
    """
    local, _, domain = address.strip().rpartition("@")
    ascii_address = f"{local}@{domain.encode('idna').decode('ascii')}"
    if not _ADDRESS.fullmatch(ascii_address) or len(ascii_address) > 254:
        raise ValueError
    return ascii_address


def _is_harmless(value: str) -> bool:
    """Printable ASCII in which no reader could see an encoded word."""
    return value.isascii() and value.isprintable() and "=?" not in value
