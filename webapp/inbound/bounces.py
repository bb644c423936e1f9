"""Mails that say that a mail did not arrive: RFC 3464, and the plain ones that are still about. Pure.

Anybody can write one. So it counts only where it names a Message-ID of ours, which nobody can guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

OURS = re.compile(r"<tulay\.[0-9a-f]{32}@[A-Za-z0-9.-]{1,190}>")
_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster|mail-daemon|mdaemon)@")
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failure|has failed|incomplete|delayed)|mail delivery|returned mail|"
    r"failure notice|non remis|unzustellbar|no se pudo entregar|devuelto|could not be delivered",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b([45]\.\d{1,3}\.\d{1,3})\b")
_SMTP = re.compile(r"\b([45])\d\d[ -]")
_LATER = re.compile(
    r"delayed|will (?:be )?retr|keep trying|not yet been delivered|warning: message", re.IGNORECASE
)
LONGEST_REASON = 300


@dataclass(frozen=True)
class Bounce:
    """`message_id`: of our mail, "" where it names none. `reason`: the server's, may hold addresses."""

    permanent: bool
    message_id: str = ""
    status: str = ""
    reason: str = field(default="", repr=False)


def bounce_in(message: Message, sender: str, subject: str, text: str) -> Bounce | None:
    report = _report(message)
    if report is not None:
        return report
    from_nobody = str(message.get("return-path", "")).strip() == "<>"
    if _DAEMON.match(sender) or (from_nobody and _SUBJECT.search(subject)):
        return _plain(message, subject, text)
    if message.get("x-failed-recipients") and _SUBJECT.search(subject):
        return _plain(message, subject, text)
    return None


def _report(message: Message) -> Bounce | None:
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        blocks = part.get_payload()
        fields = (
            [each for each in blocks if isinstance(each, Message)]
            if isinstance(blocks, list)
            else []
        )
        for block in fields:
            action = str(block.get("action", "")).strip().lower()
            if action in ("failed", "delayed"):
                status = str(block.get("status", "")).strip()
                reason = " ".join(str(block.get("diagnostic-code", "")).split())
                final = action == "failed" and not status.startswith("4")
                return Bounce(final, _our_id(message), status[:20], reason[:LONGEST_REASON])
        return Bounce(False, _our_id(message))
    return None


def _plain(message: Message, subject: str, text: str) -> Bounce:
    code, smtp = _CODE.search(text), _SMTP.search(text)
    status = code.group(1) if code else ""
    kind = status[:1] or (smtp.group(1) if smtp else "")
    later = bool(_LATER.search(subject) or (kind != "5" and _LATER.search(text)))
    told = next((line for line in text.split("\n") if _CODE.search(line) or _SMTP.search(line)), "")
    permanent = kind == "5" and not later
    return Bounce(permanent, _our_id(message), status, told.strip()[:LONGEST_REASON])


def _our_id(message: Message) -> str:
    """Our mail's, from the copy of it or of its headers, or from the text."""
    for part in message.walk():
        if part is not message and part.get("message-id"):
            found = OURS.search(str(part.get("message-id")))
            if found:
                return found.group()
    for part in message.walk():
        if part.get_content_maintype() == "text":
            payload = part.get_payload(decode=True)
            found = OURS.search(payload.decode("latin-1")) if isinstance(payload, bytes) else None
            if found:
                return found.group()
    return ""
