"""Trouble on demand: what a demo upstream does wrong, for a person at `/demo` or a test's script.

A standing fault lasts until it is cleared; scripted faults are used up one by one, in order.
Both sit in a WSGI layer around the upstream, so that its own code stays honest.
"""

import contextlib
import json
import os
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# mode → what a person reads beside its button
MODES = {
    "down": "Closes each connection at once",
    "unavailable": "Answers 503 Service Unavailable",
    "slow": "Waits before each answer",
    "limited": "Answers 429 with Retry-After",
    "broken": "Answers 500",
    "revoked": "Refuses every token as revoked",
    "html": "Answers 200 with a sign-in page instead of data",
    "huge": "Answers with a page of more than 10 MB",
    "gzip_bomb": "Answers a small gzip body that unpacks to 300 MB",
    "redirect": "Sends callers to another host",
    "endless": "Never ends its paging",
    "lost": "Does what it is asked, then drops the answer",
    "truncated": "Stops in the middle of its answer",
    "drip": "Sends its answer a byte at a time",
}
IN_THE_APP = {"revoked", "endless"}  # the upstream itself plays these
SCRIPT_ONLY = {"answer"}  # any status, headers and body; tests only


@dataclass(frozen=True)
class Fault:
    """One fault. `method` and `path` (a prefix) narrow it; `times` None means until cleared."""

    mode: str
    method: str | None = None
    path: str | None = None
    times: int | None = 1
    seconds: float = 20.0
    retry_after: str | None = "30"
    status: int = 200
    body: str = ""
    content_type: str = "application/json"
    to: str = "http://169.254.169.254/latest/meta-data/"

    def __post_init__(self) -> None:
        if self.mode not in MODES.keys() | SCRIPT_ONLY:
            raise ValueError(f"unknown fault {self.mode!r}")

    def concerns(self, method: str, path: str) -> bool:
        """True where a call to `path` with `method` meets this fault."""
        return self.method in (None, method) and path.startswith(self.path or "")


class Troubles:
    """The faults of one upstream: one standing, and a script."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._standing: Fault | None = None
        self._script: list[Fault] = []

    @property
    def standing(self) -> Fault | None:
        """The fault that lasts until cleared."""
        return self._standing

    @property
    def waiting(self) -> list[Fault]:
        """Scripted faults not used up yet."""
        return list(self._script)

    def set(self, mode: str, **options: Any) -> None:
        """Every call meets this fault from now on."""
        self._standing = Fault(mode, **{**options, "times": None})

    def clear(self) -> None:
        """No trouble any more, the script included."""
        with self._lock:
            self._standing, self._script = None, []

    def script(self, *faults: Fault) -> None:
        """Adds faults to be met one after another by the calls they concern."""
        with self._lock:
            self._script.extend(faults)

    def next_for(self, method: str, path: str) -> Fault | None:
        """The fault that this call meets; a scripted one is used up by it."""
        with self._lock:
            for position, fault in enumerate(self._script):
                if fault.concerns(method, path):
                    self._use_up(position, fault)
                    return fault
        standing = self._standing
        return standing if standing and standing.concerns(method, path) else None

    def _use_up(self, position: int, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times <= 1:
            del self._script[position]
        else:
            self._script[position] = replace(fault, times=fault.times - 1)


class Troublesome:
    """WSGI layer that plays the faults. `/_control` is never in trouble."""

    def __init__(self, app: "WSGIApplication", troubles: Troubles) -> None:
        self._app = app
        self._troubles = troubles

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path.startswith("/_control"):
            return self._app(environ, start)
        fault = self._troubles.next_for(environ["REQUEST_METHOD"], path)
        environ["tulay.fault"] = fault.mode if fault else None
        if fault is None or fault.mode in IN_THE_APP:
            return self._app(environ, start)
        return PLAYS[fault.mode](fault, self._app, environ, start)


def _down(_f: Fault, _app: Any, environ: Any, _start: Any) -> Iterable[bytes]:
    _reset(environ)
    return []


def _lost(_f: Fault, app: Any, environ: Any, _start: Any) -> Iterable[bytes]:
    with contextlib.closing(_Body(app(environ, lambda *_: lambda _b: None))) as body:
        body.read()
    _reset(environ)
    return []


def _slow(fault: Fault, app: Any, environ: Any, start: Any) -> Iterable[bytes]:
    time.sleep(fault.seconds)
    result: Iterable[bytes] = app(environ, start)
    return result


def _limited(fault: Fault, _app: Any, _environ: Any, start: Any) -> Iterable[bytes]:
    headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
    return _answer(start, "429 Too Many Requests", _error("rate_limited", "Slow down."), headers)


def _unavailable(fault: Fault, _app: Any, _environ: Any, start: Any) -> Iterable[bytes]:
    headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
    return _answer(start, "503 Service Unavailable", _error("unavailable", "Back soon."), headers)


def _broken(_f: Fault, _app: Any, _environ: Any, start: Any) -> Iterable[bytes]:
    page = b"<html><body><h1>Internal Server Error</h1></body></html>"
    return _answer(start, "500 Internal Server Error", page, {"Content-Type": "text/html"})


def _html(_f: Fault, _app: Any, _environ: Any, start: Any) -> Iterable[bytes]:
    page = b"<!doctype html><title>Sign in</title><form><input name=user><input name=pass></form>"
    return _answer(start, "200 OK", page, {"Content-Type": "text/html; charset=utf-8"})


def _huge(_f: Fault, _app: Any, _environ: Any, start: Any) -> Iterable[bytes]:
    return _answer(start, "200 OK", _huge_page(), {})


def _gzip_bomb(_f: Fault, _app: Any, _environ: Any, start: Any) -> Iterable[bytes]:
    return _answer(start, "200 OK", _bomb(), {"Content-Encoding": "gzip"})


def _redirect(fault: Fault, _app: Any, _environ: Any, start: Any) -> Iterable[bytes]:
    return _answer(start, "302 Found", b"", {"Location": fault.to})


def _truncated(_f: Fault, app: Any, environ: Any, start: Any) -> Iterable[bytes]:
    whole = _Body(app(environ, start)).read()
    return [whole[: len(whole) // 2]]


def _drip(fault: Fault, app: Any, environ: Any, start: Any) -> Iterable[bytes]:
    whole = _Body(app(environ, start)).read()
    return _one_by_one(whole, pause=fault.seconds / max(len(whole), 1))


def _any_answer(fault: Fault, _app: Any, _environ: Any, start: Any) -> Iterable[bytes]:
    headers = {"Content-Type": fault.content_type}
    return _answer(start, f"{fault.status} Scripted", fault.body.encode(), headers)


PLAYS: dict[str, Callable[[Fault, Any, Any, Any], Iterable[bytes]]] = {
    "down": _down,
    "lost": _lost,
    "slow": _slow,
    "limited": _limited,
    "unavailable": _unavailable,
    "broken": _broken,
    "html": _html,
    "huge": _huge,
    "gzip_bomb": _gzip_bomb,
    "redirect": _redirect,
    "truncated": _truncated,
    "drip": _drip,
    "answer": _any_answer,
}


class _Body:
    """A WSGI result that is read once and closed."""

    def __init__(self, parts: Any) -> None:
        self._parts = parts

    def read(self) -> bytes:
        return b"".join(self._parts)

    def close(self) -> None:
        if close := getattr(self._parts, "close", None):
            close()


def _answer(start: Any, status: str, body: bytes, headers: dict[str, str]) -> Iterable[bytes]:
    named = {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}
    start(status, list(named.items()))
    return [body]


def _error(code: str, message: str) -> bytes:
    return json.dumps({"error": {"code": code, "message": message}}).encode()


def _one_by_one(whole: bytes, *, pause: float) -> Iterable[bytes]:
    for position in range(len(whole)):
        time.sleep(pause)
        yield whole[position : position + 1]


def _reset(environ: Any) -> None:
    """Ends the connection with a RST, as a crashed server or a cut line does."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # Closing the number itself: the streams made of this socket would keep it open.
    os.close(connection.detach())
    raise ConnectionResetError("trouble: the connection is dropped")


@cache
def _huge_page() -> bytes:
    rows = [{"id": f"HUGE-{n}", "description": "x" * 1000} for n in range(12_000)]
    return json.dumps({"data": rows, "nextCursor": None}).encode()


@cache
@cache
def _bomb() -> bytes:
    """One packed megabyte, 300 times over: packing all of it would keep the caller waiting for seconds."""
    head, blank, tail = b'{"data": [', b" " * 1_000_000, b"]}"
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = [packer.compress(each) + packer.flush(zlib.Z_FULL_FLUSH) for each in (head, blank)]
    end = packer.compress(tail) + packer.flush()
    check, length = 0, 0
    for each in (head, *[blank] * 300, tail):
        check, length = zlib.crc32(each, check), length + len(each)
    begin = b"\x1f\x8b\x08" + bytes(6) + b"\xff"
    return b"".join((begin, packed[0], packed[1] * 300, end, struct.pack("<II", check, length)))
