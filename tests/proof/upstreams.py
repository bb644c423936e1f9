"""Upstreams for the contract suite: one for each shape of each declared connector."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from webapp.demo.mynaga.app import MyNaga
from webapp.demo.mynaga.app import create_app as mynaga_app
from webapp.demo.mynaga.reports import Reports
from webapp.demo.mynaga.tokens import FULL_TOKEN
from webapp.demo.open311.app import API_KEY, Open311
from webapp.demo.open311.app import create_app as open311_app
from webapp.demo.open311.requests import Requests
from webapp.demo.shelf import Shelf
from webapp.demo.tuniclaim import living
from webapp.demo.tuniclaim.app import API_KEY as CLAIMS_KEY
from webapp.demo.tuniclaim.app import Tuniclaim
from webapp.demo.tuniclaim.app import create_app as tuniclaim_app
from webapp.demo.tuniclaim.claims import Claims

RECORDS = 11
CHILDREN_EACH = 2  # bulletins of a bordereau
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Contract:
    """How one shape is reached. `local`: what its records are here. `not_tested`: case → why this upstream cannot be
    held to it."""

    kind: str
    shape: str
    base: str
    token: str
    make: Callable[[], Any]
    plan: dict[str, Any] | None = None
    clamp: int | None = None
    local: str = "ticket"
    not_tested: dict[str, str] = field(default_factory=dict)


def _mynaga() -> Any:
    upstream = MyNaga(Reports(Shelf(), clock=lambda: NOW), short_pages=True)
    upstream.reports.fill(RECORDS)
    return mynaga_app(upstream)


def _open311(**options: Any) -> Callable[[], Any]:
    def make() -> Any:
        upstream = Open311(Requests(Shelf(), clock=lambda: NOW), page_cap=3, **options)
        upstream.requests.fill(RECORDS)
        return open311_app(upstream)

    return make


def _tuniclaim() -> Any:
    upstream = Tuniclaim(Claims(Shelf(), clock=lambda: NOW), page_cap=3)
    living.fill(upstream.claims, RECORDS, CHILDREN_EACH)
    return tuniclaim_app(upstream)


def _rest() -> Any:
    """A third party's plain list with numbered pages, in an envelope; a bearer token."""
    records = [
        {
            "id": n,
            "title": f"Case {n}",
            "description": f"Something happened, number {n}.",
            "status": "open",
            "category": {"name": "Road"},
            "updated_at": (NOW - timedelta(hours=n)).isoformat(),
            "created_at": (NOW - timedelta(days=1, hours=n)).isoformat(),
        }
        for n in range(1, RECORDS + 1)
    ]

    def app(environ: Any, start: Any) -> list[bytes]:
        query = parse_qs(environ["QUERY_STRING"])
        page, size = int(query.get("page", ["1"])[0]), 4
        if environ.get("HTTP_AUTHORIZATION") != "Bearer rest-token-1":
            start("401 Unauthorized", [("Content-Type", "application/json")])
            return [b'{"error": "no such token"}']
        start("200 OK", [("Content-Type", "application/json")])
        last = environ["PATH_INFO"].rpartition("/")[2]
        if last.isdecimal():
            return [json.dumps(records[int(last) - 1]).encode()]
        return [json.dumps({"data": records[(page - 1) * size : page * size]}).encode()]

    return app


NO_TIMES = "this list cannot be narrowed by update times"
PAGED, UPDATES, CREATED = 0, 0, 1

CONTRACTS = [
    Contract("mynaga", "contract", "http://naga.example", FULL_TOKEN, _mynaga, clamp=3),
    Contract(
        "mynaga",
        "observed",
        "http://naga.example/legacy",
        FULL_TOKEN,
        _mynaga,
        not_tested={"future": NO_TIMES},
    ),
    *(
        Contract(
            "open311",
            form,
            "http://city.example/open311/v2",
            API_KEY,
            _open311(updated_after=honours),
            plan={"shape": form, "auth": 1, "paging": PAGED, "incremental": incremental},
            not_tested={} if honours else {"future": NO_TIMES},
        )
        for form in ("json", "xml")
        for honours, incremental in ((True, UPDATES), (False, CREATED))
    ),
    Contract(
        "tuniclaim",
        "contract",
        "http://tunis.example",
        CLAIMS_KEY,
        _tuniclaim,
        local="bordereau",
    ),
    Contract(
        "tuniclaim",
        "observed",
        "http://tunis.example/legacy",
        CLAIMS_KEY,
        _tuniclaim,
        local="bordereau",
        not_tested={"future": NO_TIMES, "watermark": "its records carry no times"},
    ),
    Contract(
        "blank",
        "rest",
        "http://rest.example",
        "rest-token-1",
        _rest,
        not_tested={"future": NO_TIMES},
    ),
]
