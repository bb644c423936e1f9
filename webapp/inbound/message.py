"""An RFC 5322 message as a typed value. Pure, and never an exception: what cannot be understood is kept as text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser, BytesParser
from email.policy import compat32
from email.utils import getaddresses

from webapp.inbound import bounces
from webapp.inbound.bodies import Body, File, body_of
from webapp.inbound.bounces import Bounce
from webapp.inbound.forwards import Forwarded, forwarded_in
from webapp.inbound.quotes import split_reply

LONGEST_LINE = 500
MOST_REFERENCES = 200
LONGEST_TEXT = 20_000  # as much as an answer typed here may have
_ID = re.compile(r"<[!-;=?-~]{3,250}>")
_ADDRESS = re.compile(r"[^\s@<>\"',;:]{1,64}@[A-Za-z0-9.-]{1,190}")
# What tells machines from people (see nature), as far as it stands in headers.
SIGNS = (
    "auto-submitted",
    "precedence",
    "x-auto-response-suppress",
    "list-id",
    "list-unsubscribe",
    "x-loop",
    "return-path",
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-failed-recipients",
)


@dataclass(frozen=True)
class Party:
    name: str = field(default="", repr=False)
    address: str = field(default="", repr=False)  # in lower case; "" where there is none


@dataclass(frozen=True)
class Incoming:
    """`text`: what the person wrote; `whole`: with quotes and signature. `references`: oldest first."""

    sender: Party
    recipients: tuple[str, ...] = ()
    subject: str = ""
    message_id: str = ""  # with its angle brackets; "" where there is none that can be repeated
    references: tuple[str, ...] = ()
    signs: dict[str, str] = field(default_factory=dict)
    text: str = field(default="", repr=False)
    whole: str = field(default="", repr=False)
    files: tuple[File, ...] = ()
    bounce: Bounce | None = None
    forwarded: Forwarded | None = None
    damaged: bool = False


def read(raw: bytes) -> Incoming:
    """Whatever `raw` is."""
    try:
        return _read(BytesParser(policy=compat32).parsebytes(raw), raw)
    except Exception:  # noqa: BLE001 - parts within parts without end, and what nobody has thought of yet
        return _damaged(raw)


def _read(message: Message, raw: bytes) -> Incoming:
    body = body_of(message)
    head = _head(message)
    text = plain(body.text or _afterwards(message, body))
    reply = split_reply(text)
    return Incoming(
        **head,
        text=_shorten(reply),
        whole=_shorten(text),
        files=tuple(body.files),
        bounce=bounces.bounce_in(message, head["sender"].address, head["subject"], text),
        forwarded=forwarded_in(head["subject"], text, body.nested),
    )


def _afterwards(message: Message, body: Body) -> str:
    """The raw text of a message that calls itself something else: better than nothing."""
    if body.files or message.is_multipart():
        return ""
    payload = message.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _damaged(raw: bytes) -> Incoming:
    text = plain(raw[: LONGEST_TEXT * 2].decode("utf-8", "replace"))
    try:
        head = _head(BytesHeaderParser(policy=compat32).parsebytes(raw[:100_000]))
    except Exception:  # noqa: BLE001 - the text is kept all the same
        head = {"sender": Party()}
    return Incoming(**head, text=_shorten(text), whole=_shorten(text), damaged=True)


def _head(message: Message) -> dict:  # type: ignore[type-arg]
    senders = parties(_values(message, "from")) or parties(_values(message, "sender"))
    named = [
        *_values(message, "to"),
        *_values(message, "cc"),
        *_values(message, "delivered-to"),
        *_values(message, "x-original-to"),
    ]
    ids = _ID.findall(_one(message, "message-id"))
    return {
        "sender": senders[0] if senders else Party(),
        "recipients": tuple(dict.fromkeys(each.address for each in parties(named))),
        "subject": line(decoded("".join(_values(message, "subject")[:1]))),
        "message_id": ids[0] if ids else "",
        "references": _references(message),
        "signs": {name: line(_one(message, name)) for name in SIGNS if name in message},
    }


def _references(message: Message) -> tuple[str, ...]:
    found = _ID.findall(_one(message, "references")) + _ID.findall(_one(message, "in-reply-to"))
    kept = list(dict.fromkeys(found))
    return tuple(kept[:1] + kept[1:][-MOST_REFERENCES:])


def parties(values: Sequence[str]) -> list[Party]:
    """Those of address headers who have an address."""
    try:
        pairs = getaddresses(list(values))
    except Exception:  # noqa: BLE001 - the parser is old and has its ways
        pairs = []
    found = [
        # The name is decoded last: what it hides must not become an address.
        Party(line(decoded(name)), address.lower())
        for name, address in pairs
        if _is_address(address)
    ]
    if not found:
        loose = [one for value in values for one in _ADDRESS.findall(value)]
        found = [Party("", address.lower()) for address in loose]
    return found


def _is_address(text: str) -> bool:
    return bool(_ADDRESS.fullmatch(text))


def _values(message: Message, name: str) -> list[str]:
    """As they came, also where they hold bare UTF-8."""
    return [str(value) for key, value in message.raw_items() if key.lower() == name]


def _one(message: Message, name: str) -> str:
    return "".join(_values(message, name)[:1])


def decoded(value: str) -> str:
    """A header's words, whatever charsets they name."""
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(_word(part, charset) for part, charset in parts)


def _word(part: bytes | str, charset: str | None) -> str:
    if isinstance(part, str):
        return part.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return part.decode(charset or "utf-8")
    except (LookupError, UnicodeError, ValueError):
        return part.decode("utf-8", "replace")


def line(text: str) -> str:
    return " ".join(plain(text).split())[:LONGEST_LINE]


def plain(text: str) -> str:
    """Text that can be stored: UTF-8, no NUL or other controls, line ends as \\n."""
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if (c >= " " and c != "\x7f") or c in "\n\t").strip()


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
