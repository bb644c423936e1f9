"""What both profiles of the demo TUNICLAIM do with a call: whose key, what it orders, what it is told."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Response, request

from webapp.demo.clock import moment
from webapp.demo.refused import Refused
from webapp.demo.shelf import Answer, Received
from webapp.demo.tuniclaim.exact import dumps, loads
from webapp.demo.tuniclaim.orders import invalid

if TYPE_CHECKING:
    from webapp.demo.tuniclaim.app import Tuniclaim

Sent = dict[str, Any]
KEY_LONGEST = 255


def as_json(body: Any, status: int = 200) -> Response:
    """A JSON answer in which Decimals are numbers as written."""
    return Response(dumps(body), status, content_type="application/json")


def holder(upstream: "Tuniclaim") -> str:
    """Whose key this call carries. Raises Refused."""
    key = request.headers.get("X-API-Key")
    if request.environ.get("tulay.fault") == "revoked":
        raise Refused(401, "key_revoked", "This key was revoked.")
    if key is None and not upstream.key_required:
        return "anybody"
    if key not in upstream.api_keys:
        raise Refused(401, "key_invalid", "X-API-Key is missing or not known.")
    return upstream.api_keys[key]


def carried_out(upstream: "Tuniclaim", about: str, order: Callable[[Sent], Sent]) -> Response:
    """Carries out what a PUT orders, once for each requestId, and notes it with its answer."""
    account = holder(upstream)
    sent = _sent(loads)
    key = sent.get("requestId") if sent else None
    known_as = f"{account}:{request.path}:{key}" if isinstance(key, str) and key else None
    (status, body), replayed = upstream.shelf.once(known_as, lambda: _answer(order, sent))
    upstream.shelf.log(
        Received(
            at=upstream.claims.now(),
            method=request.method,
            path=request.path,
            record=about,
            body=_sent(lambda text: json.loads(text, parse_float=str)) or {},
            key=None if key is None else str(key),
            account=account,
            status=status,
            replayed=replayed,
        )
    )
    return as_json(body, status)


def time_of(name: str, value: Any) -> int | None:
    """A time that a caller sent, in milliseconds; None without one. Raises Refused."""
    if value in (None, ""):
        return None
    try:
        return moment(value)
    except (TypeError, ValueError, OverflowError):
        raise invalid(f"{name} must be an ISO 8601 time.") from None


def _answer(order: Callable[[Sent], Sent], sent: Sent | None) -> Answer:
    try:
        if sent is None:
            raise invalid("The body must be a JSON object.")
        key = sent.get("requestId", "-")
        if not isinstance(key, str) or not 1 <= len(key) <= KEY_LONGEST:
            raise invalid(f"requestId must be text of 1 to {KEY_LONGEST} characters.")
        return 200, order(sent)
    except Refused as refused:
        return refused.status, refused.body


def _sent(read: Callable[[bytes], Any]) -> Sent | None:
    try:
        body = read(request.get_data())
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
