"""A small real GeoReport v2 server over HTTP, for tests. Serves real payloads from ../shared.

As the standard has it, `start_date` and `end_date` filter by creation. What a city does differently
is a switch: `updated_after` honoured or not, pages honoured or not, a cap, a required key, a fault.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

SAMPLES = Path(__file__).parents[3] / "shared" / "open311-samples"
KOELN = SAMPLES / "16-koeln-requests-50.json"
ABSENT_REASON = "the real samples in ../shared/open311-samples are not there"


def koeln_records() -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = json.loads(KOELN.read_text(encoding="utf-8"))
    return records


@dataclass
class City:
    """What the server knows and how it behaves; tests change it while it runs."""

    records: list[dict[str, Any]] = field(default_factory=list)
    cap: int = 100  # no page is larger, whatever is asked for
    pages: bool = True
    updated_after: bool = False
    api_key: str = ""  # needed for PUT when set
    key_to_read: bool = False
    envelope: str = ""  # FixMyStreet wraps its lists in `service_requests`
    fault: tuple[int, dict[str, str], bytes] | None = None  # answered instead of everything
    faults: list[tuple[int, dict[str, str], bytes]] = field(
        default_factory=list
    )  # once each, first
    seen: list[tuple[str, str]] = field(default_factory=list)  # method and path with query

    def update(self, request_id: str, **changes: Any) -> dict[str, Any]:
        """Changes one record as the city would."""
        record = self.find(request_id)
        assert record is not None
        record.update(changes)
        return record

    def find(self, request_id: str) -> dict[str, Any] | None:
        return next((r for r in self.records if r["service_request_id"] == request_id), None)

    def listed(self, query: dict[str, str]) -> list[dict[str, Any]]:
        found = self.records
        if "service_request_id" in query:
            wanted = query["service_request_id"].split(",")
            return [r for r in found if r["service_request_id"] in wanted][: self.cap]
        if "status" in query:
            found = [r for r in found if r["status"] in query["status"].split(",")]
        found = _between(
            found, "requested_datetime", query.get("start_date"), query.get("end_date")
        )
        if self.updated_after:
            found = _between(found, "updated_datetime", query.get("updated_after"), None)
        size = min(int(query.get("page_size", self.cap)), self.cap)
        start = (int(query.get("page", "1")) - 1) * size if self.pages else 0
        return found[start : start + size]


def _between(
    records: list[dict[str, Any]], name: str, start: str | None, end: str | None
) -> list[dict[str, Any]]:
    def fits(record: dict[str, Any]) -> bool:
        if not record.get(name):
            return not start and not end  # a null time never passes a filter, as in real servers
        moment = datetime.fromisoformat(record[name])
        after = not start or moment >= datetime.fromisoformat(start)
        return after and (not end or moment <= datetime.fromisoformat(end))

    return [record for record in records if fits(record)]


class GeoReportServer:
    """`with GeoReportServer(records) as server:` then `server.url` and `server.city`."""

    def __init__(self, records: list[dict[str, Any]] | None = None, **behaviour: Any) -> None:
        self.city = City(records=[dict(each) for each in records or []], **behaviour)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.city))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/georeport/v2"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2)


def _handler(city: City) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def log_message(self, *_: Any) -> None:
            """Quiet: tests read `city.seen`."""

        def do_GET(self) -> None:
            self._answer("GET", b"")

        def do_PUT(self) -> None:
            self._answer("PUT", self.rfile.read(int(self.headers.get("Content-Length", "0"))))

        def _answer(self, method: str, body: bytes) -> None:
            city.seen.append((method, self.path))
            fault = city.faults.pop(0) if city.faults else city.fault
            if fault is not None:
                self._send(*fault)
                return
            status, found, form = respond(city, method, self.path, body)
            if city.envelope and status == 200:
                found = {city.envelope: found} if form == "json" else found
            content = _xml(found) if form == "xml" else json.dumps(found).encode()
            kind = "text/xml" if form == "xml" else "application/json"
            self._send(status, {"Content-Type": f"{kind}; charset=utf-8"}, content)

        def _send(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response_only(status)
            self.send_header("Date", formatdate(usegmt=True))
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.wfile.flush()

    return Handler


def respond(city: City, method: str, target: str, body: bytes) -> tuple[int, Any, str]:
    """Status, what to say, and in which form."""
    parts = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    path, _dot, form = parts.path.removeprefix("/georeport/v2").rpartition(".")
    if form not in ("json", "xml"):
        return 404, [{"code": 404, "description": "no such address"}], "json"
    if city.key_to_read and query.get("api_key") != city.api_key and method == "GET":
        return 403, [{"code": 403, "description": "api_key is missing or wrong"}], form
    if path == "/requests" and method == "GET":
        return 200, city.listed(query), form
    if path.startswith("/requests/"):
        record = city.find(unquote(path.removeprefix("/requests/")))
        if record is None:
            return 404, [{"code": 404, "description": "request not found"}], form
        if method == "PUT":
            return _changed(city, record, body, form)
        return 200, [record], form
    return 404, [{"code": 404, "description": "no such address"}], form


def _changed(city: City, record: dict[str, Any], body: bytes, form: str) -> tuple[int, Any, str]:
    fields = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    if not city.api_key or fields.get("api_key") != city.api_key:
        return 403, [{"code": 403, "description": "Invalid api_key received"}], form
    record["status"] = fields["status"]
    if "status_notes" in fields:
        record["status_notes"] = fields["status_notes"]
    record["updated_datetime"] = datetime.now().astimezone().isoformat(timespec="seconds")
    return 200, [record], form


def _xml(found: list[dict[str, Any]]) -> bytes:
    if found and "service_request_id" not in found[0]:
        root = Element("errors")
        for each in found:
            _fill(SubElement(root, "error"), each)
    else:
        root = Element("service_requests")
        for each in found:
            _fill(SubElement(root, "request"), each)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def _fill(element: Element, values: dict[str, Any]) -> None:
    for name, value in values.items():
        child = SubElement(element, name)
        child.text = None if value is None else str(value)
