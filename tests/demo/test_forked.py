"""Programs as forks of one process."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import os, signal, sys
open({seen!r}, "w").write(repr((sys.argv[1:], __name__, os.getsid(0) == os.getpid(), sys.stdin.read())))
print("words")
os.fstat({held})
"""
PARENT = """
import json, os, signal, sys, time
from pathlib import Path
from webapp.demo.forked import Fork, run
signal.signal(signal.SIGTERM, lambda *_: None)
print(json.dumps({expression}))
"""


def said(expression: str) -> object:
    """What a parent with one thread says of it."""
    answer = subprocess.run(
        [sys.executable, "-c", PARENT.format(expression=expression)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
        timeout=60,
    )
    return json.loads(answer.stdout)


def program(tmp_path: Path, code: str) -> str:
    path = tmp_path / "program.py"
    path.write_text(code)
    return f'run([{str(path)!r}, "--loud"], Path({str(tmp_path / "log")!r}), name="part")'


def test_it_runs_as_its_command_line_would_in_a_session_of_its_own_without_our_files(
    tmp_path: Path,
) -> None:
    seen = tmp_path / "seen"
    with (tmp_path / "held").open("w") as held:
        code = PROGRAM.format(seen=str(seen), held=held.fileno())
        assert said(program(tmp_path, code)) == 1
    assert seen.read_text() == repr((["--loud"], "__main__", True, ""))
    log = (tmp_path / "log").read_text()
    assert log.startswith("words\nTraceback")
    assert "Bad file descriptor" in log


@pytest.mark.parametrize(
    ("code", "expected", "words"),
    [
        ("", 0, ""),
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('no disk left')", 1, "no disk left\n"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM, ""),
    ],
)
def test_its_end_is_told_as_that_of_any_process(
    tmp_path: Path, code: str, expected: int, words: str
) -> None:
    assert said(program(tmp_path, code)) == expected
    assert (tmp_path / "log").read_text() == words


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own way is Linux only")
def test_it_bears_its_name(tmp_path: Path) -> None:
    assert said(program(tmp_path, "print(open('/proc/self/comm').read(), end='')")) == 0
    assert (tmp_path / "log").read_text() == "part\n"
