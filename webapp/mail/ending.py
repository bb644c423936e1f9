"""Addresses that end mails with one click and without signing in (RFC 8058): signed, so that nobody can make one up.

They do not expire, as mails do not, and open nothing else. What is ended by them, webapp.notifications decides.
"""

from __future__ import annotations

from itsdangerous import BadSignature, URLSafeSerializer

from webapp.core import settings


def url_of(role: str, kind: str, thing: str = "") -> str:
    """`role`: user:4, reporter or follower:12, as in a mail's lane; `kind` of news; `thing`: ticket:7 or ""."""
    return f"{settings.current().base_url}/unsubscribe/{_signer().dumps([role, kind, thing])}"


def read(token: str) -> tuple[str, str, str] | None:
    """Role, kind and thing; None for anything that we did not sign."""
    try:
        role, kind, thing = _signer().loads(token)
    except (BadSignature, ValueError):
        return None
    return role, kind, thing


def _signer() -> URLSafeSerializer:
    secret = settings.current().secret_key.get_secret_value()
    return URLSafeSerializer(secret, salt="notifications.unsubscribe")
