"""Several workers below one process: forked once the app is loaded, so they share most of its memory."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Sequence
from typing import TypeVar

Kind = TypeVar("Kind")

LOOK_EVERY_S = 0.5
PAUSE_S = 1.0  # before one that died starts again


def keep_running(
    kinds: Sequence[Kind], work: Callable[[Kind], None], *, told: threading.Event
) -> None:
    """A child for each of `kinds`, started again when it dies, until `told`; then each ends its task first."""
    running = {_fork(kind, work): kind for kind in kinds}
    while not told.wait(LOOK_EVERY_S):
        for pid in [pid for pid in running if _has_ended(pid)]:
            kind = running.pop(pid)
            if not told.wait(PAUSE_S):
                running[_fork(kind, work)] = kind
    for pid in running:
        os.kill(pid, signal.SIGTERM)
    for pid in running:
        os.waitpid(pid, 0)


def _fork(kind: Kind, work: Callable[[Kind], None]) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work(kind)
        code = 0
    except BaseException:  # noqa: BLE001 - a child must end here, whatever happens, and never go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _has_ended(pid: int) -> bool:
    return os.waitpid(pid, os.WNOHANG)[0] == pid
