"""What a list of deliveries is narrowed to, read from an address. What cannot be read does not narrow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date as Date  # noqa: N812 - a class
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import ColumnElement

from webapp.outbox.models import FINAL_STATES, OPEN_STATES, Delivery

CHANNELS = ("mail", "push", "webpush")
WAITING = ("pending", "sending", "retrying", "held")
STATES = ("waiting", *OPEN_STATES, *FINAL_STATES)
_NAMES = ("state", "channel", "target", "since", "until", "text")


@dataclass(frozen=True)
class DeliveryFilter:
    """`since`, `until`: days (inclusive) on which it was written, in the reader's zone."""

    state: str = ""
    channel: str = ""
    target: str = ""
    since: str = ""
    until: str = ""
    text: str = ""

    def as_args(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _NAMES if getattr(self, name)}

    def but(self, **values: str) -> DeliveryFilter:
        return replace(self, **values)

    def conditions(self, zone: tzinfo) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = []
        if self.state:
            states = WAITING if self.state == "waiting" else (self.state,)
            found.append(Delivery.state.in_(states))
        if self.channel:
            found.append(Delivery.channel == self.channel)
        if self.target:
            found.append(Delivery.target == self.target)
        if self.since:
            found.append(Delivery.created_at >= _start_of(self.since, zone))
        if self.until:
            found.append(Delivery.created_at < _start_of(self.until, zone, days=1))
        if self.text:
            found.append(Delivery.summary.icontains(self.text, autoescape=True))
        return found


def filter_from(args: Mapping[str, Any]) -> DeliveryFilter:
    state, channel = args.get("state", ""), args.get("channel", "")
    return DeliveryFilter(
        state=state if state in STATES else "",
        channel=channel if channel in CHANNELS else "",
        target=_clean(args.get("target", ""))[:60],
        since=_day(args.get("since", "")),
        until=_day(args.get("until", "")),
        text=_clean(args.get("text", ""))[:100],
    )


def _clean(value: Any) -> str:
    return str(value).replace("\x00", "").strip()


def _day(value: Any) -> str:
    try:
        return Date.fromisoformat(str(value)).isoformat()
    except ValueError:
        return ""


def _start_of(day: str, zone: tzinfo, *, days: int = 0) -> datetime:
    try:
        moved = Date.fromisoformat(day) + timedelta(days=days)
    except OverflowError:
        moved = Date.max
    return datetime.combine(moved, time(), zone)
