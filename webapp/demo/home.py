"""`.local/`: all that `up` keeps between two runs: keys, ports, database, mails, logs. Mode 0700."""

import base64
import fcntl
import json
import os
import secrets
import socket
from collections.abc import MutableMapping
from pathlib import Path
from typing import IO, Any

from webapp.core.errors import Misconfigured

PREFERRED = {"mynaga": 8901, "tuniclaim": 8902, "open311": 8903, "mail": 8904, "redis": 8905}
UPSTREAMS = {"mynaga": "MyNaga demo", "open311": "Open311 demo", "tuniclaim": "TUNICLAIM demo"}


class Home:
    """The folder. `TULAY_LOCAL` puts it elsewhere than `.local` in the current folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or Path(os.environ.get("TULAY_LOCAL", ".local"))).absolute()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        for name in ("logs", "demo", "attachments"):
            (self.folder / name).mkdir(exist_ok=True)

    def file(self, *parts: str) -> Path:
        """A path inside."""
        return self.folder.joinpath(*parts)

    def lock(self) -> IO[str]:
        """Holds the folder for this process as long as the file is open. Raises Misconfigured."""
        handle = self.file("up.lock").open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            raise Misconfigured(
                f"Tulay already runs with the data in {self.folder}. Stop that one first (Ctrl-C)."
            ) from None
        return handle

    def _held_by_another(self) -> bool:
        try:
            self.lock().close()
        except Misconfigured:
            return True
        return False

    def keys(self) -> dict[str, str]:
        """The generated secrets, the same at each run."""
        path = self.file("keys.json")
        known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        made = {
            "SECRET_KEY": secrets.token_urlsafe(48),
            "TULAY_SECRET_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "REDIS_PASSWORD": secrets.token_urlsafe(24),
        }
        if made.keys() - known.keys():
            known = {**made, **known}
            write_private(path, json.dumps(known, indent=1))
        return known

    def ports(self) -> dict[str, int]:
        """Where the parts listen: as last time where that is free, else somewhere free."""
        path = self.file("ports.json")
        kept: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        known = {**kept, **PREFERRED, **kept}  # who has one already chooses before who is new
        chosen: dict[str, int] = {}
        if self._held_by_another():
            return known  # `lock()` will say so; the other one's ports stay as they are
        for name, port in known.items():
            taken = port in chosen.values() or not is_free(port)
            chosen[name] = free_port() if taken else port
        path.write_text(json.dumps(chosen, indent=1))
        return chosen


def environment(home: Home, environ: MutableMapping[str, str]) -> dict[str, str]:
    """The environment of every process: what is set already wins, the rest is made up here."""
    keys, ports = home.keys(), home.ports()
    web = environ.get("PORT") or "8000"
    made = {
        "TULAY_DEMO": "1",
        "SECRET_KEY": keys["SECRET_KEY"],
        "TULAY_SECRET_KEYS": keys["TULAY_SECRET_KEYS"],
        "DATABASE_URL": f"sqlite:///{home.file('tulay.db')}",
        "REDIS_URL": f"redis://:{keys['REDIS_PASSWORD']}@127.0.0.1:{ports['redis']}/0",
        "PORT": web,
        "BASE_URL": f"http://127.0.0.1:{web}",
        "WEB_CONCURRENCY": "1",
        "SYNC_ALLOWED_NETS": "127.0.0.0/8",
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(ports["mail"]),
        "MAIL_DEFAULT_SENDER": "Tulay demo <desk@tulay.example>",
        "ATTACHMENTS_URL": f"file://{home.file('attachments')}",
        "TULAY_LOCAL": str(home.folder),
        **{_variable(kind): f"http://127.0.0.1:{ports[kind]}" for kind in UPSTREAMS},
    }
    if environ.get("MAIL_SERVER"):
        del made["MAIL_PORT"]  # somebody's own server: its port is theirs to name
    given = {name: value for name, value in environ.items() if value}
    return {**made, **given, "TULAY_UP_PID": str(os.getpid()), "PYTHONUNBUFFERED": "1"}


def upstream_address(kind: str) -> str:
    """Where a demo upstream listens, as this process's environment says."""
    return os.environ.get(_variable(kind), f"http://127.0.0.1:{PREFERRED[kind]}")


def _variable(kind: str) -> str:
    return f"TULAY_DEMO_{kind.upper()}"


def write_private(path: Path, text: str) -> None:
    """A file that only its owner may read, from its first byte on."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    part.rename(path)


def is_free(port: int) -> bool:
    """True where nobody listens on loopback at `port`."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return _can_bind(probe, port)


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _can_bind(probe: Any, port: int) -> bool:
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        return False
    return True
