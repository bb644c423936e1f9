"""Whether a person wrote a mail, and whether it may be answered by a machine. Pure.

In layers, since each sign alone is missing in some programs: two machines that answer each other never stop.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from webapp.inbound.bounces import OURS
from webapp.inbound.message import Incoming

PERSON, AUTOMATIC, BULK, BOUNCE, DELAYED, OWN = (
    "person",
    "automatic",
    "bulk",
    "bounce",
    "delayed",
    "own",
)
MOST_CONFIRMATIONS = 10  # to one sender within three hours
MOST_ALIKE = 2  # of them with an equal subject
_NO_REPLY = re.compile(
    r"^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|donotreply|noreply[-_.+].*|bounces?[-_.+]?.*|mailer-daemon|postmaster|"
    r"nobody|ne[-_.]?pas[-_.]?repondre|no[-_.]?responder)@"
)
_BULK = ("bulk", "junk", "list")
_AUTOREPLY = ("x-autoreply", "x-autorespond", "x-autoresponder")
_NO = ("no", "false", "")
_REPLY_MARK = re.compile(
    r"^\s*(?:(?:re|aw|sv|antw|rv|tr|fwd?|wg|ref|رد)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.IGNORECASE
)


@dataclass(frozen=True)
class Nature:
    """`sign`: what told it, a key of words.SIGNS. `answerable`: a confirmation may go back."""

    kind: str
    sign: str = ""
    answerable: bool = False


def nature_of(mail: Incoming, *, own: Collection[str]) -> Nature:
    """`own`: addresses from which this desk sends or reads."""
    if mail.bounce is not None:
        return Nature(BOUNCE if mail.bounce.permanent else DELAYED, "bounce")
    if _is_ours(mail, own):
        return Nature(OWN, "own")
    kind, sign = _machine(mail.signs)
    if kind:
        return Nature(kind, sign)
    return Nature(PERSON, "", answerable=_may_answer(mail))


def _is_ours(mail: Incoming, own: Collection[str]) -> bool:
    loops = mail.signs.get("x-loop", "").lower()
    return (
        mail.sender.address in own
        or bool(OURS.fullmatch(mail.message_id))
        or any(address and address in loops for address in own)
    )


def _machine(signs: dict[str, str]) -> tuple[str, str]:
    precedence = signs.get("precedence", "").strip().lower()
    said = re.split(r"[;(\s]", signs.get("auto-submitted", "no").strip().lower(), maxsplit=1)[0]
    automatic = {
        "auto-submitted": said not in ("no", ""),
        "precedence": precedence in ("auto_reply", "auto-reply"),
        **{name: signs.get(name, "no").strip().lower() not in _NO for name in _AUTOREPLY},
        "return-path": signs.get("return-path", "x").strip() == "<>",
    }
    bulk = {
        "precedence": precedence in _BULK,
        "list-id": "list-id" in signs,
        "list-unsubscribe": "list-unsubscribe" in signs,
    }
    for kind, found in ((AUTOMATIC, automatic), (BULK, bulk)):
        for sign, is_there in found.items():
            if is_there:
                return kind, sign
    return "", ""


def _may_answer(mail: Incoming) -> bool:
    asked_not_to = mail.signs.get("x-auto-response-suppress", "").lower()
    silent = any(word in asked_not_to for word in ("all", "autoreply", "oof"))
    address = mail.sender.address
    return bool(address) and not silent and not _NO_REPLY.match(address)


def may_confirm(*, sent: int, alike: int) -> bool:
    """`sent`: automatic answers to this sender in three hours; `alike`: of them with an equal subject."""
    return sent < MOST_CONFIRMATIONS and alike < MOST_ALIKE


def subject_key(subject: str) -> str:
    """The subject as it is compared: without “Re:” and numbers, which differ from mail to mail."""
    bare = re.sub(r"\d+", "#", _REPLY_MARK.sub("", subject))
    return " ".join(bare.casefold().split())[:200]
