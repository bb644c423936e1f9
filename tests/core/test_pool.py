"""Processes below one process: who stays, who comes, who is started again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEGIN = """
import os, signal, threading, time
from dataclasses import dataclass
from webapp.core import pool

@dataclass(frozen=True)
class Kind:
    name: str
    most: int

told = threading.Event()
pool.LOOK_EVERY_S = pool.PAUSE_S = 0.05
"""
COMING = (
    BEGIN
    + """
asked = []
def waits(kind):
    asked.append(kind.name)
    if asked.count("many") == 4:  # the third that came has ended, and so has said what it is
        told.set()
    return not told.is_set()
def work(place):
    place.at_work = place.kind.name != "idle"
    os.write(1, f"{place.kind.name} {'stays' if place.stays else 'comes'}\\n".encode())
    while place.stays:
        time.sleep(60)
pool.keep_running([Kind("one", 1), Kind("many", 2), Kind("idle", 2)], work, waits=waits, told=told)
print(sorted(set(asked)))
"""
)
DYING = (
    BEGIN
    + """
def work(place):
    os.write(1, f"{place.kind.name}\\n".encode())
    if place.kind.name == "weak":
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60)
def waits(kind):
    return False
ended = []
has_ended = pool._has_ended
def look(pid):
    if has_ended(pid):
        ended.append(pid)
        if len(ended) == 2:
            told.set()
        return True
    return False
pool._has_ended = look
pool.keep_running([Kind("weak", 1), Kind("strong", 1)], work, waits=waits, told=told)
"""
)


def said(code: str) -> list[str]:
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    return answer.stdout.splitlines()


def test_one_of_each_kind_stays_and_another_comes_while_all_are_at_work_and_something_waits() -> (
    None
):
    *lines, asked = said(COMING)
    assert sorted(lines) == [
        "idle stays",
        "many comes",
        "many comes",
        "many comes",
        "many stays",
        "one stays",
    ]
    assert asked == "['many']", "the others have as many as they may, or have one that is free"


def test_one_that_dies_and_should_have_stayed_is_started_again() -> None:
    assert sorted(said(DYING)) == ["strong", "weak", "weak"]
