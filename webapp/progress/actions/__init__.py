"""The only writers of progress. None commits."""

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
    note_activity,
)
from webapp.progress.actions.portfolio import add_item, edit_item, remove_item
from webapp.progress.actions.reaching import reach_milestones
from webapp.progress.actions.ruling import choose_leaderboard, edit_rules
from webapp.progress.actions.standing import reckon_standings

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
