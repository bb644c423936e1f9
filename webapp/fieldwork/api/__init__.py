"""/api/jobs and /api/employees (docs/api.md)."""

from webapp.fieldwork.api import employees, jobs  # noqa: F401 - they add their routes
from webapp.fieldwork.api.blueprint import bp

__all__ = ["bp"]
