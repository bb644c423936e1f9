"""Python programs as forks of `up`, once it has loaded what they have in common: all of them share that memory.

A program is its command line without the `python`: `-m webapp.demo.seed`, `worker.py --scheduler`.
"""

import os
import runpy
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO

from webapp.core.collecting import uncollected
from webapp.demo.orphan import call_it, die_with_parent

ALIKE = (
    "gunicorn.app.wsgiapp",
    "gunicorn.arbiter",
    "gunicorn.workers.ggevent",  # loads gevent, which patches nothing as yet
    "rq",
    "rq_scheduler",
    "sqlalchemy.dialects.sqlite.pysqlite",
    "webapp.core.pool",
    "webapp.core.starting",
    "webapp.core.ticking",
    "webapp.demo.catching",
    "webapp.demo.mynaga.start",
    "webapp.demo.open311.start",
    "webapp.demo.serving",
    "webapp.demo.ticker",
    "webapp.demo.tuniclaim.start",
    "webapp.pages",
    "webapp.schedule",
    "webapp.wiring",
)


def load() -> None:
    """Modules and nothing else: no thread, no connection, nothing that is made of settings may be forked."""
    with uncollected():
        for name in ALIKE:
            import_module(name)
        from sqlalchemy.orm import configure_mappers

        from webapp.core import loading

        loading.bring_work()
        loading.bring("forms.py")
        configure_mappers()


class Fork:
    """A program that runs in a session of its own and prints to `out`; of subprocess.Popen what `up` asks for."""

    def __init__(self, program: Sequence[str], out: IO[bytes], *, name: str) -> None:
        self.returncode: int | None = None
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if not self.pid:
            _be(program, out, name)

    def poll(self) -> int | None:
        """Its exit code, -9 where SIGKILL ended it; None as long as it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, timeout: float = float("inf")) -> int:
        """Its exit code. Raises subprocess.TimeoutExpired."""
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired([], timeout)
            time.sleep(0.02)
        return code


def run(program: Sequence[str], log: Path, *, name: str) -> int:
    """Waits for its end, and gives its exit code. Who is interrupted meanwhile ends it."""
    with log.open("wb") as out:
        fork = Fork(program, out, name=name)
    try:
        return fork.wait()
    finally:
        if fork.poll() is None:
            os.kill(fork.pid, signal.SIGKILL)
            fork.wait()


def _be(program: Sequence[str], out: IO[bytes], name: str) -> None:
    """Never returns: whatever happens, a child must not go on as its parent."""
    code = 1
    try:
        _begin_anew(out, name)
        _run(program)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001 - told in its log
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _begin_anew(out: IO[bytes], name: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.setsid()  # Ctrl-C reaches only `up`
    die_with_parent()
    call_it(name)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(out.fileno(), 1)
    os.dup2(out.fileno(), 2)
    for file in map(int, os.listdir("/dev/fd")):
        if file > 2:  # the lock on the folder is among them
            with suppress(OSError):  # the look itself had one
                os.close(file)


def _run(program: Sequence[str]) -> None:
    if program[0] == "-m":
        sys.argv = list(program[1:])
        runpy.run_module(program[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(program)
        runpy.run_path(program[0], run_name="__main__")
