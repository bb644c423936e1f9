"""What an HTTP status means for us, and how long an upstream asked us to wait."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from webapp.core.errors import RemoteError
from webapp.core.http.failures import failure

LONGEST_WAIT = 6 * 3600.0

_KINDS = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    408: "timeout",
    409: "conflict",
    410: "gone",
    412: "conflict",
    413: "rejected",
    425: "rate_limited",
    429: "rate_limited",
}
# Sent on, yet perhaps with effect: a gateway that gave up knows nothing of what its server did.
_SURELY_WITHOUT_EFFECT = frozenset({501, 503})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def kind_of(status: int) -> str | None:
    """The kind of failure that this status is; None for success and 304."""
    if status < 300 or status == 304:
        return None
    if status < 400:
        return "redirect"
    if status in _KINDS:
        return _KINDS[status]
    return "server" if status >= 500 else "rejected"


def check_status(
    status: int,
    *,
    host: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    now: datetime | None = None,
) -> None:
    """Raises the RemoteError that the status stands for; passes on 2xx and 304."""
    error = status_error(status, host=host, method=method, headers=headers, body=body, now=now)
    if error is not None:
        raise error


def status_error(
    status: int,
    *,
    host: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    now: datetime | None = None,
) -> RemoteError | None:
    """The RemoteError that the status stands for; None on 2xx and 304."""
    kind = kind_of(status)
    if kind is None:
        return None
    wait = retry_after_seconds((headers or {}).get("retry-after"), now=now)
    unsafe = method.upper() not in SAFE_METHODS
    doubtful = (status >= 500 and status not in _SURELY_WITHOUT_EFFECT) or status == 408
    return failure(
        kind,
        host,
        ambiguous=unsafe and doubtful,
        retry_after=wait if kind in ("rate_limited", "server", "timeout") else None,
        http_status=status,
        body=body,
    )


def retry_after_seconds(value: str | None, *, now: datetime | None = None) -> float | None:
    """Seconds to wait: 0 … 6 h. None where the header is absent or makes no sense."""
    text = (value or "").strip()
    if not text:
        return None
    seconds = _as_seconds(text)
    if seconds is None:
        seconds = _until(text, now or datetime.now(UTC))
    if seconds is None or math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_WAIT)


def _as_seconds(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _until(text: str, now: datetime) -> float | None:
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()
