"""An upstream for benches: MyNaga's list of reports, made as it is asked for, of about 1 kB each.

    python bench/upstream.py --records 100000        prints its address

`?limit=`, `?cursor=` and `?updatedSince=` work as in the contract; `POST /change` moves every hundredth report.
It does next to nothing, so that what is measured is whoever reads.
"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

FIRST = datetime(2024, 1, 1, tzinfo=UTC)
MOVED = datetime(2026, 6, 1, tzinfo=UTC)
APART = timedelta(seconds=60)
EVERY = 100
BARANGAYS = ("Abella", "Bagumbayan Norte", "Concepcion Grande", "Peñafrancia", "Triangulo")
CATEGORIES = ("Drainage", "Street light", "Garbage", "Road damage")
STATUSES = ("Submitted", "Acknowledged", "In Progress", "Resolved")
STORY = (
    "The drain in front of the market overflows whenever it rains, and the water now stands "
    "knee-deep in the lane. Children pass here on their way to school, and two of our neighbours have slipped. "
    "We have reported it before; somebody came, looked at it, and left. Please send the people who clear it, "
    "and tell us when. We can show them the place on any day after four, and one of us will hold the lamp. "
    "The grating is loose as well, so take care where you step. Salamat po."
)


class Shelf:
    """So many reports; the changed ones stand at their end in the order of updates."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.changed = False

    def page(self, start: int, limit: int, since: str | None) -> tuple[bytes, int | None]:
        """The records from `start`, and where the next page begins."""
        if since is not None:
            numbers = self._since(datetime.fromisoformat(since))
            part = numbers[start : start + limit]
        else:
            numbers = range(self.count)
            part = numbers[start : start + limit]
        body = b",".join(record(n, self.changed and n % EVERY == 0) for n in part)
        following = start + limit
        return body, following if following < len(numbers) else None

    def _since(self, moment: datetime) -> list[int] | range:
        changed = list(range(0, self.count, EVERY)) if self.changed and moment <= MOVED else []
        first = max(0, -((FIRST - moment) // APART))
        others = [n for n in range(first, self.count) if not (self.changed and n % EVERY == 0)]
        return [*others, *changed]


def record(n: int, moved: bool) -> bytes:
    made = FIRST + n * APART
    updated = MOVED + timedelta(seconds=n / 1000) if moved else made
    body = {
        "id": f"MN-{n:07d}",
        "version": 2 if moved else 1,
        "status": "Closed" if moved else STATUSES[n % 4],
        "category": CATEGORIES[n % 4],
        "refinedCategory": "Clogged or overflowing",
        "location": f"{n % 400} Magsaysay Avenue, near the corner of Zone {n % 9}, Naga City",
        "coordinates": {"lat": 13.6 + n % 1000 / 10_000, "lng": 123.1 + n % 997 / 10_000},
        "barangay": BARANGAYS[n % 5],
        "description": f"Report {n}. {STORY}",
        "attachments": [],
        "reporterName": f"Reporter Number {n % 5000}",
        "reporterPhone": f"0917{n % 10_000_000:07d}",
        "url": f"https://mynaga.example/reports/MN-{n:07d}",
        "createdAt": made.isoformat().replace("+00:00", "Z"),
        "updatedAt": updated.isoformat().replace("+00:00", "Z"),
        "deleted": False,
    }
    return json.dumps(body, ensure_ascii=False).encode()


class Handler(BaseHTTPRequestHandler):
    shelf: Shelf
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != "/api/v1/reports":
            self._answer(b'{"account":"bench","scopes":["reports:read","reports:write"]}')
            return
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body, following = self.shelf.page(
            int(asked.get("cursor", 0)), int(asked.get("limit", 500)), asked.get("updatedSince")
        )
        end = "null" if following is None else f'"{following}"'
        self._answer(
            b'{"data":[' + body + f'],"nextCursor":{end},"total":{self.shelf.count}}}'.encode()
        )

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.shelf.changed = True
        self._answer(b"{}")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    options = parser.parse_args()
    Handler.shelf = Shelf(options.records)
    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
