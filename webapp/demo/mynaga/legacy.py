"""The shape that an older public client of MyNaga talks to: sync.md section 1.

A bare list (or an envelope) without paging, a raw token, and errors inside a 200.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, jsonify, request

from webapp.demo.city import categories
from webapp.demo.clock import moment
from webapp.demo.mynaga.reports import UNANNOUNCED, iso

if TYPE_CHECKING:
    from webapp.demo.mynaga.app import MyNaga

STATUS = {
    "Submitted": "new",
    "Acknowledged": "pending",
    "In Progress": "in_progress",
    "For Rerouting": "for_rerouting",
    "Resolved": "resolved",
    "Closed": "closed",
    "Rejected": "cancelled",
    UNANNOUNCED: "under_review",
}
MOST = 5000
DAY_MS = 86_400_000


def legacy(upstream: "MyNaga") -> Blueprint:
    """The routes below /legacy."""
    routes = Blueprint("legacy", __name__)
    routes.add_url_rule("/api/reports", view_func=lambda: _reports(upstream), endpoint="reports")
    return routes


def _reports(upstream: "MyNaga") -> Response:
    if not _known(upstream):
        return jsonify(message="Unauthenticated.")
    records = upstream.shelf.by_creation(created=_window(), limit=MOST)
    wanted = [r for r in records if not (_cancelled(r) and request.args.get("filter_cancel"))]
    rows = [_row(record, position) for position, record in enumerate(wanted)]
    return jsonify(rows if upstream.legacy_shape == "bare" else {upstream.legacy_shape: rows})


def _known(upstream: "MyNaga") -> bool:
    if request.environ.get("tulay.fault") == "revoked":
        return False
    header = request.headers.get("Authorization", "")
    account = upstream.accounts.get(header.removeprefix("Bearer ").strip())
    live = account and not account.revoked
    return bool(live and account and (not account.expires or account.expires > datetime.now(UTC)))


def _window() -> tuple[int, int]:
    start = _day("date_created_from")
    end = _day("date_created_to")
    return start or 0, (end + DAY_MS - 1) if end else 2**62


def _day(name: str) -> int | None:
    try:
        return moment(request.args.get(name, ""))
    except ValueError:
        return None


def _cancelled(record: Any) -> bool:
    return record.status == "Rejected" or bool(record.body["deleted"])


def _row(record: Any, position: int) -> dict[str, Any]:
    body = record.body
    office = {"_id": f"off{categories().get(record.category, 'x')}", "name": "City Engineering"}
    return {
        "_id": f"66f0{record.seq:020x}",
        "control_number": record.id,
        "date_created": iso(record.created),
        "report_type": {"name": record.category},
        "location": body["location"],
        "barangay": {"name": body["barangay"]} if body["barangay"] else None,
        "description": body["description"],
        "images": [{"url": f"{request.host_url}media/{name}"} for name in body["attachments"]],
        "user": {"name": body["reporterName"], "mobile": body["reporterPhone"]},
        "report_cluster": {"status": STATUS.get(record.status, record.status)},
        # Seen both ways in the wild.
        "offices": [office] if position % 3 else office,
        "refinedCategory": body["refinedCategory"],
    }
