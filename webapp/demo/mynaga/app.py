"""The HTTP face of the demo MyNaga, exactly as upstreams/mynaga.openapi.yaml says."""

import base64
import json
from dataclasses import dataclass, field
from hashlib import sha1
from typing import Any
from zlib import crc32

from flask import Flask, Response, abort, jsonify, request

from webapp.demo import photos
from webapp.demo.clock import millis, moment
from webapp.demo.control import control
from webapp.demo.mynaga.legacy import legacy
from webapp.demo.mynaga.page import page
from webapp.demo.mynaga.reports import STATUSES, Reports, Stale
from webapp.demo.mynaga.tokens import READ, WRITE, Account, demo_accounts
from webapp.demo.refused import Refused, refuse_in_json
from webapp.demo.shelf import Answer, Received
from webapp.demo.trouble import Troubles


@dataclass
class MyNaga:
    """One upstream: its reports, who may call, and what a test may switch on it."""

    reports: Reports
    troubles: Troubles = field(default_factory=Troubles)
    accounts: dict[str, Account] = field(default_factory=demo_accounts)
    cursor_seconds: float = 900
    total: str = "sometimes"  # or "always", "never"
    short_pages: bool = True
    legacy_shape: str = "bare"  # or "data", "reports"
    cursor_epoch: int = 0

    @property
    def shelf(self) -> Any:
        """Where the records and the received calls are."""
        return self.reports.shelf

    def expire_cursors(self) -> None:
        """Every cursor handed out so far answers 410."""
        self.cursor_epoch += 1

    def add(self, **fields: Any) -> dict[str, Any]:
        """A new report (for the ticker and the control address)."""
        return self.reports.add(**fields)

    def change_something(self) -> dict[str, Any] | None:
        """Changes one report (for the ticker and the control address)."""
        return self.reports.change_something()


def create_app(upstream: MyNaga) -> Flask:
    """The WSGI application of `upstream`."""
    app = Flask("mynaga-demo")
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_blueprint(control("mynaga", upstream), url_prefix="/_control")
    app.register_blueprint(legacy(upstream), url_prefix="/legacy")
    app.register_blueprint(page(upstream), url_prefix="/reports")
    app.add_url_rule("/api/v1/me", view_func=lambda: _me(upstream), endpoint="me")
    app.add_url_rule("/api/v1/reports", view_func=lambda: _list(upstream), endpoint="list")
    one = "/api/v1/reports/<path:report_id>"
    app.add_url_rule(one, view_func=lambda report_id: _one(upstream, report_id), endpoint="one")
    app.add_url_rule(
        one,
        view_func=lambda report_id: _patch(upstream, report_id),
        endpoint="patch",
        methods=["PATCH"],
    )
    app.add_url_rule("/media/<name>", view_func=_media, endpoint="media")
    refuse_in_json(app)
    return app


def _me(upstream: MyNaga) -> Response:
    account = _account(upstream)
    ends = account.expires.isoformat() if account.expires else None
    return jsonify(account=account.name, scopes=list(account.scopes), tokenExpiresAt=ends)


def _list(upstream: MyNaga) -> Response:
    _account(upstream, scope=READ)
    since = _moment(request.args.get("updatedSince"))
    limit = _limit(request.args.get("limit", "100"))
    cursor = request.args.get("cursor")
    after = None
    if cursor:
        since, after = _unpack(upstream, cursor)
    rows = upstream.reports.page(since=since, after=after, limit=limit + 1)
    shown, more = _cut(upstream, rows, limit)
    page: dict[str, Any] = {"data": [_public(report) for _, report in shown], "nextCursor": None}
    if more:
        page["nextCursor"] = _pack(upstream, since, shown[-1][0])
    if upstream.total == "always" or (upstream.total == "sometimes" and not cursor):
        page["total"] = upstream.shelf.count_since(since)
    if request.environ.get("tulay.fault") == "endless" and shown:
        start = after or (0, "")
        page["nextCursor"] = _pack(upstream, since, start)
    return _with_etag(page)


def _one(upstream: MyNaga, report_id: str) -> Response:
    _account(upstream, scope=READ)
    report = upstream.reports.get(report_id)
    if report is None:
        raise Refused(404, "not_found", f"There is no report {report_id}.")
    return _with_etag(_public(report))


def _patch(upstream: MyNaga, report_id: str) -> tuple[Response, int]:
    account = _account(upstream, scope=WRITE)
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= 255:
        raise Refused(422, "invalid", "Idempotency-Key must have 1 to 255 characters.")
    known_as = f"{account.name}:{key}" if key else None
    (status, body), replayed = upstream.shelf.once(known_as, lambda: _change(upstream, report_id))
    sent = request.get_json(silent=True)
    upstream.shelf.log(
        Received(
            at=millis(upstream.reports.clock()),
            method="PATCH",
            path=request.path,
            record=report_id,
            body=sent if isinstance(sent, dict) else {},
            key=key,
            account=account.name,
            status=status,
            replayed=replayed,
        )
    )
    return jsonify(body), status


def _change(upstream: MyNaga, report_id: str) -> Answer:
    try:
        fields, seen = _wish(), _seen_version()
        return 200, _public(upstream.reports.change(report_id, fields, seen_version=seen))
    except Refused as refused:
        return refused.status, refused.body
    except KeyError:
        return 404, Refused(404, "not_found", f"There is no report {report_id}.").body
    except Stale:
        stale = Refused(409, "conflict", "The report has changed since you last saw it.")
        return 409, stale.body


def _wish() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused(422, "invalid", "The body must be a JSON object.")
    if "status" in body and body["status"] not in STATUSES:
        raise Refused(422, "invalid", f"status must be one of: {', '.join(STATUSES)}.")
    for name, longest in (("refinedCategory", 200), ("note", 2000)):
        value = body.get(name, "")
        if not isinstance(value, str) or len(value) > longest:
            raise Refused(422, "invalid", f"{name} must be text of at most {longest} characters.")
    if not body.keys() & {"status", "refinedCategory", "note"}:
        raise Refused(422, "invalid", "Nothing to change: send status, refinedCategory or note.")
    return {name: body[name] for name in ("status", "refinedCategory") if name in body}


def _seen_version() -> int | None:
    raw = request.headers.get("If-Unmodified-Since-Version")
    if raw is None:
        return None
    if not raw.isdecimal():
        raise Refused(422, "invalid", "If-Unmodified-Since-Version must be a whole number.")
    return int(raw)


def _account(upstream: MyNaga, *, scope: str | None = None) -> Account:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    account = upstream.accounts.get(token.strip()) if kind.lower() == "bearer" else None
    if account is None:
        raise Refused(401, "token_invalid", "This token is not known.")
    if account.revoked or request.environ.get("tulay.fault") == "revoked":
        raise Refused(401, "token_revoked", "This token was revoked by its owner.")
    if account.expires and account.expires <= upstream.reports.clock():
        raise Refused(401, "token_expired", f"This token ended on {account.expires:%d %B %Y}.")
    if scope and scope not in account.scopes:
        raise Refused(403, "scope_missing", f"This token lacks the scope {scope}.")
    return account


def _moment(raw: str | None) -> int | None:
    if not raw:
        return None
    try:
        return moment(raw)
    except ValueError:
        raise Refused(422, "invalid", "updatedSince must be an ISO 8601 time.") from None


def _limit(raw: str) -> int:
    if not raw.isdecimal() or not 1 <= int(raw) <= 500:
        raise Refused(422, "invalid", "limit must be a whole number from 1 to 500.")
    return int(raw)


def _cut(upstream: MyNaga, rows: list[Any], limit: int) -> tuple[list[Any], bool]:
    """Some full pages are cut short although more follows, as the contract allows."""
    shown, more = rows[:limit], len(rows) > limit
    if more and upstream.short_pages and limit > 3 and crc32(shown[-1][0][1].encode()) % 4 == 0:
        shown = shown[: limit * 2 // 3]
    return shown, more


def _pack(upstream: MyNaga, since: int | None, position: tuple[int, str]) -> str:
    now = millis(upstream.reports.clock())
    content = json.dumps([upstream.cursor_epoch, now, since, *position])
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def _unpack(upstream: MyNaga, cursor: str) -> tuple[int | None, tuple[int, str]]:
    gone = Refused(410, "invalid", "This cursor has expired; start again from updatedSince.")
    try:
        content = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        epoch, made, since, updated, record_id = json.loads(content)
    except ValueError:
        raise gone from None
    age = (millis(upstream.reports.clock()) - int(made)) / 1000
    if epoch != upstream.cursor_epoch or age > upstream.cursor_seconds:
        raise gone
    return since, (int(updated), str(record_id))


def _public(report: dict[str, Any]) -> dict[str, Any]:
    shown = {**report, "attachments": [_attachment(item) for item in report["attachments"] or []]}
    if (report["url"] or "").startswith("/"):
        shown["url"] = request.host_url + report["url"].removeprefix("/")
    return shown


def _attachment(item: Any) -> Any:
    if not isinstance(item, str):
        return item
    return {
        "url": f"{request.host_url}media/{item}",
        "contentType": photos.content_type(item),
        "name": item,
        "size": photos.size(item),
    }


def _media(name: str) -> Response:
    data = photos.picture(name)
    if data is None:
        abort(404)
    return Response(data, content_type=photos.content_type(name))


def _with_etag(body: dict[str, Any]) -> Response:
    answer = jsonify(body)
    answer.set_etag(sha1(answer.get_data(), usedforsecurity=False).hexdigest())
    return answer.make_conditional(request)  # type: ignore[return-value]
