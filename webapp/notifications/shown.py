"""Notices as they are shown: in words, by day and by what they are about. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from flask_babel import format_date, gettext, ngettext

from webapp.notifications import kinds
from webapp.notifications.models import Notice


@dataclass
class Group:
    """Notices about one thing, newest first."""

    title: str
    url: str
    rows: list[tuple[Notice, str]] = field(default_factory=list)


@dataclass
class Day:
    words: str
    groups: list[Group] = field(default_factory=list)


def by_day(notices: Sequence[Notice], *, zone: tzinfo, now: datetime) -> list[Day]:
    """`notices`: newest first. Things stand where their newest notice of that day stands."""
    today = now.astimezone(zone).date()
    days: dict[date, dict[str, Group]] = {}
    for notice in notices:
        groups = days.setdefault(notice.at.astimezone(zone).date(), {})
        key = notice.thing or f"notice:{notice.id}"
        title = notice.title if notice.thing else ""
        group = groups.setdefault(key, Group(title, _place(notice)))
        group.rows.append((notice, in_words(notice)))
    return [Day(_day(day, today), list(groups.values())) for day, groups in days.items()]


def in_words(notice: Notice) -> str:
    if notice.count > 1:
        return _many(notice.kind, notice.count, notice.title)
    if notice.title and not notice.thing and not notice.bunch:
        return f"{notice.title}: {notice.text}" if notice.text else notice.title
    return notice.text


def _place(notice: Notice) -> str:
    """Of a thing with several notices: where its own page is."""
    return notice.url if notice.thing.startswith("ticket:") else ""


def _many(kind: str, count: int, name: str) -> str:
    match kind:
        case kinds.NEW:
            text = ngettext(
                "%(num)s new ticket from %(name)s",
                "%(num)s new tickets from %(name)s",
                count,
                name=name,
            )
        case kinds.UPDATED:
            text = ngettext(
                "%(num)s ticket updated by %(name)s",
                "%(num)s tickets updated by %(name)s",
                count,
                name=name,
            )
        case kinds.RESPONSE:
            text = ngettext(
                "%(num)s response by %(name)s", "%(num)s responses by %(name)s", count, name=name
            )
        case kinds.ASSIGNMENT:
            text = ngettext(
                "%(num)s ticket was assigned to you by %(name)s",
                "%(num)s tickets were assigned to you by %(name)s",
                count,
                name=name,
            )
        case kinds.INCIDENT:
            text = ngettext(
                "%(num)s delivery could not be sent", "%(num)s deliveries could not be sent", count
            )
        case _:
            text = ngettext("%(num)s message", "%(num)s messages", count)
    return str(text)


def _day(day: date, today: date) -> str:
    if day == today:
        return str(gettext("Today"))
    if day == today - timedelta(days=1):
        return str(gettext("Yesterday"))
    return str(format_date(day, "full"))
