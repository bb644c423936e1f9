"""Which addresses of push services are taken, and what their keys are like. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec

from webapp.core.http import is_forbidden


def is_usable(endpoint: str, *, allowed_nets: Iterable[str]) -> bool:
    """Whether a browser may name this as its push service: https on a public host, or on one within `allowed_nets`."""
    parts = _parts(endpoint)
    if parts is None or parts.username is not None or not parts.hostname or parts.fragment:
        return False
    if parts.scheme == "http":
        return is_own(endpoint, allowed_nets=allowed_nets)
    local = "." not in parts.hostname and ":" not in parts.hostname  # a name of this network
    numbers = parts.hostname.replace(".", "").isdigit() or ":" in parts.hostname
    forbidden = is_forbidden(parts.hostname, allowed_nets=allowed_nets) if numbers else local
    return parts.scheme == "https" and not forbidden


def is_own(endpoint: str, *, allowed_nets: Iterable[str]) -> bool:
    """Whether it names an address (not a name) of a network that the desk was allowed: there http will do."""
    parts, nets = _parts(endpoint), tuple(allowed_nets)
    host = (parts.hostname if parts else "") or ""
    return bool(host) and is_forbidden(host) and not is_forbidden(host, allowed_nets=nets)


def host_of(endpoint: str) -> str:
    """The host and its port; "" where there is none."""
    parts = _parts(endpoint)
    return parts.netloc.rpartition("@")[2].lower() if parts else ""


def origin_of(endpoint: str) -> str:
    return f"{urlsplit(endpoint).scheme}://{host_of(endpoint)}"


def key_bytes(text: str, *, length: int) -> bytes:
    """A key as browsers write it (base64url without padding). Raises ValueError for another length."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError from None
    if len(raw) != length:
        raise ValueError
    return raw


def key_point(text: str) -> bytes:
    """A browser's public key. Raises ValueError for what is no point of the curve."""
    raw = key_bytes(text, length=65)
    ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)
    return raw


def key_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _parts(endpoint: str) -> SplitResult | None:
    try:
        parts = urlsplit(endpoint)
        _port = parts.port
    except ValueError:
        return None
    return parts
