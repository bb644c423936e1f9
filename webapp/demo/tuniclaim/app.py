"""The HTTP face of the demo TUNICLAIM, exactly as upstreams/tuniclaim.openapi.yaml says."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Flask, Response, request

from webapp.demo.control import control
from webapp.demo.refused import Refused, refuse_in_json
from webapp.demo.trouble import Troubles
from webapp.demo.tuniclaim import living
from webapp.demo.tuniclaim.calls import Sent, as_json, carried_out, holder, time_of
from webapp.demo.tuniclaim.claims import Claims
from webapp.demo.tuniclaim.legacy import legacy
from webapp.demo.tuniclaim.orders import (
    PaymentOrder,
    StatusOrder,
    amount_of,
    day_of,
    invalid,
    set_payment,
    set_status,
    text_of,
)

API_KEY = "tuniclaim-demo-key-5b9e"
PAGE_CAP = 200
PAGE_USUAL = 50


@dataclass
class Tuniclaim:
    """One upstream: its claims, who may call, and what a test may switch on it."""

    claims: Claims
    troubles: Troubles = field(default_factory=Troubles)
    api_keys: dict[str, str] = field(default_factory=lambda: {API_KEY: "Tulay desk"})
    key_required: bool = True  # the contract also allows none
    page_cap: int = PAGE_CAP
    legacy_shape: str = "bare"  # or "bordereaux"

    @property
    def shelf(self) -> Any:
        """Where the bordereaux and the received calls are."""
        return self.claims.shelf

    def add(self, **fields: Any) -> dict[str, Any]:
        """A new bordereau with these fields; without any, whatever the post brings."""
        return self.claims.add(**fields) if fields else living.add_something(self.claims)

    def change_something(self) -> dict[str, Any] | None:
        """Moves one on (for the ticker and the control address)."""
        return living.change_something(self.claims)


def create_app(upstream: Tuniclaim) -> Flask:
    """The WSGI application of `upstream`."""
    app = Flask("tuniclaim-demo")
    app.register_blueprint(control("tuniclaim", upstream), url_prefix="/_control")
    app.register_blueprint(_contract(upstream), url_prefix="/api")
    app.register_blueprint(legacy(upstream), url_prefix="/legacy/api")
    refuse_in_json(app)
    return app


def _contract(upstream: Tuniclaim) -> Blueprint:
    routes = Blueprint("contract", __name__)
    rule, one = routes.add_url_rule, "/bordereaux/<int:number>"
    rule("/bordereaux", "list", lambda: _list(upstream))
    rule(f"{one}/bulletins", "bulletins", lambda number: _bulletins(upstream, number))
    rule(f"{one}/status", "status", lambda number: _status(upstream, number), methods=["PUT"])
    rule(f"{one}/payment", "payment", lambda number: _payment(upstream, number), methods=["PUT"])
    return routes


def _list(upstream: Tuniclaim) -> Response:
    holder(upstream)
    since = time_of("updatedSince", request.args.get("updatedSince"))
    number = _whole("page", usual=0, least=0)
    size = min(_whole("size", usual=PAGE_USUAL, least=1), upstream.page_cap)
    endless = request.environ.get("tulay.fault") == "endless"
    total = upstream.shelf.count_since(since)
    pages = -(-total // size)
    rows = upstream.claims.page(since=since, number=0 if endless else number, size=size)
    return as_json(
        {
            "content": rows,
            "number": number,
            "size": size,
            "totalElements": total,
            "totalPages": pages,
            "last": number + 1 >= pages and not endless,
        }
    )


def _bulletins(upstream: Tuniclaim, number: int) -> Response:
    holder(upstream)
    if upstream.claims.get(number) is None:
        raise Refused(404, "not_found", f"There is no bordereau {number}.")
    texts = upstream.claims.drawer.texts(str(number))
    return Response(f"[{','.join(texts)}]", content_type="application/json")


def _status(upstream: Tuniclaim, number: int) -> Response:
    def order(sent: Sent) -> Sent:
        time_of("changedAt", sent.get("changedAt"))
        text_of("changedBy", sent.get("changedBy"))
        wanted = StatusOrder(
            bordereau=str(number),
            bulletin=_bulletin_id(sent),
            status=_word(sent),
            reason=text_of("reason", sent.get("reason")),
        )
        return set_status(upstream.claims, wanted)

    return carried_out(upstream, f"{number}/status", order)


def _payment(upstream: Tuniclaim, number: int) -> Response:
    def order(sent: Sent) -> Sent:
        text_of("processedBy", sent.get("processedBy"))
        wanted = PaymentOrder(
            bordereau=str(number),
            bulletin=_bulletin_id(sent),
            status=_word(sent),
            amount=amount_of(sent.get("amount")),
            paid_at=day_of(sent.get("paidAt")),
            reference=text_of("virementReference", sent.get("virementReference")),
        )
        return set_payment(upstream.claims, wanted)

    return carried_out(upstream, f"{number}/payment", order)


def _bulletin_id(sent: Sent) -> int | None:
    value = sent.get("bulletinId")
    if value is not None and type(value) is not int:
        raise invalid("bulletinId must be a whole number or null.")
    return value


def _word(sent: Sent) -> str:
    value = sent.get("status")
    if not isinstance(value, str):
        raise invalid("status must be given as text.")
    return value


def _whole(name: str, *, usual: int, least: int) -> int:
    raw = request.args.get(name, str(usual))
    if not (raw.isascii() and raw.isdecimal() and least <= int(raw) < 10**9):
        raise invalid(f"{name} must be a whole number from {least}.")
    return int(raw)
