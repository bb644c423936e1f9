"""The JSON API of MyNaga connections (docs/api.md): the same input models, tests and actions as the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import api
from webapp.core.db import transaction
from webapp.core.errors import AppError, Invalid
from webapp.core.forms import parse
from webapp.sync import actions, probe, queries
from webapp.sync.api import asked
from webapp.sync.forms import NewConnection, Tried
from webapp.sync.models import Connection
from webapp.sync.shown import test_of
from webapp.sync.views.adding import settings_of
from webapp.sync.views.tested import Shown, trial

bp = Blueprint("mynaga_api", __name__, url_prefix="/api/mynaga")

KIND = "mynaga"
# What the fields are called out there, and in the pages' input models.
NAMES = {"token": "secret", "interval": "interval_minutes", "push": "push_enabled"}
_BACK = {ours: theirs for theirs, ours in NAMES.items()}
_ID = {"id"}
_CONFIG = {"id", "name", "base_url", "token", "interval", "push", "allow_http", "untested"}
_TEST = {"id", "base_url", "token", "allow_http"}

Answer = tuple[Response, int]
View = Callable[..., Answer]


def their_names(view: View) -> View:
    """Errors name the fields as they were sent."""

    @wraps(view)
    def named(**values: Any) -> Answer:
        try:
            return view(**values)
        except Invalid as error:
            error.fields = {_BACK.get(name, name): words for name, words in error.fields.items()}
            raise

    return named


@bp.post("/config")
@requires(Permission.SYNC_MANAGE)
@their_names
def configure() -> Answer:
    """Create a connection, or change the one of this id or name. It is tested before it is saved."""
    sent = api.sent(_CONFIG)
    existing = _existing(sent)
    wanted = _wanted(sent, existing)
    result = trial(KIND, _as_tested(wanted, existing), connection=existing)
    if result.error and not wanted.untested:
        raise _NotWorking(result)
    with transaction():
        if existing is None:
            saved = actions.create_connection(**settings_of(wanted, result), actor=viewer().actor)
        else:
            saved = _change(existing.id, wanted, result)
    answer = {"connection": asked.status(saved), "test": test_of(result)}
    return jsonify(answer), 201 if existing is None else 200


@bp.post("/test-connection")
@requires(Permission.SYNC_MANAGE)
@their_names
def test() -> Answer:
    """Ask them, save nothing. `ok` false is an answer as well: it says what is wrong and what to do."""
    sent = api.sent(_TEST)
    existing = asked.chosen(KIND, sent["id"]) if "id" in sent else None
    known = {"base_url": existing.base_url, "allow_http": existing.allow_http} if existing else {}
    wanted = _as_tested(parse(Tried, known | _renamed(sent)), existing)
    result = trial(KIND, wanted, connection=existing)
    return jsonify(test_of(result)), 200


@bp.post("/sync/manual")
@requires(Permission.SYNC_MANAGE)
def sync_now() -> Answer:
    connection_id = asked.only(KIND, api.sent(_ID)).id
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        running = actions.request_sync(connection, actor=viewer().actor)
    return jsonify(connection=asked.status(connection), already_running=running), 202


@bp.get("/sync/status")
@requires(Permission.SYNC_MANAGE)
def status() -> Answer:
    """All MyNaga connections, or the one of ?id=."""
    page, following = api.page_of(asked.statuses(KIND, request.args.get("id")))
    return api.listed("connections", page, next_by=("skip", following)), 200


@bp.post("/sync/stop")
@requires(Permission.SYNC_MANAGE)
def stop() -> Answer:
    """Pause: a pull in progress ends after its page, changes made here wait."""
    return _move(actions.pause)


@bp.post("/sync/resume")
@requires(Permission.SYNC_MANAGE)
def resume() -> Answer:
    return _move(actions.resume)


class _NotWorking(Invalid):
    """The test before saving failed."""

    code = "test_failed"

    def __init__(self, result: Shown) -> None:
        error = result.error
        words = f"{error.message} {error.advice}".strip() if error else ""
        again = _("Send “untested”: true to save it all the same.")
        super().__init__(f"{words} {again}".strip(), fields={"untested": again})


def _move(action: Callable[..., None]) -> Answer:
    connection_id = asked.only(KIND, api.sent(_ID)).id
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        action(connection, actor=viewer().actor)
    return jsonify(connection=asked.status(connection)), 200


def _existing(sent: Mapping[str, Any]) -> Connection | None:
    if "id" in sent:
        return asked.chosen(KIND, sent["id"])
    name = str(sent.get("name") or "").strip()
    return next((each for each in asked.of_kind(KIND) if each.name == name), None)


def _renamed(sent: Mapping[str, Any]) -> dict[str, Any]:
    return {NAMES.get(name, name): value for name, value in sent.items() if name != "id"}


def _wanted(sent: Mapping[str, Any], existing: Connection | None) -> NewConnection:
    """The pages' input model; what is left out stays as it is, or gets the pages' defaults."""
    kept: dict[str, Any] = {"push_enabled": True}
    if existing is not None:
        names = ("name", "base_url", "interval_minutes", "push_enabled", "allow_http")
        kept = {name: getattr(existing, name) for name in names}
    return parse(NewConnection, {**kept, **_renamed(sent), "kind": KIND})


def _as_tested(wanted: Tried, existing: Connection | None) -> Tried:
    """Without a token in the request the stored one is tried, at its own address alone."""
    if wanted.secret or existing is None:
        return wanted
    try:
        return wanted.model_copy(update={"secret": probe.saved_secret(existing, wanted.base_url)})
    except AppError:
        return wanted


def _change(connection_id: int, wanted: NewConnection, result: Shown) -> Connection:
    values = settings_of(wanted, result)
    chosen = {
        name: values[name]
        for name in ("name", "base_url", "secret", "interval_minutes", "push_enabled", "allow_http")
    }
    if result.found is not None:
        found = {name: values[name] for name in ("account", "expires_at")}
        chosen |= {**found, "plan": result.found.plan}
    connection = queries.connection_for(viewer(), connection_id)
    return actions.edit_connection(connection, **chosen, actor=viewer().actor)
