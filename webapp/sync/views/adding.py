"""A new connection: choose a kind, fill in, test (which saves nothing), save."""

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
from webapp.core.web import is_htmx, render, toast
from webapp.sync import actions
from webapp.sync.actions.declaring import read_declaration
from webapp.sync.connectors import registry
from webapp.sync.connectors.declaration import Declaration
from webapp.sync.forms import NewConnection, new_connection_from, tried_from
from webapp.sync.mapping import jobs
from webapp.sync.models import INTERVALS, Connection
from webapp.sync.views import bp
from webapp.sync.views.tested import Shown, trial

Answer = str | tuple[str, int] | Response


@bp.get("/connections/new")
@requires(Permission.SYNC_MANAGE)
def new_connection() -> str:
    kind = request.args.get("kind", "")
    return _page(registry.get(kind) if kind in registry.kinds() else None)


@bp.post("/connections/test")
@requires(Permission.SYNC_MANAGE)
def test_new_connection() -> Answer:
    """Ask them, show what they say, keep nothing."""
    chosen = registry.get(request.form.get("kind", ""))
    try:
        typed = _typed_declaration()
        result = trial(chosen.name, tried_from(request.form, chosen), declaration=typed)
    except Invalid as error:
        if is_htmx():
            return render(
                "sync/_test_result.html", result=None, problems=error.fields or {"": error.message}
            )
        return _page(chosen, errors=error.fields), 422
    if is_htmx():
        return render("sync/_test_result.html", result=result)
    return _page(chosen, result=result)


@bp.post("/connections")
@requires(Permission.SYNC_MANAGE)
def create_connection() -> Answer:
    """Test once more, as what it finds (shape, account, ways of asking) is kept; then save."""
    chosen = registry.get(request.form.get("kind", ""))
    try:
        wanted, typed = new_connection_from(request.form, chosen), _typed_declaration()
        result = trial(chosen.name, wanted, declaration=typed)
        if result.error and not wanted.untested:
            return _page(chosen, result=result, errors={"untested": result.error.message}), 422
        with transaction():
            connection = _save(wanted, result)
    except Invalid as error:
        return _page(chosen, errors=error.fields), 422
    return saved(connection)


def _typed_declaration() -> Declaration | None:
    """The one in the form, where the kind asks for it. Raises Invalid."""
    text = request.form.get("declaration")
    return None if text is None else read_declaration(text)


def _save(wanted: NewConnection, result: Shown) -> Connection:
    return create_from(wanted, result, text=request.form.get("declaration"))


def create_from(wanted: NewConnection, result: Shown, *, text: str | None) -> Connection:
    """The connection as wished, by the declaration `text` where there is one; tried before it begins if so wished."""
    actor, begin = viewer().actor, "dry_run" not in request.form
    connection = actions.create_connection(**settings_of(wanted, result), begin=begin, actor=actor)
    if text is not None:
        plan = result.found.plan if result.found else None
        actions.edit_declaration(connection, text=text, actor=actor, plan=plan)
    if not begin:
        jobs.begin(connection, kind=jobs.DRY_RUN, actor=actor, most_pages=jobs.MOST_PAGES)
    return connection


def saved(connection: Connection) -> Response:
    """To the new connection's page, or to its dry run."""
    if connection.state == "paused":
        toast("new", _("“%(name)s” is saved; the dry run begins.", name=connection.name))
        return redirect(url_for(".show_mapping", connection_id=connection.id), 303)
    toast("new", _("“%(name)s” is connected; the first sync begins.", name=connection.name))
    return redirect(url_for(".show_connection", connection_id=connection.id), 303)


def pushes(declaration: Declaration) -> bool:
    """Whether taking statuses is part of what this kind of system offers by its standard."""
    return any(not call.extension for shape in declaration.shapes for call in shape.push.values())


def settings_of(wanted: NewConnection, result: Shown) -> dict[str, Any]:
    """What create_connection is given: the wish, and what its test found out."""
    values = wanted.model_dump(exclude={"untested", "timezone", "options"})
    options: dict[str, Any] = {**wanted.options, "timezone": wanted.timezone}
    if result.found is None:
        return values | {"options": options}
    return values | {
        "options": options | {"plan": result.found.plan},
        "shape": str(result.found.plan.get("shape", "")),
        "account": result.found.identity.account[:200],
        "expires_at": result.found.identity.expires_at,
    }


def _page(
    chosen: Declaration | None,
    *,
    result: Shown | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    return render(
        "sync/new_connection.html",
        declarations=registry.all_declarations(),
        chosen=chosen,
        suggested_name=chosen.title.partition(" (")[0] if chosen else "",
        # The secret is left out: whatever the page holds of it, the browser kept by itself.
        values={name: value for name, value in request.form.items() if name != "secret"},
        result=result,
        source=registry.source(chosen.name) if chosen and chosen.name == "blank" else None,
        errors=errors or {},
        intervals=INTERVALS,
        every=chosen.every if chosen else 5,
        timezones=sorted(available_timezones()),
        pushes=chosen is not None and pushes(chosen),
        live_topics=["staff"],
        nav_active="sync.list_connections",
    )
