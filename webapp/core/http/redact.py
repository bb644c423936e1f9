"""Secrets taken out of what is kept or shown of a request: headers, addresses, bodies. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

HIDDEN = "[hidden]"

_NAME = re.compile(
    r"(?:^|[-_.])(?:authorization|cookie|token|secret|passw(?:or)?d|signature|credential|jwt|auth)s?"
    r"(?:$|[-_.])|api[-_]?key|access[-_]?key|session[-_]?id|[a-z](?:Token|Secret|Password)$|^key$",
    re.IGNORECASE,
)
_IN_JSON = re.compile(
    r'("(?:[^"\\]*(?:token|secret|password|api_?key|authorization)[^"\\]*)"\s*:\s*)"(?:[^"\\]|\\.)*"',
    re.IGNORECASE,
)

_IN_XML = re.compile(
    r"(<[\w:.-]*(?:token|secret|password|api_?key)[\w:.-]*(?:\s[^>]*)?>)[^<]+(</)", re.IGNORECASE
)


def is_secret_name(name: str) -> bool:
    """Whether a header, query or form field of this name holds a secret."""
    lowered = name.lower()
    if lowered in ("idempotency-key", "tokenexpiresat"):
        return False
    return _NAME.search(name) is not None or lowered.endswith(("token", "secret", "apikey"))


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with the values of secret ones hidden."""
    return {name: HIDDEN if is_secret_name(name) else value for name, value in headers.items()}


def redact_url(url: str) -> str:
    """The address without user info and with secret query values hidden."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, redact_form(parts.query), ""))


def redact_form(text: str) -> str:
    """A query or form body with secret values hidden, the rest as it was meant."""
    if not text:
        return text
    return "&".join(
        f"{quote(name, safe='')}={HIDDEN if is_secret_name(name) else quote(value, safe=':,/')}"
        for name, value in parse_qsl(text, keep_blank_values=True)
    )


def redact_body(body: bytes, *, content_type: str = "", limit: int = 2048) -> str:
    """The first `limit` characters of a body, secrets of forms, JSON and XML hidden."""
    text = body[: limit * 4].decode("utf-8", "replace")
    if "form-urlencoded" in content_type:
        return redact_form(text)[:limit]
    return _IN_XML.sub(rf"\g<1>{HIDDEN}\g<2>", _IN_JSON.sub(rf'\1"{HIDDEN}"', text))[:limit]
