"""/settings/targets: how soon, and by whose hours."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.targets import actions, queries
from webapp.targets.forms import TargetForm
from webapp.targets.models import Target
from webapp.targets.views.blueprint import bp
from webapp.tickets import words
from webapp.tickets.queries import active_categories, categories_in_use, teams

Answer = str | tuple[str, int] | Response


@bp.get("/settings/targets")
@requires(Permission.DESK_MANAGE)
def list_targets() -> str:
    return render(
        "targets/list_targets.html",
        targets=queries.all_targets(),
        calendars=queries.calendars(),
    )


@bp.get("/settings/targets/new")
@requires(Permission.DESK_MANAGE)
def new_target() -> str:
    return _form(None)


@bp.post("/settings/targets/new")
@requires(Permission.DESK_MANAGE)
def create_target() -> Answer:
    return _save(None)


@bp.get("/settings/targets/<int:target_id>")
@requires(Permission.DESK_MANAGE)
def show_target(target_id: int) -> str:
    return _form(queries.get_target(target_id))


@bp.post("/settings/targets/<int:target_id>")
@requires(Permission.DESK_MANAGE)
def save_target(target_id: int) -> Answer:
    return _save(queries.get_target(target_id))


@bp.post("/settings/targets/<int:target_id>/delete")
@requires(Permission.DESK_MANAGE)
def delete_target(target_id: int) -> Response:
    with transaction():
        target = queries.get_target(target_id)
        name = target.name
        actions.delete_target(target, actor=viewer().actor)
    toast("updated", _("The target “%(name)s” is gone.", name=name))
    return redirect(url_for(".list_targets"), 303)


def _save(target: Target | None) -> Answer:
    try:
        form = parse(TargetForm, request.form)
        with transaction():
            row = queries.get_target(target.id) if target else None
            saved = actions.save_target(row, form, actor=viewer().actor)
    except Invalid as error:
        return _form(target, errors=error.fields or {"": error.message}), 422
    toast("updated", _("The target “%(name)s” is saved; deadlines follow.", name=saved.name))
    return redirect(url_for(".list_targets"), 303)


def _form(target: Target | None, *, errors: dict[str, str] | None = None) -> str:
    known = {*active_categories(), *categories_in_use()}
    values: Any = request.form if errors else target
    return render(
        "targets/target.html",
        target=target,
        values=values,
        errors=errors or {},
        categories=sorted(known),
        priorities=words.priority_choices(),
        calendars=[(str(each.id), each.name) for each in queries.calendars()],
        teams=[(str(each.id), each.name) for each in teams(active_only=True)],
    )
