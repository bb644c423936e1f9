"""What follows from facts of `webapp.progress`."""

from __future__ import annotations

from webapp.events import record
from webapp.notifications import telling
from webapp.progress import actions as progress_actions
from webapp.progress import events as learning
from webapp.progress import rollups
from webapp.realtime import reactions as pages

# What follows from whatever moves somebody's figures.
_SHRANK = (rollups.add_to_day_totals, pages.show_progress)
_CORRECTED = (rollups.add_to_day_totals, progress_actions.reach_milestones, pages.show_progress)
_GREW = (*_CORRECTED[:1], progress_actions.note_activity, *_CORRECTED[1:])

REACTIONS: record.Reactions = {
    # People's progress
    learning.LearningLogged: _GREW,
    learning.LogCorrected: _CORRECTED,
    learning.LogRemoved: _SHRANK,
    learning.GoalChanged: (pages.show_progress,),
    learning.GoalCompleted: (*_GREW, telling.tell),
    learning.GoalReopened: _SHRANK,
    learning.SkillAdded: _GREW,
    learning.SkillEdited: (pages.show_progress,),
    learning.SkillRemoved: _SHRANK,
    learning.PortfolioUpdated: _GREW,
    learning.PortfolioRemoved: _SHRANK,
    learning.DayMarked: _CORRECTED,
    learning.ProgressCorrected: _CORRECTED,
    learning.MilestoneReached: (
        progress_actions.note_activity,
        telling.tell,
        pages.show_progress,
    ),
    learning.LeaderboardChosen: (),
    learning.ProgressRulesEdited: (pages.show_activity,),
}
