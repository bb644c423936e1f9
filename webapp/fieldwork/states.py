"""A job's states and moves. Pure."""

from __future__ import annotations

from webapp.core.errors import IllegalTransition, Invalid

PLANNED = "planned"
ON_THE_WAY = "on_the_way"
WORKING = "working"
DONE = "done"
NOT_POSSIBLE = "not_possible"
CANCELLED = "cancelled"

STATES = (PLANNED, ON_THE_WAY, WORKING, DONE, NOT_POSSIBLE, CANCELLED)
UNFINISHED = (PLANNED, ON_THE_WAY, WORKING)
FINISHED = (DONE, NOT_POSSIBLE, CANCELLED)
NEED_REASON = (NOT_POSSIBLE, CANCELLED)
ONLY_PLANNERS = (CANCELLED,)  # decide these

# Forward first: what a page offers as its main button. Each step can be taken back.
MOVES: dict[str, tuple[str, ...]] = {
    PLANNED: (ON_THE_WAY, WORKING, NOT_POSSIBLE, CANCELLED),
    ON_THE_WAY: (WORKING, PLANNED, NOT_POSSIBLE, CANCELLED),
    WORKING: (DONE, NOT_POSSIBLE, PLANNED, CANCELLED),
    DONE: (WORKING,),
    NOT_POSSIBLE: (PLANNED, CANCELLED),
    CANCELLED: (PLANNED,),
}


def moves_of(state: str, *, plans: bool) -> tuple[str, ...]:
    """Where it can go from here. `plans`: asked by somebody who plans jobs, not only does them."""
    return tuple(new for new in MOVES[state] if plans or new not in ONLY_PLANNERS)


def check_move(state: str, new: str, *, reason: str = "", plans: bool = True) -> None:
    """Raises IllegalTransition, or Invalid where a reason is missing."""
    if state not in MOVES or new not in moves_of(state, plans=plans):
        raise IllegalTransition(f"A job cannot go from “{state}” to “{new}”.")
    if new in NEED_REASON and not reason.strip():
        words = "Say why."
        raise Invalid(words, fields={"reason": words})
