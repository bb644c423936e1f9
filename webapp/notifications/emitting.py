"""What leaves for open pages. `webapp.realtime` stands beside this package; installing.py hands its functions over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from webapp.core import db

RECEIVED, CHANGED = "notification:received", "notification:changed"


@dataclass(frozen=True)
class Toast:
    """A short message. `kind`: one of notifications.kinds, or error; `url`: a path of this desk."""

    kind: str
    text: str
    url: str | None = None
    sound: bool = False

    def with_sound(self, sound: bool) -> Toast:
        return replace(self, sound=sound)


Heard = tuple[Toast, Collection[str]]  # and the topics that hear it
EmitToasts = Callable[[Sequence[Heard]], None]
EmitSignal = Callable[[Collection[str], str], None]


class _Ways:
    toasts: EmitToasts = staticmethod(lambda heard: None)
    signal: EmitSignal = staticmethod(lambda topics, name: None)


def install(toasts: EmitToasts, signal: EmitSignal) -> None:
    _Ways.toasts, _Ways.signal = staticmethod(toasts), staticmethod(signal)


def toasts(heard: Sequence[Heard]) -> None:
    """All at once: a pull that moves a page of tickets tells as many reporters' pages."""
    _Ways.toasts([(toast, sorted(topics)) for toast, topics in heard])


def received(user_ids: Collection[int]) -> None:
    """Their bells have something new; told once, after the commit."""
    for user_id in user_ids:
        db.together_after_commit(_tell_received, user_id)


def changed(user_id: int) -> None:
    """Something was read or deleted, perhaps on another device."""
    _Ways.signal([f"user:{user_id}"], CHANGED)


def _tell_received(user_ids: list[int]) -> None:
    _Ways.signal([f"user:{user_id}" for user_id in sorted(set(user_ids))], RECEIVED)
