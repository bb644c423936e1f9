"""How `up` looks after its processes, with small processes instead of the real ones."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.processes import STARTS_WITHIN_S
from webapp.demo import children
from webapp.demo.children import Child, Family, NotReady

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]


def child(tmp_path: Path, name: str = "part", command: list[str] | None = None, **more) -> Child:
    return Child(name, command or SLEEPER, tmp_path / f"{name}.log", lambda _pid: True, **more)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def family(said: list[str]) -> Iterator[Family]:
    made = Family(dict(os.environ), lambda name, text: said.append(f"{name}: {text}"))
    yield made
    made.stop()


def wait_until(condition, seconds: float = STARTS_WITHIN_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_each_says_when_it_is_ready(family: Family, said: list[str], tmp_path: Path) -> None:
    family.start(child(tmp_path, says="catching"))
    assert said == ["part: catching"]


def test_what_dies_starts_again_after_a_pause(
    family: Family, said: list[str], tmp_path: Path
) -> None:
    part = child(tmp_path)
    family.start(part)
    assert part.process
    first = part.process.pid
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not part.alive)
    family.look_after()
    assert said[-1] == "part: was ended by SIGKILL; starting again in 1 s"
    part.again_at = time.monotonic()
    family.look_after()
    family.look_after()
    assert said[-1] == "part: ready again"
    assert part.process.pid != first


def test_the_pause_grows_up_to_half_a_minute(
    family: Family, said: list[str], tmp_path: Path
) -> None:
    part = child(tmp_path, command=[sys.executable, "-c", "raise SystemExit(3)"])
    family.children.append(part)
    for _ in range(7):
        part.again_at = 0
        part.start(family.environ)
        wait_until(lambda: not part.alive)
        family.look_after()
    pauses = [int(line.split(" in ")[1].removesuffix(" s")) for line in said]
    assert pauses == [1, 2, 4, 8, 16, 30, 30]
    assert said[0].startswith("part: ended with code 3")


def test_warnings_of_a_log_are_said_once(family: Family, said: list[str], tmp_path: Path) -> None:
    part = child(tmp_path)
    family.start(part)
    with part.log.open("a") as log:
        log.write("timestamp='x' level='info' logger='a' event='all is well'\n")
        log.write("timestamp='x' level='warning' logger='a' event='Redis is away'\n")
    family.look_after()
    family.look_after()
    assert said == ["part: ready", "part: Redis is away"]


def test_one_that_cannot_start_is_told_with_its_last_words(family: Family, tmp_path: Path) -> None:
    part = child(tmp_path, command=[sys.executable, "-c", "raise SystemExit('no disk left')"])
    part.ready = lambda _pid: False
    with pytest.raises(NotReady, match="no disk left"):
        family.start(part)


def test_one_that_never_answers_is_given_up(family: Family, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(children, "READY_WITHIN_S", 0.3)
    part = child(tmp_path)
    part.ready = lambda _pid: False
    with pytest.raises(NotReady, match="did not answer"):
        family.start(part)


def test_stopping_also_ends_one_that_does_not_listen(family: Family, tmp_path: Path) -> None:
    first, deaf = child(tmp_path, "redis"), child(tmp_path, "deaf", STUBBORN, grace=0.3)
    first.grace = 0.3
    deaf.ready = lambda _pid: "deaf" in deaf.last_words()
    family.start(first, deaf)
    family.stop()
    assert not first.alive
    assert not deaf.alive


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own way is Linux only")
def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    import subprocess

    script = (
        "import os, sys, time; from pathlib import Path;"
        "from webapp.demo.children import Child;"
        f"c = Child('x', {SLEEPER!r}, Path({str(tmp_path / 'x.log')!r}), lambda p: True);"
        "c.start(os.environ); print(c.process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    wait_until(lambda: not running(pid))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="looks into /proc")
def test_a_guarded_program_ends_with_its_parent(tmp_path: Path) -> None:
    import subprocess

    guarded = [sys.executable, "-m", "webapp.demo.orphan", "sleep", "61.25"]
    script = f"import subprocess, time; subprocess.Popen({guarded!r}); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", script])
    wait_until(lambda: pids_of("sleep\x0061.25"))
    parent.kill()
    parent.wait()
    wait_until(lambda: not pids_of("sleep\x0061.25"))


def running(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def pids_of(command: str) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_text()
        except OSError:
            continue
        if line.startswith(command) and running(int(entry.name)):
            found.append(int(entry.name))
    return found
