"""Readings of field work, scoped by who asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.fieldwork.queries.days import (
        board,
        day_of,
        days_between,
        local_today,
        placed_jobs,
        week_of,
    )
    from webapp.fieldwork.queries.employees import (
        absent_on,
        active_employees,
        barangays_in_use,
        employee_by_id,
        employee_of,
        employees_page,
        known_skills,
        open_jobs_of,
    )
    from webapp.fieldwork.queries.filters import ALL, NOBODY, JobFilters
    from webapp.fieldwork.queries.jobs import (
        count_by_state,
        crew_named,
        due_recurring,
        file_of,
        hearers_of,
        job_by_id,
        job_for,
        jobs_of_ticket,
        jobs_page,
        last_change,
        part_of,
        recurring_by_id,
        recurring_jobs,
    )
    from webapp.fieldwork.queries.suggested import suggestions_for, unassigned_jobs
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "ALL",
    "NOBODY",
    "JobFilters",
    "absent_on",
    "active_employees",
    "barangays_in_use",
    "board",
    "count_by_state",
    "crew_named",
    "day_of",
    "days_between",
    "due_recurring",
    "employee_by_id",
    "employee_of",
    "employees_page",
    "file_of",
    "hearers_of",
    "job_by_id",
    "job_for",
    "jobs_of_ticket",
    "jobs_page",
    "known_skills",
    "last_change",
    "local_today",
    "open_jobs_of",
    "part_of",
    "placed_jobs",
    "recurring_by_id",
    "recurring_jobs",
    "suggestions_for",
    "unassigned_jobs",
    "week_of",
]
