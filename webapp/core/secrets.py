"""Secrets at rest: a key ring (first key encrypts, all decrypt), each value bound to its place of use."""

from __future__ import annotations

import json

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from webapp.core import settings
from webapp.core.errors import Misconfigured


def seal(plain: str, *, context: str) -> str:
    """Encrypt `plain`; only `unseal` with the same `context` (say `connection:3 host`) gives it back."""
    return _ring().encrypt(json.dumps([context, plain]).encode()).decode()


def unseal(sealed: str, *, context: str) -> str:
    """Raises Misconfigured when no key of the ring fits or the value was sealed for another place."""
    try:
        bound, plain = json.loads(_ring().decrypt(sealed.encode()))
    except InvalidToken:
        raise Misconfigured(
            "A stored secret cannot be read: TULAY_SECRET_KEYS no longer holds the key it was sealed with."
        ) from None
    if bound != context:
        raise Misconfigured("A stored secret belongs to another address; enter it again.")
    return str(plain)


def reseal(sealed: str) -> str:
    """Sealed with the ring's first key; the very same text where it is already. Raises Misconfigured."""
    ring, first = _ring(), settings.current().tulay_secret_keys[0]
    try:
        Fernet(first.get_secret_value()).decrypt(sealed.encode())
    except InvalidToken:
        pass
    else:
        return sealed
    try:
        return ring.rotate(sealed.encode()).decode()
    except InvalidToken:
        raise Misconfigured("A stored secret cannot be read with any key of the ring.") from None


def last4(plain: str) -> str:
    """What may be shown of a secret. Short ones show nothing."""
    return plain[-4:] if len(plain) >= 12 else ""


def _ring() -> MultiFernet:
    keys = settings.current().tulay_secret_keys
    try:
        return MultiFernet([Fernet(key.get_secret_value()) for key in keys])
    except ValueError:
        raise Misconfigured(
            "TULAY_SECRET_KEYS is wrong: each key must be 32 url-safe base64-encoded bytes (Fernet)."
        ) from None
