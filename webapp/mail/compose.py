"""A mail out of templates/mail/<name>/{subject.txt,body.txt,body.html}: text and HTML, headers that thread it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from flask_babel import gettext, ngettext

from webapp.core.errors import Invalid, Misconfigured
from webapp.mail import headers
from webapp.mail.kinds import KINDS, Kind
from webapp.mail.threads import references

FOLDER = Path(__file__).parents[2] / "templates" / "mail"
LONGEST_SUBJECT = 200
LONGEST_NAME = 100

# 7 bit: also servers without 8BITMIME take it unchanged.
_POLICY = SMTP.clone(cte_type="7bit")
_EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")


@dataclass(frozen=True)
class Letter:
    """What a mail says and to whom. `earlier`: Message-IDs of its thread, oldest first; `answers`: the one of the
    person's own newest mail; `reply_to`: where an answer comes in."""

    template: str
    to_address: str
    to_name: str
    values: Mapping[str, Any]
    message_id: str
    earlier: Sequence[str] = ()
    answers: str = ""
    reply_to: str = ""
    auto_submitted: str = (
        "auto-generated"  # auto-replied: it answers a person's message; "": a person wrote it
    )
    unsubscribe: str = ""  # where one POST ends such mails
    bulk: bool = False

    @property
    def kind(self) -> Kind:
        return KINDS[self.template]


def compose(letter: Letter, *, sender: str, date: datetime) -> bytes:
    """The finished message. Raises Invalid when the recipient's address cannot be one, Misconfigured for ours."""
    sender_name, _ = parseaddr(sender)
    fields = {
        "From": _mailbox(sender_address(sender), sender_name, name="From"),
        "To": _mailbox(recipient(letter.to_address), letter.to_name, name="To"),
        "Subject": _subject(letter),
        "Date": format_datetime(date),
        "Message-ID": letter.message_id,
        # Not "All": that would silence bounces as well.
        "X-Auto-Response-Suppress": "OOF, AutoReply, RN, NRN",
        "X-Loop": sender_address(sender),
    }
    if letter.kind.automatic and letter.auto_submitted:
        fields["Auto-Submitted"] = letter.auto_submitted
    if letter.kind.bulk or letter.bulk:
        fields["Precedence"] = "bulk"
    if letter.unsubscribe:
        fields["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
        fields["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if letter.reply_to:
        fields["Reply-To"] = letter.reply_to
    if letter.earlier:
        fields["In-Reply-To"] = letter.answers or letter.earlier[-1]
        fields["References"] = headers.message_ids(references(letter.earlier))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return head.encode("ascii") + _body(letter).as_bytes(policy=_POLICY)


def subject_of(letter: Letter) -> str:
    """As a reader sees it, on one line."""
    return headers.one_line(_render(letter, "subject.txt"), most=LONGEST_SUBJECT)


def text_of(letter: Letter) -> str:
    text = headers.plain(_render(letter, "body.txt")).strip()
    return _EMPTY_LINES.sub("\n\n", text) + "\n"


def html_of(letter: Letter) -> str:
    return headers.plain(_render(letter, "body.html"))


def recipient(address: str) -> str:
    """The address as SMTP takes it. Raises Invalid when no mail can go there."""
    try:
        return headers.address_of(address)
    except ValueError:
        raise Invalid(gettext("The recipient's e-mail address cannot be used.")) from None


def sender_address(sender: str) -> str:
    """The bare address of `Name <address>`."""
    try:
        return headers.address_of(parseaddr(sender)[1])
    except ValueError:
        raise Misconfigured(
            "MAIL_DEFAULT_SENDER is wrong; it should look like: Name <address@example.org>."
        ) from None


def _mailbox(address: str, display: str, *, name: str) -> str:
    return headers.mailbox(address, headers.one_line(display, most=LONGEST_NAME), name=name)


def _subject(letter: Letter) -> str:
    return headers.text(subject_of(letter), name="Subject")


def _body(letter: Letter) -> EmailMessage:
    body = EmailMessage(policy=_POLICY)
    body["MIME-Version"] = "1.0"
    body.set_content(text_of(letter))
    body.add_alternative(html_of(letter), subtype="html")
    return body


def _render(letter: Letter, part: str) -> str:
    template = _environment().get_template(f"{letter.kind.template}/{part}")
    foot = {"unsubscribe": letter.unsubscribe, "answerable": bool(letter.reply_to)}
    return template.render({**letter.values, **foot})


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
