"""Secrets that prove who asks: random ones kept as hashes, and access tokens that are signed and short-lived."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Any

from webapp.core import clock, settings

ACCESS_LASTS = timedelta(minutes=15)
REFRESH_LASTS = timedelta(days=30)
PERSONAL = "tulay_"  # how personal tokens begin, so that scanners of leaked secrets know them

_ALGORITHM, _ISSUER = "HS256", "tulay"


def new_secret() -> str:
    """256 random bits: no hash of it can be turned back, however fast the hash is."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def access_token(device_key: str, *, user_id: int) -> str:
    import jwt  # late: it brings all of cryptography's certificates, and few processes sign anybody in

    now = clock.now()
    claims: dict[str, Any] = {
        "iss": _ISSUER,
        "sub": str(user_id),
        "sid": device_key,
        "iat": now,
        "exp": now + ACCESS_LASTS,
    }
    return jwt.encode(claims, _key("access"), algorithm=_ALGORITHM)


def device_key_of(access: str) -> str | None:
    """The device that an access token stands for; None when it has expired or is not ours."""
    import jwt

    try:
        claims = jwt.decode(
            access,
            _key("access"),
            algorithms=[_ALGORITHM],
            issuer=_ISSUER,
            options={"require": ["exp", "iat", "sub", "sid"]},
        )
    except jwt.InvalidTokenError:
        return None
    return str(claims["sid"])


def csrf_of(device_key: str) -> str:
    """What a request with token cookies must repeat in its header: no other site can read it, nor make it."""
    return hmac.new(_key("csrf"), device_key.encode(), hashlib.sha256).hexdigest()


def csrf_fits(device_key: str, sent: str) -> bool:
    return hmac.compare_digest(csrf_of(device_key).encode(), sent.encode())


def _key(purpose: str) -> bytes:
    """One key a purpose, so that nothing signed for one counts for another."""
    secret = settings.current().secret_key.get_secret_value().encode()
    return hmac.new(secret, f"tulay {purpose}".encode(), hashlib.sha256).digest()
