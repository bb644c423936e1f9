"""A job's and an employee's fields as texts: what forms show, and what two people's changes are compared by."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from webapp.fieldwork.models import Employee, Job
from webapp.targets.hours import DAYS
from webapp.tickets.texts import clean_line, clean_text

JOB_FIELDS = (
    "title", "description", "place", "barangay", "lat", "lng", "starts_at", "ends_at", "skill",
    "priority", "ticket", "resolves_ticket", "crew",
)  # fmt: skip
EMPLOYEE_FIELDS = ("name", "phone", "user", "skills", "areas", "active", *DAYS)
_TIMES, _LISTS = {"starts_at", "ends_at"}, {"skills", "areas"}
LOCAL = "%Y-%m-%dT%H:%M"  # what <input type="datetime-local"> wants


def job_values(job: Job, *, zone: tzinfo | None = None) -> dict[str, str]:
    """`zone`: times as they are typed there; without, in UTC with the offset."""
    return {
        "title": job.title,
        "description": job.description,
        "place": job.place,
        "barangay": job.barangay,
        "lat": _degrees(job.lat),
        "lng": _degrees(job.lng),
        "starts_at": time_text(job.starts_at, zone),
        "ends_at": time_text(job.ends_at, zone),
        "skill": job.skill,
        "priority": str(job.priority),
        "ticket": job.ticket.ref if job.ticket else "",
        "resolves_ticket": "1" if job.resolves_ticket else "",
        "crew": ",".join(str(one.employee_id) for one in job.crew),
    }


def employee_values(employee: Employee) -> dict[str, str]:
    return {
        "name": employee.name,
        "phone": employee.phone,
        "user": str(employee.user_id or ""),
        "skills": ", ".join(employee.skills),
        "areas": ", ".join(employee.areas),
        "active": "1" if employee.active else "",
        **{day: str(employee.hours.get(day, "")) for day in DAYS},
    }


def as_sent(fields: Mapping[str, Any], *, zone: tzinfo | None = None) -> dict[str, str]:
    """What a form or a program sent, written as above. What cannot be read stays, for the form to say so."""
    return {name: _canonical(name, _text(value), zone) for name, value in fields.items()}


def time_text(value: datetime | None, zone: tzinfo | None) -> str:
    if value is None:
        return ""
    return value.astimezone(zone).strftime(LOCAL) if zone else value.astimezone(UTC).isoformat()


def names_in(text: str) -> list[str]:
    """What stands between commas, each once."""
    found: dict[str, str] = {}
    for part in text.split(","):
        if name := clean_line(part):
            found.setdefault(name.casefold(), name)
    return list(found.values())


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, list | tuple):
        return ",".join(_text(one.get("id", "") if isinstance(one, dict) else one) for one in value)
    return str(value)


def _canonical(name: str, text: str, zone: tzinfo | None) -> str:
    if name == "description":
        return clean_text(text)
    text = clean_line(text)
    if name in _TIMES:
        return _time(text, zone)
    if name in _LISTS:
        return ", ".join(names_in(text))
    writers = {"lat": _degree_text, "lng": _degree_text, "crew": _numbers, **_FLAGS}
    return writers[name](text) if name in writers else text


def _numbers(text: str) -> str:
    keys = {part.strip() for part in text.split(",")} - {""}
    return ",".join(sorted(keys, key=lambda key: (len(key), key)))


def _flag(text: str) -> str:
    return "" if text.lower() in ("", "0", "no", "false", "off") else "1"


def _time(text: str, zone: tzinfo | None) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return time_text(moment if moment.tzinfo else moment.replace(tzinfo=zone or UTC), zone)


def _degree_text(text: str) -> str:
    try:
        return _degrees(Decimal(text))
    except InvalidOperation:
        return text


def _degrees(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.6f}"


_FLAGS = {"resolves_ticket": _flag, "active": _flag}
