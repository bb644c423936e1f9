"""Tells a person filling in a public form from a machine: nobody types a report within a second."""

from __future__ import annotations

from itsdangerous import BadData, URLSafeTimedSerializer

from webapp.core import clock, settings

FASTEST_S = 1


def stamp() -> str:
    """Goes into the form when it is shown: a signed time."""
    return _signer().dumps(clock.now().timestamp())


def stamp_again(stamped: str) -> str:
    """For a form that is shown once more: its own stamp, unless that is none of ours."""
    return stamp() if _shown_at(stamped) is None else stamped


def too_fast(stamped: str) -> bool:
    """Whether the form came back sooner than a person can, or never was shown."""
    shown_at = _shown_at(stamped)
    return shown_at is None or clock.now().timestamp() - shown_at < FASTEST_S


def _shown_at(stamped: str) -> float | None:
    try:
        return float(_signer().loads(stamped))
    except (BadData, TypeError, ValueError):
        return None


def _signer() -> URLSafeTimedSerializer:
    secret = settings.current().secret_key.get_secret_value()
    return URLSafeTimedSerializer(secret, salt="tickets.machines")
