"""The HTTP face of the demo Open311 city: GeoReport v2 below /open311/v2.

One extension of ours, in no standard: `PUT /requests/<id>.json` with `api_key`, `status` and
`status_notes`, so that a desk can send a status back.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Flask, Response, abort, request
from werkzeug.exceptions import HTTPException

from webapp.demo import photos
from webapp.demo.city import categories
from webapp.demo.control import control
from webapp.demo.open311.requests import CLOSED, OPEN, Requests, Wanted, millis, services
from webapp.demo.open311.wire import answer, refusal
from webapp.demo.shelf import Received
from webapp.demo.trouble import Troubles

API_KEY = "open311-demo-city-key-84d2"
PAGE_CAP = 50
FOREVER = 2**62
FORMS = ("json", "xml")


class Refused(Exception):
    """An answer of the standard's error shape."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status, self.description = status, description


@dataclass
class Open311:
    """One upstream and what a test may switch on it."""

    requests: Requests
    troubles: Troubles = field(default_factory=Troubles)
    api_keys: dict[str, str] = field(default_factory=lambda: {API_KEY: "Tulay desk"})
    updated_after: bool = False  # few real servers honour it
    page_cap: int = PAGE_CAP

    @property
    def shelf(self) -> Any:
        """Where the records and the received calls are."""
        return self.requests.shelf

    def add(self, **fields: Any) -> dict[str, Any]:
        """A new request (for the ticker and the control address)."""
        return self.requests.add(**fields)

    def change_something(self) -> dict[str, Any] | None:
        """Changes one request (for the ticker and the control address)."""
        return self.requests.change_something()


def create_app(upstream: Open311) -> Flask:
    """The WSGI application of `upstream`."""
    app = Flask("open311-demo")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(control("open311", upstream), url_prefix="/_control")
    app.register_blueprint(_georeport(upstream), url_prefix="/open311/v2")
    app.add_url_rule("/media/<name>", view_func=_media, endpoint="media")
    app.register_error_handler(Refused, lambda e: refusal(e.status, e.description, form=_form()))
    app.register_error_handler(
        HTTPException, lambda e: refusal(e.code or 500, e.description or e.name, form=_form())
    )
    return app


def _georeport(upstream: Open311) -> Blueprint:
    routes = Blueprint("georeport", __name__)
    one = "/requests/<request_id>.<any(json, xml):form>"
    many = "/requests.<any(json, xml):form>"
    rule = routes.add_url_rule
    rule("/services.<any(json, xml):form>", "services", _services)
    rule(many, "list", lambda form: _list(upstream, form))
    rule(many, "create", lambda form: _create(upstream, form), methods=["POST"])
    rule(one, "one", lambda request_id, form: _one(upstream, request_id, form))
    rule(
        one,
        "update",
        lambda request_id, form: _update(upstream, request_id, form),
        methods=["PUT"],
    )
    return routes


def _services(form: str) -> Response:
    return answer(services(), form=form, root="services", item="service")


def _list(upstream: Open311, form: str) -> Response:
    _check_key(upstream, needed=False)
    size = min(_whole("page_size", upstream.page_cap), upstream.page_cap)
    page = _whole("page", 1)
    if request.environ.get("tulay.fault") == "endless":
        page = 1
    updated = _span("updated_after", "updated_before") if upstream.updated_after else None
    rows = upstream.requests.listed(
        Wanted(
            created=_span("start_date", "end_date"),
            updated=updated,
            ids=_several("service_request_id"),
            statuses=_several("status"),
            services=_several("service_code"),
            limit=size,
            offset=(page - 1) * size,
        )
    )
    return _requests(rows, form)


def _one(upstream: Open311, request_id: str, form: str) -> Response:
    _check_key(upstream, needed=False)
    row = upstream.requests.get(request_id)
    if row is None:
        raise Refused(404, f"service_request_id {request_id} was not found")
    return _requests([row], form)


def _create(upstream: Open311, form: str) -> Response:
    holder = _check_key(upstream, needed=True)
    sent = request.form.to_dict()
    code = sent.get("service_code", "")
    names = {code: name for name, code in categories().items()}
    if code not in names:
        raise Refused(400, "service_code is missing or unknown")
    if not sent.get("address_string") and not (sent.get("lat") and sent.get("long")):
        raise Refused(400, "lat and long or address_string must be given")
    row = upstream.requests.add(
        service_code=code,
        service_name=names[code],
        description=sent.get("description", ""),
        address=sent.get("address_string"),
        lat=_degrees(sent.get("lat")),
        long=_degrees(sent.get("long")),
        media=[],
    )
    _note(upstream, holder, row["service_request_id"], sent, 201)
    made = {
        "service_request_id": row["service_request_id"],
        "service_notice": "Thank you. The city will look at it within three working days.",
        "account_id": None,
    }
    return answer([made], form=form, root="service_requests", item="request", status=201)


def _update(upstream: Open311, request_id: str, form: str) -> Response:
    holder = _check_key(upstream, needed=True)
    sent = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    status, row = 400, None
    if isinstance(sent, dict) and sent.get("status") in (OPEN, CLOSED):
        row = _changed(upstream, request_id, sent)
        status = 200 if row else 404
    _note(upstream, holder, request_id, sent if isinstance(sent, dict) else {}, status)
    if row is None:
        text = "status must be open or closed" if status == 400 else f"{request_id} was not found"
        raise Refused(status, text)
    return _requests([row], form)


def _changed(upstream: Open311, request_id: str, sent: dict[str, Any]) -> dict[str, Any] | None:
    fields = {"status": sent["status"]}
    if "status_notes" in sent:
        fields["status_notes"] = sent["status_notes"]
    try:
        return upstream.requests.edit(request_id, **fields)
    except KeyError:
        return None


def _note(
    upstream: Open311, holder: str, request_id: str, sent: dict[str, Any], status: int
) -> None:
    upstream.shelf.log(
        Received(
            at=millis(upstream.requests.clock()),
            method=request.method,
            path=request.path,
            record=request_id,
            body={name: value for name, value in sent.items() if name != "api_key"},
            key=request.headers.get("Idempotency-Key"),
            account=holder,
            status=status,
        )
    )


def _check_key(upstream: Open311, *, needed: bool) -> str:
    if request.environ.get("tulay.fault") == "revoked":
        raise Refused(403, "this api_key was revoked")
    body = request.get_json(silent=True) if request.is_json else None
    key = request.values.get("api_key") or (body.get("api_key") if isinstance(body, dict) else None)
    key = key or request.headers.get("X-Api-Key")
    if key and key not in upstream.api_keys:
        raise Refused(403, "api_key is not valid")
    if needed and not key:
        raise Refused(400, "api_key was not provided")
    return upstream.api_keys.get(key, "") if key else ""


def _requests(rows: list[dict[str, Any]], form: str) -> Response:
    shown = [{**row, "media_url": _media_url(row["media_url"])} for row in rows]
    return answer(shown, form=form, root="service_requests", item="request")


def _media_url(name: str | None) -> str | None:
    return f"{request.host_url}media/{name}" if name and "/" not in name else name


def _media(name: str) -> Response:
    data = photos.picture(name)
    if data is None:
        abort(404)
    return Response(data, content_type=photos.content_type(name))


def _span(first: str, last: str) -> tuple[int, int] | None:
    start, end = _moment(first), _moment(last)
    if start is None and end is None:
        return None
    return start or 0, FOREVER if end is None else end


def _moment(name: str) -> int | None:
    raw = request.args.get(name)
    if not raw:
        return None
    try:
        when = datetime.fromisoformat(raw)
    except ValueError:
        raise Refused(400, f"{name} must be a W3C date and time") from None
    return millis(when if when.tzinfo else when.replace(tzinfo=UTC))


def _several(name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in request.args.get(name, "").split(",") if part.strip())


def _whole(name: str, default: int) -> int:
    raw = request.args.get(name, str(default))
    if not raw.isdecimal() or int(raw) < 1:
        raise Refused(400, f"{name} must be a whole number from 1")
    return int(raw)


def _degrees(raw: str | None) -> float | None:
    try:
        return float(raw) if raw else None
    except ValueError:
        raise Refused(400, "lat and long must be decimal degrees") from None


def _form() -> str:
    return "xml" if request.path.endswith(".xml") else "json"
