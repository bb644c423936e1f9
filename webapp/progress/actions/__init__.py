"""The only writers of progress. None commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.progress.actions.correcting import correct, mark_day, set_week
    from webapp.progress.actions.entries import (
        add_goal,
        add_skill,
        complete_goal,
        correct_log,
        edit_goal,
        edit_skill,
        log_learning,
        remove_goal,
        remove_log,
        remove_skill,
        reopen_goal,
    )
    from webapp.progress.actions.feed import (
        add_activity,
        delete_activity,
        mark_all_read,
        mark_read,
    )
    from webapp.progress.actions.noting import note_activity
    from webapp.progress.actions.portfolio import add_item, edit_item, remove_item
    from webapp.progress.actions.reaching import reach_milestones
    from webapp.progress.actions.ruling import choose_leaderboard, edit_rules
    from webapp.progress.actions.standing import reckon_standings
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "add_activity",
    "add_goal",
    "add_item",
    "add_skill",
    "choose_leaderboard",
    "complete_goal",
    "correct",
    "correct_log",
    "delete_activity",
    "edit_goal",
    "edit_item",
    "edit_rules",
    "edit_skill",
    "log_learning",
    "mark_all_read",
    "mark_day",
    "mark_read",
    "note_activity",
    "reach_milestones",
    "reckon_standings",
    "remove_goal",
    "remove_item",
    "remove_log",
    "remove_skill",
    "reopen_goal",
    "set_week",
]
