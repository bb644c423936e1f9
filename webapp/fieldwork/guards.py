"""What is shown to whom besides what permissions say."""

from __future__ import annotations

from webapp.accounts.guards import viewer
from webapp.accounts.roles import Permission


def has_days() -> bool:
    """Whether the sidebar leads to a day of one's own: for those who only do jobs. Who plans finds it below Jobs."""
    return not viewer().may(Permission.JOBS_PLAN)
