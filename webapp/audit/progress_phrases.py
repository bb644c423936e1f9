"""How facts about people's progress are told."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

TABLE: dict[str, tuple[str, str, Any]] = {
    "progress.logged": ("clock", "green", _l("%(who)s logged %(minutes)s minutes for %(day)s")),
    "progress.log_corrected": (
        "pencil",
        "amber",
        _l(
            "%(who)s corrected a log: %(old_minutes)s minutes of %(old_day)s → %(minutes)s of %(day)s"
        ),
    ),
    "progress.log_removed": (
        "trash-2",
        "amber",
        _l("%(who)s deleted a log of %(minutes)s minutes of %(day)s"),
    ),
    "progress.goal_changed": ("pencil", "grey", _l("%(who)s changed a goal")),
    "progress.goal_completed": ("check", "green", _l("%(who)s reached a goal")),
    "progress.goal_reopened": ("undo-2", "amber", _l("%(who)s took a reached goal back")),
    "progress.skill_added": ("layers", "green", _l("%(who)s added a skill")),
    "progress.skill_edited": ("layers", "grey", _l("%(who)s changed a skill")),
    "progress.skill_removed": ("trash-2", "amber", _l("%(who)s deleted a skill")),
    "progress.portfolio_updated": ("file-text", "grey", _l("%(who)s changed the portfolio")),
    "progress.portfolio_removed": (
        "trash-2",
        "amber",
        _l("%(who)s deleted a piece of the portfolio"),
    ),
    "progress.day_marked": ("check", "grey", _l("%(day)s counts for the streak of %(what)s")),
    "progress.corrected": ("pencil", "amber", _l("%(who)s corrected the figures of %(what)s")),
    "progress.milestone": ("shield", "purple", _l("%(what)s reached the milestone %(name)s")),
    "progress.leaderboard_chosen": ("chart-bar", "grey", _l("%(who)s chose about the leaderboard")),
    "progress.rules_edited": (
        "settings",
        "grey",
        _l("%(who)s changed the rules of progress: %(fields)s"),
    ),
}
