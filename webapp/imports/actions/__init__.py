"""The only writers of imports. None commits; tickets are written by the actions of tickets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.imports.actions.beginning import (
        TakenOver,
        begin,
        fail,
        read_again,
        send,
        settle,
        take,
        tell,
    )
    from webapp.imports.actions.matching import check_again, match
    from webapp.imports.actions.running import forget_old, run_some, start
    from webapp.imports.actions.undoing import undo, undo_some
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "TakenOver",
    "begin",
    "check_again",
    "fail",
    "forget_old",
    "match",
    "read_again",
    "run_some",
    "send",
    "settle",
    "start",
    "take",
    "tell",
    "undo",
    "undo_some",
]
