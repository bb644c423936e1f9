"""Where a mail belongs. Pure: what the database knows of it comes in as values.

The order is that of trust: an id or address that only the person who got our mail can know, then a number that
anybody can guess, and that counts only for somebody who belongs to the ticket already.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.inbound.bounces import OURS
from webapp.inbound.message import Incoming

REOPEN, WITHIN, NEW = "reopen", "within", "new"
CLOSED_RULES = (REOPEN, WITHIN, NEW)
_TAG = re.compile(r"\b(T-\d{4}-\d{6,})\b")
_TOKEN = re.compile(r"\+([0-9a-f]{32})@")
INTERNAL = ("agent_mention",)  # mails of ours that carry a note


@dataclass(frozen=True)
class OurMail:
    """A mail of ours that is answered. `role`: reporter, or user:4; `kind`: its template."""

    ticket_id: int
    role: str
    kind: str
    recipient: str


@dataclass(frozen=True)
class Known:
    """A ticket as the decision needs it. `staff`: addresses of its assignee and watchers."""

    ticket_id: int
    finished: bool
    finished_at: datetime | None
    reporter: str
    staff: Collection[str] = ()


# What becomes of a mail.
NEW_TICKET, LINKED, RESPONSE, STAFF_RESPONSE, NOTE = (
    "new_ticket",
    "linked",
    "response",
    "staff_response",
    "note",
)


@dataclass(frozen=True)
class Verdict:
    """`how`: thread, tag, or nothing. `reopen`: the ticket is finished and goes on."""

    what: str
    ticket_id: int | None = None
    how: str = ""
    reopen: bool = False


def our_ids(mail: Incoming) -> list[str]:
    """Message-IDs of ours that it names, newest first."""
    return [one for one in reversed(mail.references) if OURS.fullmatch(one)]


def reply_tokens(mail: Incoming) -> list[str]:
    """Tokens of the addresses that it was sent to."""
    return [found.group(1) for each in mail.recipients if (found := _TOKEN.search(each))]


def tags(mail: Incoming) -> list[str]:
    """Ticket numbers of its subject."""
    return list(dict.fromkeys(_TAG.findall(mail.subject)))


def decide(
    mail: Incoming,
    *,
    ours: OurMail | None,
    tagged: Known | None,
    of_ours: Known | None,
    rule: str,
    days: int,
    now: datetime,
) -> Verdict:
    """`ours`: the mail answered, by header or token, and `of_ours` its ticket; `tagged`: the one of the subject."""
    if ours is not None and of_ours is not None:
        what = _answer_to(ours, mail.sender.address)
        return _onto(of_ours, what, "thread", rule=rule, days=days, now=now)
    sender = mail.sender.address
    if tagged is not None and sender and sender == tagged.reporter:
        return _onto(tagged, RESPONSE, "tag", rule=rule, days=days, now=now)
    if tagged is not None and sender in tagged.staff:
        # A sender's address can be forged and a number guessed: nothing public is said in their name.
        return Verdict(NOTE, tagged.ticket_id, "tag")
    return Verdict(NEW_TICKET)


def _answer_to(ours: OurMail, sender: str) -> str:
    if ours.role == "reporter":
        return RESPONSE
    # Whoever follows somebody else's ticket, or has a colleague's mail in their hands, does not speak in public.
    if not ours.role.startswith("user:") or sender != ours.recipient:
        return NOTE
    return NOTE if ours.kind in INTERNAL else STAFF_RESPONSE


def _onto(ticket: Known, what: str, how: str, *, rule: str, days: int, now: datetime) -> Verdict:
    if what != RESPONSE or not ticket.finished:
        return Verdict(what, ticket.ticket_id, how)
    old = ticket.finished_at is not None and now - ticket.finished_at > timedelta(days=days)
    if rule == NEW or (rule == WITHIN and old):
        return Verdict(LINKED, ticket.ticket_id, how)
    return Verdict(RESPONSE, ticket.ticket_id, how, reopen=True)
