"""What `up` started ends when `up` does, even after kill -9, by the means that the platform has.

Linux kills the child when its parent dies; elsewhere a thread looks. A program that is not ours
(Redis) runs below `python -m webapp.demo.orphan command …` where the kernel does not help.
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
LOOK_EVERY_S = 1.0

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent() -> None:
    """Kills this process when its parent ends. Does nothing unless `up` stands above it."""
    if not os.environ.get("TULAY_UP_PID"):
        return
    die_with_parent()
    if _libc is None:
        threading.Thread(
            target=_watch, args=(os.getppid(), os.getpid()), daemon=True, name="orphan"
        ).start()


def die_with_parent() -> None:
    """Linux's own way; nothing elsewhere. Also right between fork and exec."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def call_it(name: str) -> None:
    """What `ps -o comm` and `top` call this process, 15 letters at most; nothing elsewhere."""
    if _libc is not None:
        _libc.prctl(PR_SET_NAME, name.encode()[:15])


def _watch(parent: int, me: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    if os.getpid() == me:  # under gevent a fork copies this, too, and its parent is another
        os.kill(me, signal.SIGKILL)


def guard(command: list[str]) -> int:
    """Runs `command`, passes SIGTERM on, and kills it when our parent ends. Gives its exit code."""
    parent = os.getppid()
    child = subprocess.Popen(command)  # noqa: S603 - up's own command line
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: child.terminate())
    while child.poll() is None:
        if os.getppid() != parent:
            child.kill()
        time.sleep(LOOK_EVERY_S / 5)
    return child.returncode


if __name__ == "__main__":
    sys.exit(guard(sys.argv[1:]))
