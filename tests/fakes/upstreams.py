"""Demo upstreams as fakes: real HTTP on loopback, in memory, no ticker, with a fault script.

with mynaga_server(records=40) as naga:
    naga.add(description="…"); naga.edit("NAGA-2026-004101", status="Resolved")
    naga.script(Fault("limited", times=2, retry_after="3"), Fault("lost", method="PATCH"))
    naga.url, naga.token, naga.received, naga.calls
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from webapp.demo.mynaga.app import MyNaga
from webapp.demo.mynaga.app import create_app as mynaga_app
from webapp.demo.mynaga.reports import Reports
from webapp.demo.mynaga.tokens import FULL_TOKEN
from webapp.demo.open311.app import API_KEY, Open311
from webapp.demo.open311.app import create_app as open311_app
from webapp.demo.open311.requests import Requests
from webapp.demo.serving import server_for
from webapp.demo.shelf import Received, Shelf
from webapp.demo.trouble import Fault, Troubles
from webapp.demo.tuniclaim import living
from webapp.demo.tuniclaim.app import API_KEY as CLAIMS_KEY
from webapp.demo.tuniclaim.app import Tuniclaim
from webapp.demo.tuniclaim.app import create_app as tuniclaim_app
from webapp.demo.tuniclaim.claims import Claims

__all__ = [
    "Call",
    "Fault",
    "Server",
    "mynaga_server",
    "open311_server",
    "tuniclaim_server",
    "wsgi_server",
]


@dataclass(frozen=True)
class Call:
    """One request that reached the server, reads included."""

    method: str
    path: str
    query: str
    headers: dict[str, str]


@dataclass
class Server:
    """A running fake. `url` is its base address without a slash at the end."""

    url: str
    troubles: Troubles
    upstream: Any = None
    token: str = ""
    calls: list[Call] = field(default_factory=list)

    def script(self, *faults: Fault) -> None:
        """Faults for the next calls, each used up by the calls that it concerns."""
        self.troubles.script(*faults)

    def trouble(self, mode: str, **options: Any) -> None:
        """Every call meets this fault until `well()`."""
        self.troubles.set(mode, **options)

    def well(self) -> None:
        """No trouble any more."""
        self.troubles.clear()

    @property
    def received(self) -> list[Received]:
        """Writing calls, oldest first, with what each was answered."""
        found: list[Received] = self.upstream.shelf.received()
        return found

    def add(self, **fields: Any) -> dict[str, Any]:
        """A new record; `fields` (also `id`, `created`) replace what was invented."""
        added: dict[str, Any] = self.upstream.add(**fields)
        return added

    def edit(self, record_id: str, **fields: Any) -> dict[str, Any]:
        """The upstream's own people change a record."""
        changed: dict[str, Any] = self._records.edit(record_id, **fields)
        return changed

    def get(self, record_id: str) -> dict[str, Any]:
        """A record as it stands. Raises KeyError."""
        found: dict[str, Any] | None = self._records.get(record_id)
        if found is None:
            raise KeyError(record_id)
        return found

    def remove(self, record_id: str) -> None:
        """The upstream forgets a record altogether (404 from then on)."""
        self.upstream.shelf.remove(record_id)

    @property
    def _records(self) -> Any:
        names = ("reports", "requests", "claims")
        return next(getattr(self.upstream, name) for name in names if hasattr(self.upstream, name))


def utc_now() -> datetime:
    """The real clock; pass your own `clock` to move time at the upstream alone."""
    return datetime.now(UTC)


@contextmanager
def mynaga_server(
    *, records: int = 0, seed: int = 1, clock: Callable[[], datetime] = utc_now, **options: Any
) -> Iterator[Server]:
    """A MyNaga. `options`: total, short_pages, cursor_seconds, legacy_shape, accounts.

    `.url` is the base for the v1 contract, `.url + "/legacy"` the base of the observed shape.
    """
    upstream = MyNaga(Reports(Shelf(), seed=seed, clock=clock), **options)
    upstream.reports.fill(records)
    with wsgi_server(mynaga_app(upstream), troubles=upstream.troubles) as server:
        server.upstream, server.token = upstream, FULL_TOKEN
        yield server
    upstream.shelf.close()


@contextmanager
def open311_server(
    *, records: int = 0, seed: int = 2, clock: Callable[[], datetime] = utc_now, **options: Any
) -> Iterator[Server]:
    """A GeoReport v2 city; `.url` already ends in /open311/v2. `options`: updated_after, page_cap."""
    upstream = Open311(Requests(Shelf(), seed=seed, clock=clock), **options)
    upstream.requests.fill(records)
    with wsgi_server(open311_app(upstream), troubles=upstream.troubles) as server:
        server.upstream, server.token = upstream, API_KEY
        server.url += "/open311/v2"
        yield server
    upstream.shelf.close()


@contextmanager
def tuniclaim_server(
    *,
    bordereaux: int = 0,
    bulletins: int | None = None,
    seed: int = 3,
    clock: Callable[[], datetime] = utc_now,
    **options: Any,
) -> Iterator[Server]:
    """A TUNICLAIM. `options`: api_keys, key_required, page_cap, legacy_shape.

    `bulletins` is how many each bordereau has; without it 3 to 8, and the flaws of demo/tuniclaim/flaws.py.
    `.url` is the base of the contract, `.url + "/legacy"` that of the observed shape; the records
    are `.upstream.claims`: `add_bulletin`, `edit_bulletin`, `bulletin`, `edit_client`.
    """
    upstream = Tuniclaim(Claims(Shelf(), seed=seed, clock=clock), **options)
    living.fill(upstream.claims, bordereaux, bulletins)
    with wsgi_server(tuniclaim_app(upstream), troubles=upstream.troubles) as server:
        server.upstream, server.token = upstream, CLAIMS_KEY
        yield server
    upstream.shelf.close()


@contextmanager
def wsgi_server(app: Any, *, troubles: Troubles | None = None) -> Iterator[Server]:
    """Any WSGI application on a free loopback port, with faults and a list of calls."""
    troubles = troubles or Troubles()
    calls: list[Call] = []
    http = server_for(app, troubles)
    http.app = _noting(http.app, calls)  # outside the faults: a call that is dropped has been made
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield Server(f"http://127.0.0.1:{http.server_port}", troubles, calls=calls)
    finally:
        http.shutdown()
        http.server_close()
        thread.join(5)


def _noting(app: Any, calls: list[Call]) -> Any:
    def noted(environ: Any, start: Any) -> Any:
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        query = environ.get("QUERY_STRING", "")
        calls.append(Call(environ["REQUEST_METHOD"], environ["PATH_INFO"], query, headers))
        return app(environ, start)

    return noted
