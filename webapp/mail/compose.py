"""A mail out of templates/mail/<name>/{subject.txt,body.txt,body.html}: text and HTML, headers that thread it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from flask_babel import gettext, ngettext

from webapp.core.errors import Invalid, Misconfigured
from webapp.mail.threads import references

FOLDER = Path(__file__).parents[2] / "templates" / "mail"
LONGEST_SUBJECT = 200
LONGEST_NAME = 100

# 7 bit: also servers without 8BITMIME take it unchanged.
_POLICY = SMTP.clone(cte_type="7bit")
_TEMPLATE_NAME = re.compile(r"[a-z][a-z_]*")


@dataclass(frozen=True)
class Letter:
    """What a mail says and to whom. `earlier`: Message-IDs of its thread, oldest first."""

    template: str
    to_address: str
    to_name: str
    values: Mapping[str, Any]
    message_id: str
    earlier: Sequence[str] = ()
    auto_submitted: str = "auto-generated"  # auto-replied: it answers a person's own message


def compose(letter: Letter, *, sender: str, date: datetime) -> EmailMessage:
    """The finished message. Raises Invalid when the recipient's address cannot be one, Misconfigured for ours."""
    message = EmailMessage(policy=_POLICY)
    try:
        message["From"] = _sender(sender)
        message["To"] = recipient(letter.to_address, letter.to_name)
        message["Subject"] = one_line(_render(letter, "subject.txt"), most=LONGEST_SUBJECT)
        message["Date"] = date
        message["Message-ID"] = letter.message_id
        if letter.earlier:
            message["In-Reply-To"] = letter.earlier[-1]
            message["References"] = references(letter.earlier)
        message["Auto-Submitted"] = letter.auto_submitted
        # Not "All": that would silence bounces as well.
        message["X-Auto-Response-Suppress"] = "OOF, AutoReply, RN, NRN"
    except (ValueError, MessageError) as error:
        raise Invalid(gettext("A header of this mail cannot be written.")) from error
    message.set_content(_clean(_render(letter, "body.txt")).strip() + "\n")
    message.add_alternative(_clean(_render(letter, "body.html")), subtype="html")
    return message


def as_bytes(message: EmailMessage) -> bytes:
    return message.as_bytes(policy=_POLICY)


def recipient(address: str, name: str = "") -> Address:
    """An address for a header. Raises Invalid when no mail can go there."""
    local, at, domain = address.strip().rpartition("@")
    try:
        host = domain.encode("idna").decode("ascii")
        # Letters beyond ASCII before the @ need SMTPUTF8 all the way, which no sender can promise.
        local.encode("ascii")
        if not (local and at and host) or re.search(r"[\s,;:<>()\[\]\\\"]", address.strip()):
            raise ValueError
        return Address(one_line(name, most=LONGEST_NAME), local, host)
    except (ValueError, MessageError):
        raise Invalid(gettext("The recipient's e-mail address cannot be used.")) from None


def sender_address(sender: str) -> str:
    """The bare address of `Name <address>`."""
    return _sender(sender).addr_spec


def one_line(text: str, *, most: int) -> str:
    """No control characters, no line breaks of any kind, at most `most` characters."""
    plain = "".join(" " if _breaks(char) else char for char in _clean(text))
    plain = " ".join(plain.split())
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def _sender(sender: str) -> Address:
    name, address = parseaddr(sender)
    try:
        return recipient(address, name)
    except Invalid:
        raise Misconfigured(
            "MAIL_DEFAULT_SENDER is wrong; it should look like: Name <address@example.org>."
        ) from None


def _breaks(char: str) -> bool:
    """Control characters and the separators; joiners and marks of direction are letters' business and stay."""
    return unicodedata.category(char) in ("Cc", "Zl", "Zp")


def _clean(text: str) -> str:
    """Lone surrogates cannot be encoded, NUL ends a line for some servers."""
    return text.encode("utf-8", "replace").decode().replace("\x00", "")


def _render(letter: Letter, part: str) -> str:
    if not _TEMPLATE_NAME.fullmatch(letter.template):
        raise ValueError(f"{letter.template!r} is no mail.")
    return _environment().get_template(f"{letter.template}/{part}").render(letter.values)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=jinja2.select_autoescape(["html"], default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["paragraphs"] = _paragraphs
    return environment


def _paragraphs(text: str) -> list[str]:
    """Blocks of text between empty lines; what is in one keeps its line breaks."""
    return [block for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip()) if block]
