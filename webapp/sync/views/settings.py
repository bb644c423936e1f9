"""A connection's settings and its token, which is tried before it takes the old one's place."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import is_htmx, render, toast
from webapp.sync import actions, probe, queries, tokens
from webapp.sync.connectors.declaration import Declaration
from webapp.sync.connectors.registry import declaration_for
from webapp.sync.forms import NewSecret, Settings, Tried, settings_from
from webapp.sync.models import INTERVALS, Connection
from webapp.sync.views import bp
from webapp.sync.views.adding import pushes
from webapp.sync.views.panels import page_values
from webapp.sync.views.tested import Shown, child_shown, trial

Answer = str | tuple[str, int] | Response


@bp.get("/connections/<int:connection_id>/settings")
@requires(Permission.SYNC_MANAGE)
def show_settings(connection_id: int) -> str:
    return settings_page(connection_id)


@bp.post("/connections/<int:connection_id>/settings")
@requires(Permission.SYNC_MANAGE)
def save_settings(connection_id: int) -> Answer:
    connection = queries.connection_for(viewer(), connection_id)
    try:
        wanted = settings_from(request.form, _declaration(connection))
        result = (
            trial(
                connection.kind, wanted, declaration=_declaration(connection), connection=connection
            )
            if wanted.secret
            else None
        )
        if result and result.error and not wanted.untested:
            words = {"secret": result.error.message}
            return settings_page(connection_id, result=result, errors=words), 422
        with transaction():
            _save(connection, wanted, result)
    except Invalid as error:
        return settings_page(connection_id, errors=error.fields), 422
    toast("updated", _("The settings are saved."))
    return redirect(url_for(".show_settings", connection_id=connection_id), 303)


@bp.post("/connections/<int:connection_id>/token")
@requires(Permission.SYNC_MANAGE)
def replace_token(connection_id: int) -> Answer:
    """Only a token that works replaces the old one, unless one insists."""
    connection = queries.connection_for(viewer(), connection_id)
    try:
        form = parse(NewSecret, request.form)
        result = _try(connection, form.secret)
        if result.error and not form.untested:
            return settings_page(
                connection_id, result=result, secret_errors={"secret": result.error.message}
            ), 422
        with transaction():
            actions.replace_secret(
                connection, secret=form.secret, actor=viewer().actor, **_found_with_token(result)
            )
    except Invalid as error:
        return settings_page(connection_id, secret_errors=error.fields), 422
    words = _("The token is replaced.")
    if tokens.fall_back(connection) is not None:
        words += " " + _("The old one is kept for a day, in case this one is refused.")
    toast("updated", words)
    return redirect(url_for(".show_settings", connection_id=connection_id), 303)


@bp.post("/connections/<int:connection_id>/token/forget")
@requires(Permission.SYNC_MANAGE)
def forget_old_token(connection_id: int) -> Response:
    """Delete the replaced token before its day is over, say because it has leaked."""
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        found = actions.forget_old_token(connection, actor=viewer().actor)
    toast("updated", _("The old token is deleted.") if found else _("It was deleted already."))
    return redirect(url_for(".show_settings", connection_id=connection_id), 303)


@bp.post("/connections/<int:connection_id>/test")
@requires(Permission.SYNC_MANAGE)
def test_connection(connection_id: int) -> str:
    """The connection as it is saved, with its stored token. Nothing changes."""
    connection = queries.connection_for(viewer(), connection_id)
    result = trial_as_saved(connection)
    if is_htmx():
        return render("sync/_test_result.html", result=result)
    return settings_page(connection_id, result=result)


def trial_as_saved(
    connection: Connection, *, declaration: Declaration | None = None, kind: str = ""
) -> Shown:
    """With its stored address and token, read by `declaration` or else by its own. `kind`: of the records that
    belong to the list's, where one of them is to be shown."""
    secret = probe.saved_secret(connection, connection.base_url)
    shown = _try(connection, secret, declaration=declaration)
    if kind and declaration is not None and shown.found is not None:
        return child_shown(connection, declaration, kind, shown.found)
    return shown


def _try(connection: Connection, secret: str, *, declaration: Declaration | None = None) -> Shown:
    options = {
        k: str(v) for k, v in connection.options.items() if k not in ("plan", "timezone") and v
    }
    wanted = Tried(
        base_url=connection.base_url,
        secret=secret,
        allow_http=connection.allow_http,
        timezone=str(connection.options.get("timezone") or ""),
        options=options,
    )
    chosen = declaration or _declaration(connection)
    return trial(connection.kind, wanted, declaration=chosen, connection=connection)


def _save(connection: Connection, wanted: Settings, result: Shown | None) -> None:
    """What an earlier test found out (the plan) stays; another address makes the next pull look anew."""
    found = _found_with_token(result) if result else {}
    values = wanted.model_dump(exclude={"timezone", "options", "untested"})
    plan = connection.options.get("plan")
    options = {**wanted.options, "timezone": wanted.timezone, **({"plan": plan} if plan else {})}
    actions.edit_connection(connection, **values, **found, options=options, actor=viewer().actor)


def _found_with_token(result: Shown) -> dict[str, Any]:
    if result.found is None:
        return {}
    identity = result.found.identity
    return {"account": identity.account[:200], "expires_at": identity.expires_at}


def settings_page(
    connection_id: int,
    *,
    result: Shown | None = None,
    errors: dict[str, str] | None = None,
    secret_errors: dict[str, str] | None = None,
    reread_errors: dict[str, str] | None = None,
) -> str:
    """The tab, with what was typed where something is wrong."""
    values = page_values(connection_id, tab="settings")
    connection: Connection = values["it"].connection
    chosen = _declaration(connection)
    return render(
        "sync/show_settings.html",
        **values,
        chosen=chosen,
        values=_typed() if errors else _saved(connection),
        secret=tokens.current(connection_id),
        old_secret=tokens.fall_back(connection),
        old_until=tokens.FALL_BACK,
        result=result,
        errors=errors or {},
        secret_errors=secret_errors or {},
        reread_errors=reread_errors or {},
        intervals=INTERVALS,
        timezones=sorted(available_timezones()),
        pushes=pushes(chosen),
    )


def _declaration(connection: Connection) -> Declaration:
    return declaration_for(connection.kind, connection.declaration)


def _typed() -> dict[str, str]:
    return {name: value for name, value in request.form.items() if name != "secret"}


def _saved(connection: Connection) -> dict[str, Any]:
    options = {f"option_{name}": value for name, value in connection.options.items()}
    names = ("name", "base_url", "interval_minutes", "push_enabled", "allow_http")
    return {
        **options,
        **{n: getattr(connection, n) for n in names},
        "timezone": connection.options.get("timezone"),
    }
