"""The errors that may be shown to a person. One handler (core.web) makes page, toast and JSON of them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class AppError(Exception):
    """`message` is written for the user: no secrets, no personal data, no traces. `code` is stable."""

    status = 400
    code = "error"
    headers: Mapping[str, str] = MappingProxyType({})  # of the answer

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class NotFound(AppError):
    """Also what somebody without the right to see a thing is told."""

    status = 404
    code = "not_found"


class Forbidden(AppError):
    status = 403
    code = "forbidden"


class Invalid(AppError):
    """`fields`: input name → what is wrong with it and what to do."""

    status = 422
    code = "invalid"

    def __init__(self, message: str, *, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})


class TooMany(AppError):
    """`retry_after`: seconds to wait."""

    status = 429
    code = "too_many"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.headers = {"Retry-After": str(retry_after)}


class Conflict(AppError):
    status = 409
    code = "conflict"


class IllegalTransition(Conflict):
    code = "illegal_transition"


class Misconfigured(AppError):
    """The desk is set up wrongly; the message names the setting and what it should look like."""

    status = 500
    code = "misconfigured"


class RemoteError(AppError):
    """An upstream did not do as asked. `kind` names the failure (M6); `advice` says what to do about it.

    `retryable`: the same call may succeed later. `ambiguous`: the call may have had its effect.
    `retry_after`: seconds that the upstream asked us to wait.
    """

    status = 502
    code = "remote"

    def __init__(
        self,
        message: str,
        *,
        kind: str,
        advice: str = "",
        retryable: bool = False,
        ambiguous: bool = False,
        retry_after: float | None = None,
        http_status: int | None = None,
        body: bytes = b"",
    ) -> None:
        super().__init__(message, code=f"remote_{kind}")
        self.kind = kind
        self.advice = advice
        self.retryable = retryable
        self.ambiguous = ambiguous
        self.retry_after = retry_after
        self.http_status = http_status
        self.body = body
