"""Which rule takes a new ticket, and whom of a team. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """An empty condition fits all. `people`: who of the team can take tickets, for a rule by the fewest."""

    id: int
    place: int  # as people count: the first is 1
    category: str
    barangay: str
    source: str
    team_id: int | None
    user_id: int | None
    people: tuple[int, ...] = ()


@dataclass(frozen=True)
class Case:
    """What rules look at of a ticket."""

    category: str
    refined_category: str
    barangay: str
    source: str


def first_fitting(rules: Sequence[Rule], case: Case) -> Rule | None:
    """The first that fits, in their order."""
    return next((rule for rule in rules if _fits(rule, case)), None)


def least_busy(people: Sequence[int], unfinished: Mapping[int, int]) -> int | None:
    """Who has the fewest unfinished tickets; of several, who came here first."""
    return min(people, key=lambda person: (unfinished.get(person, 0), person), default=None)


def _fits(rule: Rule, case: Case) -> bool:
    about = (case.category, case.refined_category)
    return (
        (not rule.category or any(_same(rule.category, word) for word in about))
        and (not rule.barangay or _same(rule.barangay, case.barangay))
        and (not rule.source or rule.source == case.source)
    )


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
