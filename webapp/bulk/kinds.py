"""What can be done to many. create_app hands the way to the table over; this package knows none of the kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from webapp.events.types import Actor


class Before(dict[str, Any]):
    """It was done; this is what is needed to take it back."""


# (subject's id, args, actor) → "" or Before when it was done, else why it was left as it is. In a savepoint of its own.
Step = Callable[[int, Mapping[str, Any], Actor], str | Before]
# (subject's id, what it was before, actor) → "" when it was taken back, else why it was not, or not wholly.
Undo = Callable[[int, Mapping[str, Any], Actor], str]
# (subjects' ids) → what was read and locked for the next steps, held while they are done.
Ready = Callable[[Sequence[int]], object]
Listener = Callable[[str], None]


@dataclass(frozen=True)
class Kinds:
    """`readies`: of kinds whose steps can be done some together, what is read for them beforehand."""

    steps: Mapping[str, Step]
    undos: Mapping[str, Undo]
    readies: Mapping[str, Ready]


class _Installed:
    bring: Callable[[], Kinds]
    listeners: ClassVar[list[Listener]] = []


def install(bring: Callable[[], Kinds], *, moved: Listener) -> None:
    """`bring` gives the table when it is first needed. `moved(scope)` runs in the transaction of each batch; it may
    only ask for things after commit."""
    _Installed.bring = staticmethod(bring)
    _Installed.listeners[:] = [moved]


def step(kind: str) -> Step:
    """Raises KeyError."""
    return _Installed.bring().steps[kind]


def undo(kind: str) -> Undo:
    """Raises KeyError."""
    return _Installed.bring().undos[kind]


def ready(kind: str) -> Ready | None:
    """None: its steps are done one by one."""
    return _Installed.bring().readies.get(kind)


def can_undo(kind: str) -> bool:
    return kind in _Installed.bring().undos


def tell(scope: str) -> None:
    for each in _Installed.listeners:
        each(scope)
