"""The whole desk as `make run` starts it, in a folder and on ports of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import psycopg

from tests.conftest import PATIENCE_S, ROOT, free_port
from tests.processes import STARTS_WITHIN_S
from webapp.demo.home import PREFERRED


@dataclass
class Desk:
    """`url` of the running desk; `passwords` by role; `folder` holds its state and logs."""

    folder: Path
    port: int
    process: subprocess.Popen[str] | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Raises AssertionError with the log when it is not ready after STARTS_WITHIN_S."""
        environ = {k: v for k, v in os.environ.items() if not k.startswith(("TULAY_", "MAIL_"))}
        environ |= {"TULAY_LOCAL": str(self.folder), "PORT": str(self.port), **self.extra}
        flask = Path(sys.executable).with_name("flask")
        with (self.folder / "up.log").open("w") as log:
            self.process = subprocess.Popen(
                [str(flask), "--app", "webapp", "up"],
                cwd=ROOT, env=environ, text=True, start_new_session=True,
                stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        deadline = time.monotonic() + STARTS_WITHIN_S
        while "Tulay is at" not in self.log():
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < deadline, self.log()
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGINT)
            try:
                self.process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)

    def log(self) -> str:
        return (self.folder / "up.log").read_text()

    def account(self, role: str) -> tuple[str, str]:
        """(e-mail, password) of the account with `role`."""
        for line in (self.folder / "accounts.txt").read_text().splitlines():
            email, password, found = line.split()
            if found == role:
                return email, password
        raise KeyError(role)

    def upstream(self, name: str) -> str:
        """Base address of `mynaga` or `open311`."""
        return f"http://127.0.0.1:{json.loads((self.folder / 'ports.json').read_text())[name]}"

    def order(self, name: str, **order: object) -> dict[str, object]:
        """Tell a demo upstream what to do, see webapp/demo/control.py."""
        answer = httpx.post(
            f"{self.upstream(name)}/_control", json=order, timeout=PATIENCE_S, trust_env=False
        )
        assert answer.status_code == 200, answer.text
        result: dict[str, object] = answer.json()
        return result

    def state(self, name: str) -> dict[str, object]:
        result: dict[str, object] = httpx.get(
            f"{self.upstream(name)}/_control", timeout=PATIENCE_S, trust_env=False
        ).json()
        return result

    def redis_url(self) -> str:
        keys = json.loads((self.folder / "keys.json").read_text())
        ports = json.loads((self.folder / "ports.json").read_text())
        return f"redis://:{keys['REDIS_PASSWORD']}@127.0.0.1:{ports['redis']}/0"

    def processes(self, name: str) -> list[psutil.Process]:
        """Children of `up` of this name."""
        assert self.process
        family = psutil.Process(self.process.pid).children(recursive=True)
        return [each for each in family if _name(each) == name]


def _name(process: psutil.Process) -> str:
    try:
        name: str = process.name()
    except psutil.Error:
        return ""
    return name


def new_desk(folder: Path, **extra: str) -> Desk:
    """Not started yet; on PostgreSQL with a database of its own where TEST_DATABASE_URL says so."""
    desk = Desk(folder, free_port(), extra={"TULAY_DEMO_EVERY": "3600", **extra})
    take_other_ports(folder)
    server = os.environ.get("TEST_DATABASE_URL")
    if server:
        name = f"tulay_desk_{desk.port}"
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"')
        desk.extra["DATABASE_URL"] = server.rsplit("/", 1)[0] + "/" + name
    return desk


def take_other_ports(folder: Path) -> None:
    """Not the usual ports: another desk on this machine may be about to take them."""
    known = folder / "ports.json"
    if not known.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        known.write_text(json.dumps({name: free_port() for name in PREFERRED}))


def drop_database(desk: Desk) -> None:
    server, url = os.environ.get("TEST_DATABASE_URL"), desk.extra.get("DATABASE_URL")
    if server and url:
        with psycopg.connect(server, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE IF EXISTS "{url.rsplit("/", 1)[1]}" WITH (FORCE)')
