"""`/_control` of each demo upstream: put it into trouble, add and change records, see what arrived.

Answers callers on this machine only, and only JSON, so that no web page can reach it.
"""

from dataclasses import asdict
from ipaddress import ip_address
from typing import Any, Protocol

from flask import Blueprint, Response, jsonify, request

from webapp.demo.shelf import Shelf
from webapp.demo.trouble import MODES, Fault, Troubles


class Upstream(Protocol):
    """What the control address and the ticker ask of an upstream."""

    troubles: Troubles

    @property
    def shelf(self) -> Shelf:
        """Its records and the calls it received."""

    def add(self) -> dict[str, Any]:
        """A new record."""

    def change_something(self) -> dict[str, Any] | None:
        """One record moves on."""


def control(kind: str, upstream: Upstream) -> Blueprint:
    """GET shows the state, POST changes it."""
    routes = Blueprint("control", __name__)
    routes.before_request(_only_from_here)
    routes.add_url_rule("", view_func=lambda: _state(kind, upstream), endpoint="state")
    routes.add_url_rule(
        "", view_func=lambda: _order(kind, upstream), methods=["POST"], endpoint="order"
    )
    return routes


def _only_from_here() -> tuple[Response, int] | None:
    here = ip_address(request.remote_addr or "::").is_loopback
    if not here or (request.method == "POST" and not request.is_json):
        return jsonify(error="The control address answers JSON from this machine only."), 403
    return None


def _state(kind: str, upstream: Upstream) -> Response:
    standing = upstream.troubles.standing
    return jsonify(
        kind=kind,
        trouble=asdict(standing) if standing else None,
        script=[asdict(fault) for fault in upstream.troubles.waiting],
        modes=MODES,
        records=upstream.shelf.count(),
        received=[asdict(item) for item in reversed(upstream.shelf.received(limit=100))],
    )


def _order(kind: str, upstream: Upstream) -> Response | tuple[Response, int]:
    """{"trouble": null | {"mode": …}} · {"script": [{"mode": …}]} · {"do": "add" | "change"}"""
    order = request.get_json(silent=True)
    if not isinstance(order, dict):
        return jsonify(error="Send a JSON object."), 400
    try:
        done = _carry_out(order, upstream)
    except (TypeError, ValueError) as error:
        return jsonify(error=str(error)), 400
    return jsonify(done=done, kind=kind)


def _carry_out(order: dict[str, Any], upstream: Upstream) -> Any:
    done: Any = None
    if "trouble" in order:
        upstream.troubles.clear()
        if order["trouble"]:
            upstream.troubles.set(**order["trouble"])
    if "script" in order:
        upstream.troubles.script(*(Fault(**fault) for fault in order["script"]))
    if order.get("do") == "add":
        done = upstream.add()
    elif order.get("do") == "change":
        done = upstream.change_something()
    return done
