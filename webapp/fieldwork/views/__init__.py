"""The pages of field work: for those who plan, and for those who go out."""

from webapp.fieldwork.views import (  # noqa: F401 - they add their routes
    deeds,
    device,
    dispatching,
    employees,
    field,
    found,
    job,
    jobs,
    mapped,
    of_ticket,
    planning,
    recurring,
)
from webapp.fieldwork.views.blueprint import bp

__all__ = ["bp"]
