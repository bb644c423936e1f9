"""What becomes of people's progress. Facts carry figures and days, never what was learnt: admins read the trail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from webapp.events.types import Fact


@dataclass(frozen=True, kw_only=True)
class ProgressFact(Fact):
    """`subject_id`: the person. `day`: of their own calendar, ISO; `offset`: of their zone then, in minutes."""

    subject_kind: ClassVar[str] = "progress"
    internal: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class LearningLogged(ProgressFact):
    type: ClassVar[str] = "progress.logged"
    log_id: int
    day: str
    offset: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class LogCorrected(ProgressFact):
    type: ClassVar[str] = "progress.log_corrected"
    log_id: int
    old_day: str
    old_minutes: int
    day: str
    offset: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class LogRemoved(ProgressFact):
    type: ClassVar[str] = "progress.log_removed"
    log_id: int
    day: str
    offset: int
    minutes: int


@dataclass(frozen=True, kw_only=True)
class GoalCompleted(ProgressFact):
    type: ClassVar[str] = "progress.goal_completed"
    goal_id: int
    day: str
    offset: int


@dataclass(frozen=True, kw_only=True)
class GoalReopened(ProgressFact):
    """Also of a completed one that was removed. `day`: on which it had been completed."""

    type: ClassVar[str] = "progress.goal_reopened"
    goal_id: int
    day: str
    offset: int
    removed: bool = False


@dataclass(frozen=True, kw_only=True)
class GoalChanged(ProgressFact):
    """`what`: made, edited, removed."""

    type: ClassVar[str] = "progress.goal_changed"
    goal_id: int
    what: str


@dataclass(frozen=True, kw_only=True)
class SkillAdded(ProgressFact):
    type: ClassVar[str] = "progress.skill_added"
    skill_id: int
    day: str
    offset: int


@dataclass(frozen=True, kw_only=True)
class SkillEdited(ProgressFact):
    """`changes`: of the level alone."""

    type: ClassVar[str] = "progress.skill_edited"
    skill_id: int
    changes: dict[str, list[Any]]


@dataclass(frozen=True, kw_only=True)
class SkillRemoved(ProgressFact):
    type: ClassVar[str] = "progress.skill_removed"
    skill_id: int
    day: str
    offset: int


@dataclass(frozen=True, kw_only=True)
class PortfolioUpdated(ProgressFact):
    """`new`: it was added, else it was edited."""

    type: ClassVar[str] = "progress.portfolio_updated"
    item_id: int
    day: str
    offset: int
    new: bool


@dataclass(frozen=True, kw_only=True)
class PortfolioRemoved(ProgressFact):
    """`day`: on which it had been added."""

    type: ClassVar[str] = "progress.portfolio_removed"
    item_id: int
    day: str
    offset: int


@dataclass(frozen=True, kw_only=True)
class DayMarked(ProgressFact):
    """The day counts for the streak."""

    type: ClassVar[str] = "progress.day_marked"
    day: str
    offset: int


@dataclass(frozen=True, kw_only=True)
class ProgressCorrected(ProgressFact):
    """`by`: figure (as in DayTotal) → how much more."""

    type: ClassVar[str] = "progress.corrected"
    day: str
    offset: int
    by: dict[str, int]
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class MilestoneReached(ProgressFact):
    type: ClassVar[str] = "progress.milestone"
    name: str


@dataclass(frozen=True, kw_only=True)
class LeaderboardChosen(ProgressFact):
    """The person stands on the leaderboard from now on, or no longer."""

    type: ClassVar[str] = "progress.leaderboard_chosen"
    shown: bool


@dataclass(frozen=True, kw_only=True)
class ProgressRulesEdited(Fact):
    type: ClassVar[str] = "progress.rules_edited"
    subject_kind: ClassVar[str] = "progress_rules"
    internal: ClassVar[bool] = True
    changes: dict[str, list[Any]]
