"""The three cookies of a program that signed in: access, refresh, and what its requests must repeat."""

from __future__ import annotations

from flask import Response, current_app, jsonify, request

from webapp.accounts import tokens
from webapp.accounts.actions.devices import Entry
from webapp.accounts.identity import ACCESS_COOKIE
from webapp.accounts.models import User

REFRESH_COOKIE = "tulay_refresh"
CSRF_COOKIE = "tulay_csrf"
_REFRESH_PATH = "/api/auth"  # it is sent nowhere else


def answer(entry: Entry, status: int = 200) -> Response:
    """Who signed in, with the cookies. Scripts can read none but the CSRF token's."""
    access = tokens.access_token(entry.device.key, user_id=entry.user.id)
    csrf = tokens.csrf_of(entry.device.key)
    made = jsonify(
        user=person(entry.user),
        csrf_token=csrf,
        expires_in=int(tokens.ACCESS_LASTS.total_seconds()),
    )
    made.status_code = status
    refresh_s = int(tokens.REFRESH_LASTS.total_seconds())
    _set(made, ACCESS_COOKIE, access, int(tokens.ACCESS_LASTS.total_seconds()))
    _set(made, REFRESH_COOKIE, entry.refresh, refresh_s, path=_REFRESH_PATH)
    _set(made, CSRF_COOKIE, csrf, refresh_s, readable=True)
    made.headers["Cache-Control"] = "no-store"
    return made


def clear(response: Response) -> Response:
    response.delete_cookie(ACCESS_COOKIE)
    response.delete_cookie(REFRESH_COOKIE, path=_REFRESH_PATH)
    response.delete_cookie(CSRF_COOKIE)
    response.headers["Cache-Control"] = "no-store"
    return response


def sent_refresh() -> str:
    return request.cookies.get(REFRESH_COOKIE, "")


def person(user: User) -> dict[str, object]:
    return {
        "id": user.id,
        "email": user.email,
        "name": user.name,
        "role": user.role,
        "timezone": user.timezone,
        "second_factor": user.totp_since is not None,
    }


def _set(
    response: Response,
    name: str,
    value: str,
    lasts_s: int,
    *,
    path: str = "/",
    readable: bool = False,
) -> None:
    response.set_cookie(
        name,
        value,
        max_age=lasts_s,
        path=path,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=not readable,
        samesite="Strict",
    )
