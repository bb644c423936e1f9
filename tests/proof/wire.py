"""The wire between the desk and an upstream, inside one process, with numbered points at which it can all end."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
from flask_sqlalchemy.session import Session

ASKED, ANSWERED = "asked", "answered"  # before the call had its effect, and after it
BEFORE, AFTER = "before the commit", "after the commit"


class Killed(BaseException):
    """As by kill -9: no handler of the desk's catches it."""


@dataclass
class Points:
    """Counts what a process does that others can see. `end_at`: the number at which the process dies."""

    end_at: int | None = None
    passed: list[str] = field(default_factory=list)
    asleep: bool = False  # while another process has its turn

    def reach(self, name: str) -> None:
        if self.asleep:
            return
        self.passed.append(name)
        if len(self.passed) == self.end_at:
            raise Killed(name)

    def arm(self, in_points: int | None) -> None:
        """Die at the given number of points from now; None: live."""
        self.end_at = None if in_points is None else len(self.passed) + in_points


Meddle = Callable[[str, httpx.Request], "httpx.Response | None"]


@dataclass
class Wire(httpx.BaseTransport):
    """Calls a WSGI application. `clamp`: the largest page, whatever is asked for. `versions` False: the records
    carry no version and times of whole seconds, and nobody looks at the version of a change.

    `meddle(when, request)` may do anything in the middle of a call, raise, or give another answer.
    """

    app: Any
    points: Points
    clamp: int | None = None
    versions: bool = True
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    meddle: Meddle | None = None
    calls: list[tuple[str, str]] = field(default_factory=list)
    lost: int = 0  # changes that were carried out there, and nobody here was told

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.points.reach(f"{ASKED} {request.method}")
        answer = self.meddle(ASKED, request) if self.meddle else None
        if answer is None:
            self.calls.append((request.method, str(request.url.raw_path, "ascii")))
            answer = self._call(request)
        told = False
        try:
            self.points.reach(f"{ANSWERED} {request.method}")
            other = self.meddle(ANSWERED, request) if self.meddle else None
            told = other is None
        finally:
            self.lost += not told and request.method != "GET" and answer.status_code == 200
        return other or answer

    def close(self) -> None:
        """There is nothing to close."""

    def _call(self, request: httpx.Request) -> httpx.Response:
        said: list[Any] = []
        body = b"".join(self.app(self._environ(request), lambda *parts: said.append(parts)))
        status, headers = said[0][:2]
        if not self.versions and status.startswith("200"):
            body = _without_versions(body)
        kept = [(k, v) for k, v in headers if k.lower() not in ("content-length", "date")]
        kept.append(("Date", format_datetime(self.now(), usegmt=True)))
        return httpx.Response(int(status[:3]), headers=kept, content=body)

    def _environ(self, request: httpx.Request) -> dict[str, Any]:
        body, url = request.read(), request.url
        query = str(url.query, "ascii")
        if self.clamp:
            pairs = [
                (k, str(self.clamp) if k == "limit" else v)
                for k, v in parse_qsl(query, keep_blank_values=True)
            ]
            query = urlencode(pairs)
        environ: dict[str, Any] = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": url.path,
            "QUERY_STRING": query,
            "SERVER_NAME": url.host,
            "SERVER_PORT": str(url.port or 80),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": request.headers.get("content-type", ""),
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.url_scheme": url.scheme,
            "wsgi.version": (1, 0),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in request.headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        if not self.versions:
            environ.pop("HTTP_IF_UNMODIFIED_SINCE_VERSION", None)
        return environ


def _without_versions(body: bytes) -> bytes:
    found = json.loads(body)
    for record in found.get("data", [found]):
        if "updatedAt" in record:
            record["version"] = None
            record["updatedAt"] = record["updatedAt"][:19] + record["updatedAt"][23:]
    return json.dumps(found).encode()


@contextmanager
def numbered_commits(points: Points) -> Iterator[None]:
    """Each commit of the desk is two points: one before it, one after it."""
    real = Session.commit

    def commit(session: Any) -> None:
        points.reach(BEFORE)
        real(session)
        points.reach(AFTER)

    Session.commit = commit  # type: ignore[method-assign]
    try:
        yield
    finally:
        Session.commit = real  # type: ignore[method-assign]
