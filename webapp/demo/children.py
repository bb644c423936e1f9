"""The processes that `up` looks after: start, wait until they truly answer, restart, stop."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from webapp.demo.forked import Fork
from webapp.demo.orphan import die_with_parent

READY_WITHIN_S = 60
LONGEST_PAUSE_S = 30
HEALTHY_AFTER_S = 60
LOG_LIMIT = 5 * 1024 * 1024
WORTH_SAYING = re.compile(r"level='(?:warning|error|critical)'.*?event=(.{1,110})")
MOST_LINES = 3  # per round and process; the log has them all

Say = Callable[[str, str], None]
Ready = Callable[[int], bool]


class NotReady(Exception):
    """A process ended or did not answer in time at the first start."""


@dataclass
class Child:
    """One process. `ready(pid)` asks it whether it does its work; `grace` seconds to end by itself.

    One that is `forked` is a Python program, without the `python` (demo/forked.py).
    """

    name: str
    command: list[str]
    log: Path
    ready: Ready
    says: str = "ready"
    grace: float = 4
    forked: bool = False
    process: subprocess.Popen[bytes] | Fork | None = None
    started: float = 0
    failures: int = 0
    answered: bool = False
    again_at: float = 0
    restarts: int = field(default=0)
    read_to: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def alive(self) -> bool:
        """True while the process runs."""
        return self.process is not None and self.process.poll() is None

    def start(self, environ: Mapping[str, str]) -> None:
        """Starts it in a session of its own, so that Ctrl-C reaches only `up`."""
        _shorten(self.log)
        with self.log.open("ab") as out:
            self.process = (
                Fork(self.command, out, name=self.name) if self.forked else self._run(environ, out)
            )
        self.started, self.answered = time.monotonic(), False
        self.read_to = min(self.read_to, self.log.stat().st_size)

    def _run(self, environ: Mapping[str, str], out: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own command lines
            self.command,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - one thread starts them all
        )

    def look(self) -> bool:
        """True once it has answered."""
        if not self.answered and self.alive and self.process:
            self.answered = self.ready(self.process.pid)
        return self.answered

    def ending(self) -> str:
        """How it ended, in words."""
        code = self.process.returncode if self.process else None
        if code is not None and code < 0:
            return f"was ended by {signal.Signals(-code).name}"
        return f"ended with code {code}"

    def last_words(self, lines: int = 12) -> str:
        """The end of its log."""
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def news(self) -> list[str]:
        """Warnings and errors logged since the last time, shortened; a repeated one is told once."""
        with self.log.open("rb") as log:
            log.seek(self.read_to)
            fresh = log.read(LOG_LIMIT)
        self.read_to += len(fresh)
        found = [
            words.strip("'\"") for words in WORTH_SAYING.findall(fresh.decode(errors="replace"))
        ]
        told = [words for words in dict.fromkeys(found) if words not in self.told][:MOST_LINES]
        self.told = (self.told + told)[-50:]
        return told

    def signal(self, number: int) -> None:
        """Sends a signal to its whole group; one that has ended is no error."""
        if self.alive and self.process:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return


class Family:
    """All children of one `up`, in the order of their start."""

    def __init__(self, environ: Mapping[str, str], say: Say) -> None:
        self.environ = environ
        self.say = say
        self.children: list[Child] = []

    def start(self, *children: Child) -> None:
        """Starts them together and waits until each answers. Raises NotReady."""
        for child in children:
            self.children.append(child)
            child.start(self.environ)
        waiting = list(children)
        deadline = time.monotonic() + READY_WITHIN_S
        while waiting:
            for child in [child for child in waiting if child.look()]:
                self.say(child.name, child.says)
                waiting.remove(child)
            for child in waiting:
                self._give_up_if_dead(child, deadline)
            time.sleep(0.1)

    def look_after(self) -> None:
        """One round: what has died starts again, after a pause that grows."""
        for child in self.children:
            for words in child.news():
                self.say(child.name, words)
            if child.alive:
                self._note_recovery(child)
            elif child.again_at == 0:
                self._plan_restart(child)
            elif time.monotonic() >= child.again_at:
                child.again_at = 0
                child.restarts += 1
                child.start(self.environ)

    def stop(self) -> None:
        """Ends all: asks, asks again, then kills; the last started goes first, Redis last."""
        order = list(reversed(self.children))
        for child in order[:-1]:
            child.signal(signal.SIGTERM)
        deadline = time.monotonic() + max((child.grace for child in order), default=0)
        while any(child.alive for child in order[:-1]) and time.monotonic() < deadline:
            time.sleep(0.05)
        for child in order:
            # A worker that is in the middle of a task takes its work-horse with it.
            child.signal(
                signal.SIGKILL if child.alive and child is not order[-1] else signal.SIGTERM
            )
        for child in order:
            self._bury(child)

    def _bury(self, child: Child) -> None:
        if child.process is None:
            return
        try:
            child.process.wait(3)
        except subprocess.TimeoutExpired:
            child.signal(signal.SIGKILL)
            child.process.wait()

    def _give_up_if_dead(self, child: Child, deadline: float) -> None:
        if child.alive and time.monotonic() < deadline:
            return
        reason = f"did not answer in {READY_WITHIN_S} s" if child.alive else child.ending()
        raise NotReady(
            f"{child.name} {reason}. Its log, {child.log}, ends with:\n{child.last_words()}"
        )

    def _note_recovery(self, child: Child) -> None:
        if not child.answered and child.look():
            self.say(child.name, f"{child.says} again")
        if child.failures and time.monotonic() - child.started > HEALTHY_AFTER_S:
            child.failures = 0

    def _plan_restart(self, child: Child) -> None:
        pause = min(2.0**child.failures, LONGEST_PAUSE_S)
        child.failures += 1
        child.again_at = time.monotonic() + pause
        self.say(child.name, f"{child.ending()}; starting again in {pause:.0f} s")


def _shorten(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".old.log"))
