"""Which milestones somebody has reached. Pure. A milestone's name holds its figure: `streak-7`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FIRST_LOG = "first_log"


@dataclass(frozen=True, slots=True)
class Rules:
    """What counts as a milestone, and what the desk forgives."""

    leaderboard: bool = True
    first_log: bool = True
    streak_marks: Sequence[int] = (7, 30, 100)
    hour_marks: Sequence[int] = (10, 100, 500)
    grace_days: int = 0


def reached(rules: Rules, *, logs: int, streak: int, minutes: int) -> list[str]:
    """The names of all that these figures have reached, the smallest first."""
    found = [FIRST_LOG] if rules.first_log and logs > 0 else []
    found += [f"streak-{mark}" for mark in sorted(rules.streak_marks) if streak >= mark]
    return found + [f"hours-{mark}" for mark in sorted(rules.hour_marks) if minutes >= mark * 60]
