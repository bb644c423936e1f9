"""Ready-made employees and jobs for the tests of this package."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from webapp.core.db import transaction
from webapp.events.types import SYSTEM
from webapp.fieldwork import actions
from webapp.fieldwork.models import Employee, Job

NINE = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # a Monday, nine o'clock in Naga


def make_employee(name: str = "Felix", **values: Any) -> Employee:
    with transaction():
        return actions.create_employee({"name": name, **values}, actor=SYSTEM)


def make_job(title: str = "Replace the lamp", crew: tuple[Employee, ...] = (), **more: Any) -> Job:
    options = {name: more.pop(name) for name in ("ticket", "checklist", "parts") if name in more}
    with transaction():
        job, _is_new = actions.create_job(
            {"title": title, **more}, actor=SYSTEM, crew=crew, **options
        )
        return job
