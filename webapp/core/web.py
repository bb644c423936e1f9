"""What every page shares: how an error is shown, toasts with an answer, security headers, htmx or plain."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, tzinfo
from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import (
    Flask,
    Response,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    stream_with_context,
    url_for,
)
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from webapp.core import assets, clock, cookies, kept, money, page_words
from webapp.core.errors import AppError, Conflict, Invalid
from webapp.core.export import csv_pieces

log = logging.getLogger(__name__)
SAFE_HEADERS = {  # of every answer
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}
MOST_TOLD = 10  # messages that wait for the next page
_SAFE = "!$'()*,/:;?@"  # in a query, as url_for has it
_bases: dict[tuple[str, str], str] = {}
CSRF_HEADERS = ("X-CSRFToken", "X-CSRF-Token")
JSON_PATHS = ("/api/", "/bulletin-soin/")  # addresses of programs


class _RowNumber(IntegerConverter):
    """`<int:…>` in an address names a row: what no column can hold leads nowhere."""

    def __init__(self, map: Map, *args: Any, **kwargs: Any) -> None:  # noqa: A002 - werkzeug's name
        super().__init__(map, *args, **{"max": 2**63 - 1, **kwargs})


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = _RowNumber
    # Globals, because macros see no context.
    app.jinja_env.globals.update(
        csp_nonce=csp_nonce,
        asset=assets.asset,
        address=address,
        now=clock.now,
        money_pattern=money.pattern,
    )
    page_words.init_app(app)
    cookies.init_app(app)
    kept.init_app(app)
    assets.init_app(app)
    app.context_processor(lambda: {"is_htmx": is_htmx()})
    app.after_request(_append_toasts)
    app.after_request(_security_headers)
    app.register_error_handler(AppError, _app_error)
    app.register_error_handler(StaleDataError, _stale)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)


def is_htmx() -> bool:
    """Whether htmx asks for a part of a page (a history restore asks for a whole one)."""
    return request.headers.get("HX-Request") == "true"


def render(template: str, **values: Any) -> str:
    return render_template(template, **values)


def download(content: str | bytes | Iterable[Any], name: str, mimetype: str) -> Response:
    """A file to keep, sent as it is read where `content` gives pieces. Copies of it are kept nowhere."""
    whole = isinstance(content, str | bytes)
    return Response(
        content if whole else stream_with_context(iter(content)),
        mimetype=mimetype,
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def csv_download(
    name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], *, zone: tzinfo = UTC
) -> Response:
    """A table as a CSV file; `rows` is read while it is sent."""
    return download(csv_pieces(headings, rows, zone=zone), name, "text/csv")


def toast(kind: str, text: str, *, url: str | None = None) -> None:
    """Tell the person who asked: with the htmx answer, or on the page that a redirect leads to."""
    if is_htmx():
        g.setdefault("toasts", []).append((kind, text, url))
    else:
        flash(text, kind)
        # Browsers drop a cookie that is too large whole.
        session["_flashes"] = session["_flashes"][-MOST_TOLD:]


def back_or(fallback: str) -> BaseResponse:
    """303 to the page the person came from if it is one of ours, else to `fallback`."""
    came_from = urlsplit(request.referrer or "")
    if came_from.netloc == request.host and came_from.path != request.path:
        return redirect(came_from._replace(scheme="", netloc="").geturl(), 303)
    return redirect(fallback, 303)


def safe_next(target: str | None, fallback: str) -> str:
    """`target` when it is a path of this site; an address elsewhere is never followed."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")):
        return target
    return fallback


def address(endpoint: str, **query: Any) -> str:
    """As url_for, for an address without parts that vary: it is looked up once, and only the query written anew."""
    key = request.script_root, endpoint
    base = _bases.get(key)
    if base is None:
        base = _bases[key] = url_for(endpoint)
    given = {name: value for name, value in query.items() if value is not None}
    return f"{base}?{urlencode(given, doseq=True, safe=_SAFE)}" if given else base


def csp_nonce() -> str:
    found: str | None = g.get("csp_nonce")
    if found is None:
        found = g.csp_nonce = secrets.token_urlsafe(16)
    return found


def allow_images_from(origin: str) -> None:
    """This answer's page may show pictures of that site. `origin`: scheme://host, checked by whoever gives it."""
    g.image_origin = origin


def is_broken() -> bool:
    """Whether a page about our own failure is being made: it asks nothing of the database."""
    return bool(g.get("broken"))


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return request.path.startswith(JSON_PATHS) or best == "application/json"


def problem(error: AppError, **more: Any) -> Response:
    """The error as programs are told it, and what else they need to know of it."""
    return _problem(error.status, error.message, code=error.code, errors={}, **more)


def _app_error(error: AppError) -> Response:
    fields = error.fields if isinstance(error, Invalid) else {}
    answer = _answer(error.status, error.message, code=error.code, fields=fields)
    answer.headers.update(error.headers)
    return answer


def _stale(_error: StaleDataError) -> Response:
    return _app_error(
        Conflict(
            gettext(
                "Somebody else changed this at the same time. Look at it again, then repeat your change."
            )
        )
    )


def _csrf(_error: CSRFError) -> Response:
    if request.path.startswith(JSON_PATHS) and not any(map(request.headers.get, CSRF_HEADERS)):
        # A program, which has no page to reload: our own scripts always send one.
        needs = gettext(
            "The header X-CSRFToken is missing: send in it the value of the cookie tulay_csrf."
        )
        return _answer(400, needs, code="csrf")
    return _answer(
        400,
        gettext(
            "This form is no longer valid, perhaps because you signed in or out meanwhile. "
            "Reload the page and send it again."
        ),
        code="csrf",
    )


def _http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    answer = _answer(error.code, _sentence(error), code=error.name.lower().replace(" ", "_"))
    for name in ("Allow", "Retry-After"):
        if value := dict(error.get_headers()).get(name):
            answer.headers[name] = value
    return answer


def _sentence(error: HTTPException) -> str:
    if isinstance(error, RequestEntityTooLarge):
        return gettext("What you sent is too large: at most 100 MB in all.")
    return {
        404: gettext("There is nothing at this address, or you may not see it."),
        405: gettext("This address does not take that kind of request."),
        429: gettext("Too many requests. Wait a minute, then try again."),
        500: gettext(
            "Something went wrong on our side. It has been written down; try again, or tell your admin when."
        ),
    }.get(error.code or 500, error.description or error.name)


def _answer(
    status: int, message: str, *, code: str, fields: dict[str, str] | None = None
) -> Response:
    g.broken = status >= 500
    if wants_json():
        answer = _problem(status, message, code=code, errors=fields or {})
    elif is_htmx():
        g.setdefault("toasts", []).append(("error", message, None))
        answer = Response("", status, {"HX-Reswap": "none"}, mimetype="text/html")
    else:
        answer = Response(
            render_template("errors/error.html", status=status, message=message, code=code), status
        )
    return answer


def _problem(status: int, title: str, **more: Any) -> Response:
    told = {"type": "about:blank", "title": title, "status": status, **more}
    return Response(
        json.dumps(told, ensure_ascii=False), status, mimetype="application/problem+json"
    )


def _append_toasts(response: Response) -> Response:
    waiting = g.pop("toasts", [])
    if waiting and response.mimetype == "text/html" and not response.direct_passthrough:
        parts = [
            render_template("ui/_toast_partial.html", kind=kind, text=text, url=url)
            for kind, text, url in waiting
        ]
        response.set_data(response.get_data(as_text=True) + "".join(parts))
    return response


def _security_headers(response: Response) -> Response:
    headers = response.headers
    given = {name for name, _ in headers}
    for name, value in SAFE_HEADERS.items():
        if name not in given:
            headers.add(name, value)
    if response.mimetype == "text/html":
        headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'self'; script-src 'self' 'nonce-{csp_nonce()}'; style-src 'self'; "
            f"img-src 'self' data: blob: {g.get('image_origin', '')}; object-src 'none'; base-uri 'none'; "
            "form-action 'self'; frame-ancestors 'none'",
        )
        headers.setdefault("Cache-Control", "no-cache, private")
    return response
