"""What leaves for open pages. `webapp.realtime` stands beside this package; reactions.py hands its functions over."""

from __future__ import annotations

from collections.abc import Callable, Collection
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


EmitToast = Callable[[Toast, Collection[str]], None]
EmitSignal = Callable[[Collection[str], str], None]


class _Ways:
    toast: EmitToast = staticmethod(lambda toast, topics: None)
    signal: EmitSignal = staticmethod(lambda topics, name: None)


def install(toast: EmitToast, signal: EmitSignal) -> None:
    _Ways.toast, _Ways.signal = staticmethod(toast), staticmethod(signal)


def toast(message: Toast, topics: Collection[str]) -> None:
    _Ways.toast(message, sorted(topics))


def received(user_ids: Collection[int]) -> None:
    """Their bells have something new; told once, after the commit."""
    for user_id in user_ids:
        db.together_after_commit(_tell_received, user_id)


def changed(user_id: int) -> None:
    """Something was read or deleted, perhaps on another device."""
    _Ways.signal([f"user:{user_id}"], CHANGED)


def _tell_received(user_ids: list[int]) -> None:
    _Ways.signal([f"user:{user_id}" for user_id in sorted(set(user_ids))], RECEIVED)
