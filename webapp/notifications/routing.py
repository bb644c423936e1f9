"""On which ways one piece of news reaches one person, and when. Pure: the only place that decides it.

1. What the person did not choose is not told; of others' tickets only where they want to hear of all.
2. A muted thing is silent, except where the news names the person.
3. In quiet hours nothing shows, sounds or leaves: the bell fills in silence, and what was wanted by mail or push comes
   as one summary afterwards.
4. A digest gathers mails until its time, which is never in quiet hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from webapp.notifications.kinds import APP, KINDS, MAIL, PUSH, SOUND

OFF, HOURLY, DAILY, WEEKLY = "off", "hourly", "daily", "weekly"
DIGESTS = (OFF, HOURLY, DAILY, WEEKLY)
DIGEST_HOUR = 8  # of a daily one; a weekly one comes on Mondays
DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Quiet:
    """Minutes of the day, in the person's zone. From 22:00 to 7:00 goes over midnight; alike means never."""

    start: int
    end: int


@dataclass(frozen=True)
class Wishes:
    """What one person chose. `everything`: also of tickets that they neither have nor watch."""

    ways: Mapping[str, frozenset[str]]
    zone: tzinfo
    quiet: Quiet | None = None
    digest: str = OFF
    everything: bool = True
    toasts: bool = True
    urgent_sound: bool = True


@dataclass(frozen=True)
class Piece:
    """`close`: about something the person has or watches, or addressed to them."""

    kind: str
    close: bool = True
    urgent: bool = False


@dataclass(frozen=True)
class Muted:
    """`mail_only`: only mails of the thing were ended, by the link in one."""

    mail_only: bool = False


@dataclass(frozen=True)
class Route:
    """`mail_at` and `push_at`: None means not at all. `gathered`: it leaves as part of a summary at that time."""

    bell: bool = False
    toast: bool = False
    sound: bool = False
    mail_at: datetime | None = None
    mail_gathered: bool = False
    push_at: datetime | None = None
    push_gathered: bool = False

    @property
    def leaves(self) -> bool:
        return self.mail_at is not None or self.push_at is not None


NOWHERE = Route()


def route(piece: Piece, wishes: Wishes, *, muted: Muted | None, now: datetime) -> Route:
    """`now` is aware. Never a time before it."""
    kind = KINDS[piece.kind]
    ways = wishes.ways.get(piece.kind, frozenset())
    silent = muted is not None and not muted.mail_only and not kind.personal
    if silent or not (piece.close or wishes.everything):
        return NOWHERE
    rests = is_quiet(wishes.quiet, now, wishes.zone)
    shown = APP in ways and wishes.toasts and not rests
    mailed = (
        MAIL in ways and piece.close and (muted is None or (kind.personal and not muted.mail_only))
    )
    pushed = PUSH in ways and piece.close
    gathered = kind.gathers or rests or wishes.digest != OFF
    return Route(
        bell=APP in ways,
        toast=shown,
        sound=shown and (SOUND in ways or (piece.urgent and wishes.urgent_sound)),
        mail_at=_mail_time(wishes, now) if mailed else None,
        mail_gathered=mailed and gathered,
        push_at=after_quiet(wishes.quiet, now, wishes.zone) if pushed else None,
        push_gathered=pushed and rests,
    )


def is_quiet(quiet: Quiet | None, at: datetime, zone: tzinfo) -> bool:
    if quiet is None or quiet.start == quiet.end:
        return False
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if quiet.start < quiet.end:
        return quiet.start <= minute < quiet.end
    return minute >= quiet.start or minute < quiet.end


def after_quiet(quiet: Quiet | None, at: datetime, zone: tzinfo) -> datetime:
    """`at` itself, or the end of the quiet hours that it lies in."""
    if quiet is None or not is_quiet(quiet, at, zone):
        return at
    day = at.astimezone(zone).date() - timedelta(days=1)
    ends = [
        _at(day + timedelta(days=ahead), quiet.end, zone, fold=fold)
        for ahead in range(4)
        for fold in (0, 1)  # a wall clock that is turned back shows the hour twice
    ]
    return min(end for end in ends if end > at and not is_quiet(quiet, end, zone))


def _mail_time(wishes: Wishes, now: datetime) -> datetime:
    return after_quiet(wishes.quiet, _digest_time(wishes, now), wishes.zone)


def _digest_time(wishes: Wishes, now: datetime) -> datetime:
    if wishes.digest == HOURLY:
        local = now.astimezone(wishes.zone)
        return now + timedelta(
            minutes=60 - local.minute, seconds=-local.second, microseconds=-local.microsecond
        )
    if wishes.digest not in (DAILY, WEEKLY):
        return now
    today = now.astimezone(wishes.zone).date()
    days = [today + timedelta(days=ahead) for ahead in range(9)]
    times = [
        _at(day, DIGEST_HOUR * 60, wishes.zone)
        for day in days
        if wishes.digest == DAILY or day.weekday() == 0
    ]
    return min(time for time in times if time > now)


def _at(day: date, minute: int, zone: tzinfo, *, fold: int = 0) -> datetime:
    local = datetime(
        day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone, fold=fold
    )
    return local.astimezone(UTC)
