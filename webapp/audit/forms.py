"""The trail's filters, as they stand in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from webapp.core.forms import number_from

ACTOR_KINDS = ("user", "reporter", "connection", "system")
SUBJECT_KINDS = (
    "ticket",
    "cluster",
    "bordereau",
    "bulletin",
    "payment_batch",
    "client",
    "contract",
    "connection",
    "delivery",
    "user",
    "desk",
    "claim_settings",
    "claim_list",
    "ticket_list",
    "view",
    "import",
    "job",
    "employee",
    "recurring_job",
    "audit",
)
_LONGEST = 80


@dataclass(frozen=True)
class Filter:
    """What the trail is narrowed to. Empty: not narrowed. Days are whole days of the viewer's zone."""

    actor: str = ""  # a kind, or kind:id
    subject: str = ""  # a kind, or kind:id
    type: str = ""
    since: date | None = None
    until: date | None = None

    def as_args(self) -> dict[str, Any]:
        """For the address: only what is set."""
        values = {
            "actor": self.actor,
            "subject": self.subject,
            "type": self.type,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in values.items() if value}

    def start(self, zone: ZoneInfo) -> datetime | None:
        return datetime.combine(self.since, time(), zone) if self.since else None

    def end(self, zone: ZoneInfo) -> datetime | None:
        """The first moment after the last day."""
        return (
            datetime.combine(self.until + timedelta(days=1), time(), zone) if self.until else None
        )


def filter_from(args: Mapping[str, str]) -> Filter:
    """A filter from an address. What cannot be read does not narrow: an old link never breaks."""
    return Filter(
        actor=_one(args.get("actor", ""), ACTOR_KINDS),
        subject=_one(args.get("subject", ""), SUBJECT_KINDS),
        type=args.get("type", "")[:_LONGEST],
        since=_day(args.get("since", "")),
        until=_day(args.get("until", "")),
    )


def split(value: str) -> tuple[str, int | None]:
    """`user:3` → (user, 3); `user` → (user, None)."""
    kind, _, number = value.partition(":")
    return kind, number_from(number)


def _one(value: str, kinds: tuple[str, ...]) -> str:
    kind, number = split(value)
    if kind not in kinds:
        return ""
    return kind if number is None else f"{kind}:{number}"


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Room for a zone's offset at both ends of what a date can hold.
    return day if 1970 <= day.year <= 9000 else None
