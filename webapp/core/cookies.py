"""The session's cookie and the forms' secret, as Flask and Flask-WTF make them. What this process has checked or signed
before, byte for byte the same, it knows: nearly every request brings the cookie of the one before it."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

from flask import Flask, Request, Response, current_app, request, session
from flask.sessions import (
    SecureCookieSession,
    SecureCookieSessionInterface,
    SessionMixin,
    session_json_serializer,
)
from flask_wtf.csrf import generate_csrf
from itsdangerous import URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode
from itsdangerous.exc import BadSignature
from itsdangerous.serializer import Serializer

MOST_KNOWN = 2000
SHORT = 600  # bytes
_SIMPLE = frozenset((str, int, bool, type(None)))


class Sessions(SecureCookieSessionInterface):
    """One app's."""

    def __init__(self) -> None:
        # cookie → what it says, and when it was signed
        self._known: dict[str, tuple[dict[str, Any], float]] = {}

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if not app.secret_key:
            return None
        keys = (*(app.config["SECRET_KEY_FALLBACKS"] or ()), app.secret_key)
        return _signer(keys, self.salt, self.key_derivation, self.digest_method)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        cookie = request.cookies.get(self.get_cookie_name(app))
        known = self._known.get(cookie) if cookie else None
        if known is None or not 0 <= time.time() - known[1] <= _longest(app):
            return self._read(app, cookie)
        return self.session_class(known[0])

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.endpoint != "static":  # the same for everybody (`core/assets.py`)
            super().save_session(app, session, response)

    def _read(self, app: Flask, cookie: str | None) -> SecureCookieSession | None:
        signer = self.get_signing_serializer(app)
        if signer is None or not cookie:
            return None if signer is None else self.session_class()
        try:
            said, at = signer.loads(cookie, max_age=int(_longest(app)), return_timestamp=True)
        except BadSignature:
            return self.session_class()
        # What a request could not change.
        if all(type(value) in _SIMPLE for value in said.values()):
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            self._known[cookie] = said, at.timestamp()
        return self.session_class(said)


@lru_cache(maxsize=8)
def _signer(keys: tuple[str | bytes, ...], salt: str, derivation: str, digest: Any) -> _Unpressed:
    return _Unpressed(
        list(keys),  # type: ignore[arg-type]
        salt=salt,
        serializer=session_json_serializer,
        signer_kwargs={"key_derivation": derivation, "digest_method": digest},
    )


class _Unpressed(URLSafeTimedSerializer):
    """A short one without the try whether compression makes it shorter, which takes longer than all else."""

    def dump_payload(self, obj: Any) -> bytes:
        said = Serializer.dump_payload(self, obj)
        return base64_encode(said) if len(said) < SHORT else super().dump_payload(obj)


def _longest(app: Flask) -> float:
    return app.permanent_session_lifetime.total_seconds()


def init_app(app: Flask) -> None:
    app.session_interface = Sessions()
    app.extensions["signed_secrets"] = {}
    app.jinja_env.globals["csrf_token"] = csrf_token
    app.context_processor(lambda: {"csrf_token": csrf_token})  # after Flask-WTF's own


def csrf_token() -> str:
    """As Flask-WTF's. It does not grow old (`WTF_CSRF_TIME_LIMIT`), so it is signed once for a session."""
    signed: dict[str, str] = current_app.extensions["signed_secrets"]
    own = session.get("csrf_token")
    token = signed.get(own) if own else None
    if token is None:
        token = str(generate_csrf())
        if len(signed) >= MOST_KNOWN:
            signed.clear()
        signed[session["csrf_token"]] = token
    return token
