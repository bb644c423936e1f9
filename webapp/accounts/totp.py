"""Codes of a second factor (RFC 6238: six figures, 30 s). Pure."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

STEP_S = 30
LENIENT_STEPS = 1  # so far a phone's clock may be off
RECOVERY_CODES = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


def new_secret() -> str:
    import pyotp

    return pyotp.random_base32()


def address_of(secret: str, *, email: str, desk: str) -> str:
    """What the picture says to an authenticator app."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=desk)


def step_of(secret: str, code: str, *, now: datetime, after: int) -> int | None:
    """The step that `code` belongs to; None when it fits none, or only one up to `after`: no code counts twice."""
    import pyotp

    totp, here = pyotp.TOTP(secret), int(now.timestamp()) // STEP_S
    for step in range(here - LENIENT_STEPS, here + LENIENT_STEPS + 1):
        if hmac.compare_digest(totp.at(step * STEP_S), plain(code)) and step > after:
            return step
    return None


def plain(code: str) -> str:
    """As it is compared: without the spaces and dashes that people read it by. ASCII only."""
    kept = "".join(code.split()).replace("-", "").lower()
    return kept if kept.isascii() else ""


def recovery_code() -> str:
    """Four groups of four letters: about 79 bits."""
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
    return "-".join(groups)
