"""Jobs and employees as programs are shown them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.fieldwork.models import Employee, Job
from webapp.targets.hours import DAYS


def job_json(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "ref": job.ref,
        "client_uuid": job.client_uuid,
        "version": job.version,
        "title": job.title,
        "description": job.description,
        "place": job.place,
        "barangay": job.barangay,
        "lat": _number(job.lat),
        "lng": _number(job.lng),
        "starts_at": _time(job.starts_at),
        "ends_at": _time(job.ends_at),
        "skill": job.skill,
        "priority": job.priority,
        "state": job.state,
        "reason": job.reason,
        "ticket": job.ticket.ref if job.ticket else None,
        "resolves_ticket": job.resolves_ticket,
        "crew": [{"id": each.id, "name": each.name} for each in job.people],
        "checklist": [
            {"id": one.id, "text": one.text, "done_at": _time(one.done_at), "done_by": one.done_by}
            for one in job.items
        ],
        "parts": [
            {"id": one.id, "name": one.name, "planned": one.planned, "used": one.used}
            for one in job.parts
        ],
        "created_at": _time(job.created_at),
        "updated_at": _time(job.updated_at),
        "finished_at": _time(job.finished_at),
    }


def employee_json(employee: Employee) -> dict[str, Any]:
    return {
        "id": employee.id,
        "version": employee.version,
        "name": employee.name,
        "phone": employee.phone,
        "user": employee.user_id,
        "skills": list(employee.skills),
        "areas": list(employee.areas),
        "active": employee.active,
        "hours": {day: employee.hours.get(day, "") for day in DAYS},
        "absences": [
            {
                "first_day": one.first_day.isoformat(),
                "last_day": one.last_day.isoformat(),
                "reason": one.reason,
            }
            for one in employee.absences
        ],
        "shares_position": employee.shares_position,
        "created_at": _time(employee.created_at),
        "updated_at": _time(employee.updated_at),
    }


def _time(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
