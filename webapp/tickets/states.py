"""A ticket's statuses and moves. Pure."""

from __future__ import annotations

from webapp.core.errors import IllegalTransition

OPEN = "open"
IN_PROGRESS = "in_progress"
FOR_REROUTING = "for_rerouting"
RESOLVED = "resolved"
CLOSED = "closed"

STATUSES = (OPEN, IN_PROGRESS, FOR_REROUTING, RESOLVED, CLOSED)
UNFINISHED = (OPEN, IN_PROGRESS, FOR_REROUTING)
FINISHED = (RESOLVED, CLOSED)

LOW, NORMAL, HIGH, URGENT = 1, 2, 3, 4
PRIORITIES = (LOW, NORMAL, HIGH, URGENT)
LONGEST_TAG = 60
MOST_TAGS = 30  # on one ticket
PRIORITY_CODES = {LOW: "low", NORMAL: "normal", HIGH: "high", URGENT: "urgent"}  # in files

# Every move is allowed but staying: a desk must be able to undo what it did.
MOVES: dict[str, tuple[str, ...]] = {s: tuple(t for t in STATUSES if t != s) for s in STATUSES}


def check_move(status: str, new: str) -> None:
    """Raises IllegalTransition when `new` is no status or cannot follow `status`."""
    if new not in MOVES[status]:
        raise IllegalTransition(f"A ticket cannot go from “{status}” to “{new}”.")
