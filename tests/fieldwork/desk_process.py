"""The desk as a process of its own, with the test's database, that can be killed and comes back at its address."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import psutil

from tests.conftest import ROOT, free_port
from tests.processes import STARTS_WITHIN_S, kill_family
from webapp.core.settings import Settings


class DeskProcess:
    def __init__(self, settings: Settings, log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.kills = 0
        self._log = log
        self._environ = os.environ | {
            "SECRET_KEY": settings.secret_key.get_secret_value(),
            "TULAY_SECRET_KEYS": ",".join(k.get_secret_value() for k in settings.tulay_secret_keys),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "ATTACHMENTS_URL": settings.attachments_url,
            "BASE_URL": self.url,
            "LOG_LEVEL": "WARNING",
        }
        self.start()

    def start(self) -> None:
        """For the first time, or again after a strike."""
        if self.kills:
            self.end()
        command = ["-m", "gunicorn", "-c", "gunicorn.conf.py", "-b", f"127.0.0.1:{self.port}"]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [sys.executable, *command, "webapp:create_app()"],
                cwd=ROOT,
                env=self._environ,
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while True:
            with suppress(httpx.TransportError):
                httpx.get(f"{self.url}/offline", timeout=5, trust_env=False).raise_for_status()
                return
            assert self._process.poll() is None, self._log.read_text()
            assert time.monotonic() < deadline, self._log.read_text()
            time.sleep(0.05)

    def strike(self) -> None:
        """-9 for all of it, whatever it is at."""
        self.kills += 1
        family = psutil.Process(self._process.pid)
        for each in (family, *family.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                each.kill()

    def end(self) -> None:
        kill_family(self._process)
