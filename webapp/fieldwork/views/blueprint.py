from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, request, url_for
from flask_babel import gettext as _

from webapp.accounts.guards import viewer
from webapp.fieldwork import words
from webapp.fieldwork.queries import employee_of

bp = Blueprint("fieldwork", __name__)

bp.add_app_template_filter(words.state_name, "job_state")
bp.add_app_template_filter(words.move_name, "job_move")
bp.add_app_template_filter(words.field_name, "job_field")
bp.add_app_template_filter(words.why, "why_suggested")
bp.add_app_template_filter(words.every_name, "every_name")


def new_client_id() -> str:
    """For a form that is sent once: sent twice it changes nothing more."""
    return secrets.token_urlsafe(16)


bp.add_app_template_global(new_client_id, "new_client_id")


def pages_of_jobs() -> list[tuple[str, str, bool]]:
    """The tabs above every page of those who plan."""
    shown = [
        ("list_jobs", _("List")),
        ("show_board", _("Board")),
        ("dispatch", _("Assign")),
        ("show_week", _("Week")),
        ("show_map", _("Map")),
        ("list_recurring", _("Recurring")),
        ("list_employees", _("Employees")),
    ]
    if employee_of(viewer()):
        shown.append(("my_day", _("My day")))
    here = (request.endpoint or "").removeprefix("fieldwork.")
    return [(label, url_for(f"fieldwork.{name}"), name == here) for name, label in shown]


bp.add_app_template_global(pages_of_jobs, "pages_of_jobs")


def topics(*more: str) -> list[str]:
    """What a planner's page listens to."""
    return ["jobs", f"user:{viewer().id}", *more]


def choices() -> dict[str, Any]:
    """What the fields of a job's form suggest and offer."""
    from webapp.fieldwork import queries
    from webapp.tickets.states import PRIORITIES
    from webapp.tickets.words import priority_name

    return {
        "people": [(each.id, each.name) for each in queries.active_employees()],
        "skills": queries.known_skills(),
        "barangays": queries.barangays_in_use(),
        "priorities": [(each, priority_name(each)) for each in PRIORITIES],
    }
