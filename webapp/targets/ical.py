"""Days off from an iCalendar file (RFC 5545): all-day events, also of several days. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from webapp.core.errors import Invalid

LONGEST_EVENT = 60  # days; a longer one is no holiday
MOST = 1000


def holidays(text: str) -> list[tuple[date, str]]:
    """(day, its name) of each all-day event, in order of the days. Raises Invalid for what is no calendar.

    Repeating events are taken for their first day only: calendars of holidays list each year's.
    """
    if "BEGIN:VCALENDAR" not in text:
        raise Invalid("This is no calendar file (.ics).")
    found: dict[date, str] = {}
    event: dict[str, str] | None = None
    for name, parameters, value in _lines(text):
        if name == "BEGIN" and value == "VEVENT":
            event = {}
        elif name == "END" and value == "VEVENT" and event is not None:
            for day in _days(event):
                found.setdefault(day, event.get("SUMMARY", "")[:120])
            event = None
        elif event is not None and (name == "SUMMARY" or _is_day(name, parameters, value)):
            event[name] = _unescaped(value)
    if len(found) > MOST:
        raise Invalid(f"A calendar can have {MOST} days off at most.")
    return sorted(found.items())


def _is_day(name: str, parameters: str, value: str) -> bool:
    return name in ("DTSTART", "DTEND") and ("VALUE=DATE" in parameters or len(value) == 8)


def _lines(text: str) -> Iterator[tuple[str, str, str]]:
    unfolded = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "")
    for line in unfolded.split("\n"):
        head, colon, value = line.partition(":")
        if colon:
            name, _, parameters = head.partition(";")
            yield name.upper(), parameters.upper(), value.strip()


def _days(event: dict[str, str]) -> Iterator[date]:
    first = _day(event.get("DTSTART", ""))
    if first is None:
        return
    last = _day(event.get("DTEND", "")) or first + timedelta(days=1)  # the first day after it
    for number in range(min(max((last - first).days, 1), LONGEST_EVENT)):
        yield first + timedelta(days=number)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:8])
    except ValueError:
        return None


def _unescaped(value: str) -> str:
    return value.replace("\\,", ",").replace("\\;", ";").replace("\\n", " ").replace("\\\\", "\\")
