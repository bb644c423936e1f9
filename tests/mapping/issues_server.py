"""A small server with the shape of the GitHub issues REST API: bare array, Link header, `since`, nested people.

The network is closed to the tests; what it answers is written after GitHub's public documentation.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.fakes.upstreams import wsgi_server

TOKEN = "an-issues-token-of-the-test"


def issue(number: int, **changes: Any) -> dict[str, Any]:
    base = "https://issues.example"
    made = {
        "id": 7_000_000 + number,
        "node_id": f"I_{number}",
        "url": f"{base}/api/repos/city/desk/issues/{number}",
        "html_url": f"{base}/city/desk/issues/{number}",
        "number": number,
        "state": "closed" if number % 5 == 0 else "open",
        "title": f"Street light {number} is out",
        "body": f"The lamp at corner {number} has been dark.\r\nSince Monday.",
        "user": {"login": f"neighbour-{number % 7}", "id": 90 + number % 7, "type": "User"},
        "labels": [
            {"id": 1, "name": "lights", "color": "ededed"},
            {"id": 2, "name": "urgent", "color": "fc2929"},
        ],
        "assignee": None,
        "milestone": None,
        "comments": number % 3,
        "created_at": f"2026-10-{number % 28 + 1:02}T08:00:00Z",
        "updated_at": f"2026-11-{number % 18 + 1:02}T09:30:00Z",
        "closed_at": None,
    }
    return made | changes


@dataclass
class Issues:
    """`calls`: (path, query) of each request."""

    url: str = ""
    issues: list[dict[str, Any]] = field(default_factory=list)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        path = environ["PATH_INFO"]
        query = {k: v[-1] for k, v in parse_qs(environ.get("QUERY_STRING", "")).items()}
        self.calls.append((path, query))
        headers = [("Content-Type", "application/json; charset=utf-8")]
        if environ.get("HTTP_AUTHORIZATION") != f"Bearer {TOKEN}":
            return _answer(start, "401 Unauthorized", headers, {"message": "Bad credentials"})
        number = path.rpartition("/")[2]
        if number.isdecimal():
            found = [each for each in self.issues if str(each["number"]) == number]
            status = "200 OK" if found else "404 Not Found"
            return _answer(start, status, headers, found[0] if found else {"message": "Not Found"})
        size, page = int(query.get("per_page", "30")), int(query.get("page", "1"))
        chosen = [e for e in self.issues if e["updated_at"] >= query.get("since", "")]
        part = chosen[(page - 1) * size : page * size]
        if page * size < len(chosen):
            kept = "&".join(f"{k}={v}" for k, v in query.items() if k != "page")
            link = f'<{self.url}{path}?{kept}&page={page + 1}>; rel="next"'
            headers.append(("Link", link))
        return _answer(start, "200 OK", headers, part)


@contextmanager
def issues_server(records: int = 25) -> Iterator[Issues]:
    app = Issues(issues=[issue(n) for n in range(1, records + 1)])
    with wsgi_server(app) as server:
        app.url = server.url
        yield app


def _answer(
    start: Callable[..., Any], status: str, headers: list[tuple[str, str]], value: Any
) -> list[bytes]:
    start(status, headers)
    return [json.dumps(value).encode()]
