"""What can have happened about mail that comes in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from webapp.events.types import Fact
from webapp.tickets.events import TicketFact


@dataclass(frozen=True, kw_only=True)
class MailReturned(TicketFact):
    """A mail about the ticket could not arrive. `reason` names no address."""

    type: ClassVar[str] = "ticket.mail_returned"
    internal: ClassVar[bool] = True
    reason: str


@dataclass(frozen=True, kw_only=True)
class InboundMailFailed(Fact):
    type: ClassVar[str] = "inbound_mail.failed"
    subject_kind: ClassVar[str] = "inbound_mail"
    internal: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class InboundMailDecided(Fact):
    """A person had it taken again, or as a new ticket."""

    type: ClassVar[str] = "inbound_mail.decided"
    subject_kind: ClassVar[str] = "inbound_mail"
    internal: ClassVar[bool] = True
    as_new: bool


@dataclass(frozen=True, kw_only=True)
class MailStopLifted(Fact):
    type: ClassVar[str] = "mail_stop.lifted"
    subject_kind: ClassVar[str] = "mail_stop"
    internal: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class MailboxFailing(Fact):
    """It could not be read several times in a row. Told once, until it can be read again."""

    type: ClassVar[str] = "mailbox.failing"
    subject_kind: ClassVar[str] = "mailbox"
    internal: ClassVar[bool] = True
    error: str


@dataclass(frozen=True, kw_only=True)
class MailboxRecovered(Fact):
    """`failures`: how often it could not be read before."""

    type: ClassVar[str] = "mailbox.recovered"
    subject_kind: ClassVar[str] = "mailbox"
    internal: ClassVar[bool] = True
    failures: int


@dataclass(frozen=True, kw_only=True)
class MailboxEdited(Fact):
    """`changes`: what was set; of the password only that it was."""

    type: ClassVar[str] = "mailbox.edited"
    subject_kind: ClassVar[str] = "mailbox"
    internal: ClassVar[bool] = True
    changes: dict[str, list[str]]
