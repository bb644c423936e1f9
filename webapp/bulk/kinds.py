"""What can be done to many. create_app hands the table over; this package knows none of the kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from webapp.events.types import Actor

# (subject's id, args, actor) → "" when it was done, else why it was left as it is. Runs in a savepoint of its own.
Step = Callable[[int, Mapping[str, Any], Actor], str]
Listener = Callable[[str], None]

_steps: dict[str, Step] = {}
_listeners: list[Listener] = []


def install(steps: Mapping[str, Step], *, moved: Listener) -> None:
    """`moved(scope)` runs in the transaction of each batch; it may only ask for things after commit."""
    _steps.clear()
    _steps.update(steps)
    _listeners[:] = [moved]


def step(kind: str) -> Step:
    """Raises KeyError."""
    return _steps[kind]


def tell(scope: str) -> None:
    for each in _listeners:
        each(scope)
