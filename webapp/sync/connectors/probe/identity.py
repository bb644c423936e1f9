"""Whose token it is, what it may do, and until when."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from webapp.core.http.failures import failure
from webapp.sync.connectors.calling import Caller
from webapp.sync.connectors.declaration import Shape, Whoami
from webapp.sync.connectors.engine import Engine
from webapp.sync.connectors.paths import ABSENT, compile_path, read
from webapp.sync.connectors.transforms import parse_moment


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose token it is. `scopes` None: the upstream does not say."""

    account: str = ""
    scopes: tuple[str, ...] | None = None
    expires_at: datetime | None = None


def identify(engine: Engine, whoami: Whoami | None, secret: str) -> Identity:
    if whoami is None:
        return Identity(expires_at=token_expiry(secret))
    caller: Caller = engine.caller
    found = caller.get(whoami.path)
    account = _first_text(found, whoami.account)
    if account is None:
        raise caller.wrong_shape(f"{whoami.account[0]} ?")
    said = read(found, whoami.expires_at) if whoami.expires_at else None
    return Identity(
        account=account,
        scopes=_scopes(found, whoami.scopes),
        expires_at=_moment(said) or token_expiry(secret),
    )


def _first_text(found: Any, paths: tuple[str, ...]) -> str | None:
    for path in paths:
        value = compile_path(path)(found)
        if isinstance(value, str | int) and str(value).strip():
            return str(value).strip()
    return None


def _scopes(found: Any, path: str | None) -> tuple[str, ...] | None:
    value = read(found, path) if path else None
    if isinstance(value, str):
        value = value.replace(",", " ").split()
    return tuple(str(each) for each in value) if isinstance(value, list) else None


def _moment(value: Any) -> datetime | None:
    try:
        return parse_moment(value, zone=ZoneInfo("UTC")) if value not in (None, ABSENT) else None
    except ValueError:
        return None


def token_expiry(secret: str) -> datetime | None:
    """When a JWT ends, read from the token itself; None for other tokens. Nothing is verified."""
    parts = secret.strip().split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(int(claims["exp"]), UTC)
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, OSError):
        return None


def check_scopes(engine: Engine, shape: Shape, identity: Identity) -> None:
    missing = missing_scopes(shape.scopes.pull, identity)
    if missing:
        host = engine.caller.host
        raise failure(
            "forbidden",
            host,
            message=gettext(
                "The token lacks the permission %(scopes)s.", scopes=", ".join(missing)
            ),
            advice=gettext(
                "Ask the owner of %(host)s for a token with this permission.", host=host
            ),
        )


def missing_scopes(needed: tuple[str, ...], identity: Identity) -> tuple[str, ...]:
    if identity.scopes is None:
        return ()
    return tuple(scope for scope in needed if scope not in identity.scopes)
