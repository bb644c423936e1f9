"""The demo MyNaga on loopback that says when each PATCH reached it, and can hang at every call."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from webapp.demo.mynaga.app import MyNaga, create_app
from webapp.demo.mynaga.reports import Reports
from webapp.demo.serving import server_for
from webapp.demo.shelf import Shelf
from webapp.demo.trouble import Fault, Troubles


class Watching(Troubles):
    """Counts calls; notes when a PATCH of a report has come in, before anything else happens to it."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.arrived: dict[str, float] = {}  # id of the report → time.monotonic()
        self._news = threading.Condition()

    def next_for(self, method: str, path: str) -> Fault | None:
        with self._news:
            self.calls += 1
            if method == "PATCH":
                self.arrived.setdefault(path.rpartition("/")[2], time.monotonic())
                self._news.notify_all()
        return super().next_for(method, path)

    def wait_for(self, report_id: str, *, seconds: float) -> float:
        """When its PATCH came in; gives up after so many seconds."""
        with self._news:
            if not self._news.wait_for(lambda: report_id in self.arrived, seconds):
                raise SystemExit(f"The upstream never received {report_id}.")
            return self.arrived[report_id]


@dataclass(frozen=True)
class Watched:
    url: str
    troubles: Watching
    ids: list[str] = field(default_factory=list)  # of its reports, all Submitted


@contextmanager
def watched(records: int) -> Iterator[Watched]:
    troubles = Watching()
    upstream = MyNaga(Reports(Shelf()), troubles=troubles)
    ids = [upstream.add(status="Submitted")["id"] for _ in range(records)]
    server = server_for(create_app(upstream), troubles)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield Watched(f"http://127.0.0.1:{server.server_port}", troubles, ids)
    finally:
        server.shutdown()
        server.server_close()
        upstream.shelf.close()
