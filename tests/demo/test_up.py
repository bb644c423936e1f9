"""`flask --app webapp up`, whole: starts, answers, heals, stops and leaves nothing behind."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.browser.running import take_other_ports
from tests.conftest import PATIENCE_S, free_port
from tests.processes import STARTS_WITHIN_S

ROOT = Path(__file__).parents[2]
OURS = (
    "SECRET_KEY",
    "TULAY_SECRET_KEYS",
    "DATABASE_URL",
    "REDIS_URL",
    "PORT",
    "BASE_URL",
    "MAIL_SERVER",
)

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("up")]


@dataclass
class Up:
    """One run of `up` in a folder of its own."""

    process: subprocess.Popen[bytes]
    log: Path
    local: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def said(self) -> str:
        return self.log.read_text()

    def wait_for(self, words: str, *, seconds: float = STARTS_WITHIN_S) -> None:
        deadline = time.monotonic() + seconds
        while words not in self.said():
            assert self.process.poll() is None, f"up ended:\n{self.said()}"
            assert time.monotonic() < deadline, f"{words!r} was never said:\n{self.said()}"
            time.sleep(0.1)

    def pids(self) -> set[int]:
        """Every process that carries this run's folder in its environment."""
        mark = f"TULAY_LOCAL={self.local}".encode()
        found = set()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                alive = "State:\tZ" not in (entry / "status").read_text()
                if alive and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.add(int(entry.name))
            except OSError:
                continue
        return found

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(STARTS_WITHIN_S)


def start(folder: Path, port: int, *, log: str = "up.log") -> Up:
    env = {name: value for name, value in os.environ.items() if name not in OURS}
    env |= {"TULAY_LOCAL": str(folder / "local"), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    env["TULAY_DEMO_EVERY"] = "2"
    take_other_ports(folder / "local")
    with (folder / log).open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "webapp", "up"],
            cwd=ROOT,
            env=env,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    return Up(process, folder / log, folder / "local", port)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    up = start(tmp_path_factory.mktemp("up"), free_port())
    try:
        up.wait_for("Ctrl-C stops everything")
        yield up
    finally:
        if up.process.poll() is None:
            up.stop()


def test_it_names_each_process_as_it_becomes_ready(running: Up) -> None:
    lines = [line.split("  ")[1] for line in running.said().splitlines() if line.startswith("  ")]
    parts = {
        "redis",
        "demo",
        "web",
        "worker",
        "scheduler",
    }
    assert parts <= {line.strip() for line in lines}


def test_it_tells_how_to_sign_in_and_keeps_it_private(running: Up) -> None:
    accounts = running.local / "accounts.txt"
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    assert stat.S_IMODE(running.local.stat().st_mode) == 0o700
    assert accounts.read_text() in running.said()
    assert [line.split()[-1] for line in accounts.read_text().splitlines()] == [
        "admin",
        "agent",
        "finance",
        "field",
    ]


@contextmanager
def signed_in(up: Up) -> Iterator[httpx.Client]:
    email, password, _role = (up.local / "accounts.txt").read_text().splitlines()[0].split()
    with httpx.Client(
        base_url=up.url, follow_redirects=True, trust_env=False, timeout=PATIENCE_S
    ) as client:
        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
        assert found
        form = {"email": email, "password": password, "csrf_token": found[1]}
        answer = client.post("/login", data=form)
        assert (answer.status_code, answer.url.path) == (200, "/")
        yield client


def test_its_pages_answer_an_admin(running: Up) -> None:
    with signed_in(running) as client:
        for path in ("/", "/tickets", "/connections", "/outbox", "/demo", "/demo/mail", "/health"):
            answer = client.get(path)
            assert (path, answer.status_code) == (path, 200)
            assert answer.url.path == path


def test_reports_of_both_upstreams_become_tickets(running: Up) -> None:
    with signed_in(running) as client:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while True:
            page = client.get("/tickets").text
            if len(re.findall(r"T-20\d\d-\d{6}", page)) > 10:
                break
            assert time.monotonic() < deadline, "no tickets came"
            time.sleep(1)


def test_what_is_killed_comes_back(running: Up) -> None:
    scheduler = child_pid(running, "scheduler")
    os.kill(scheduler, signal.SIGKILL)
    running.wait_for("scheduler       was ended by SIGKILL; starting again in 1 s")
    running.wait_for("scheduler       ticking again")
    assert child_pid(running, "scheduler") != scheduler


def test_a_second_start_on_the_same_data_is_refused(running: Up) -> None:
    second = start(running.local.parent, free_port(), log="second.log")
    assert second.process.wait(STARTS_WITHIN_S) == 1
    assert "already runs" in second.said()
    assert "Traceback" not in second.said()


def test_a_busy_port_gives_one_sentence(tmp_path: Path) -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        up = start(tmp_path, port)
        assert up.process.wait(STARTS_WITHIN_S) == 1
    assert up.said().strip() == (
        f"Error: Port {port} is in use by another program. Choose another one: PORT={port + 1} make run"
    )


def test_a_wrong_setting_gives_a_sentence_that_names_it(tmp_path: Path) -> None:
    up = start(tmp_path, "many")  # type: ignore[arg-type]
    assert up.process.wait(STARTS_WITHIN_S) == 1
    assert up.said().startswith("Error: PORT is wrong")
    assert "Traceback" not in up.said()


def test_told_to_stop_while_it_starts_it_leaves_nothing_behind(tmp_path: Path) -> None:
    up = start(tmp_path, free_port())
    up.wait_for("ready (embedded)")
    assert up.stop(signal.SIGTERM) == 0
    assert up.pids() == set()


def test_ctrl_c_leaves_nothing_behind_a_second_run_keeps_the_data_and_nothing_outlives_its_end(
    running: Up,
) -> None:
    """The last of this module: the others' desk ends here."""
    accounts = (running.local / "accounts.txt").read_text()
    assert len(running.pids()) >= 8  # lanes of workers have one process each at rest
    assert running.stop() == 0
    assert running.pids() == set()
    second = start(running.local.parent, running.port, log="again.log")
    second.wait_for("Ctrl-C stops everything")
    assert (second.local / "accounts.txt").read_text() == accounts
    assert accounts not in second.said()
    with signed_in(second) as client:
        assert client.get("/account").status_code == 200
    second.process.kill()
    second.process.wait()
    if sys.platform == "linux":  # the kernel's own way
        deadline = time.monotonic() + PATIENCE_S
        while second.pids():
            assert time.monotonic() < deadline, second.pids()
            time.sleep(0.1)


def child_pid(up: Up, name: str) -> int:
    (pid,) = (pid for pid in up.pids() if _name(pid) == name)
    return pid


def _name(pid: int) -> str:
    """As `ps -o comm` shows it; nothing for one that has ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return ""
