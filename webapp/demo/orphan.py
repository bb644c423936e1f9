"""A child of `up` ends when `up` does, even after kill -9, by whatever means the platform has."""

import ctypes
import os
import signal
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
LOOK_EVERY_S = 1.0


def end_with_parent() -> None:
    """Arranges SIGTERM for this process when its parent ends. Does nothing unless `up` started it."""
    parent = os.environ.get("TULAY_UP_PID", "")
    if not parent.isdecimal():
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    threading.Thread(target=_watch, args=(int(parent),), daemon=True, name="orphan").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)
