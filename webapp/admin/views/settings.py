"""The desk's own settings, and the categories of its report form."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts import actions as accounts
from webapp.accounts import queries as people
from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.accounts.zones import timezone_choices
from webapp.admin import queries
from webapp.admin.forms import CategoryForm, DeskForm, TilesForm
from webapp.admin.views import bp
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.tickets.actions import categories

Answer = str | tuple[str, int] | Response


@bp.get("/settings")
@requires(Permission.DESK_MANAGE)
def settings() -> Answer:
    return _page()


@bp.post("/settings")
@requires(Permission.DESK_MANAGE)
def save_settings() -> Answer:
    """Name, introduction, time zone, and whether people may report without an account."""
    try:
        form = parse(DeskForm, request.form)
        with transaction():
            accounts.edit_desk(actor=viewer().actor, **form.model_dump())
    except Invalid as error:
        return _page(desk_errors=error.fields), 422
    toast("updated", _("The settings are saved."))
    return redirect(url_for(".settings"), 303)


@bp.post("/settings/map")
@requires(Permission.DESK_MANAGE)
def save_tiles() -> Answer:
    try:
        form = parse(TilesForm, request.form)
    except Invalid as error:
        return _page(tiles_errors=error.fields), 422
    with transaction():
        accounts.set_tiles(url=form.tiles_url, credit=form.tiles_credit, actor=viewer().actor)
    toast("updated", _("The map is saved."))
    return redirect(url_for(".settings") + "#map", 303)


@bp.post("/settings/categories")
@requires(Permission.DESK_MANAGE)
def add_category() -> Answer:
    try:
        form = parse(CategoryForm, request.form)
        with transaction():
            categories.add_category(form.name, actor=viewer().actor)
    except Invalid as error:
        return _page(category_errors=error.fields), 422
    toast("new", _("“%(name)s” can be chosen now.", name=form.name))
    return redirect(url_for(".settings") + "#categories", 303)


@bp.post("/settings/categories/<int:category_id>")
@requires(Permission.DESK_MANAGE)
def edit_category(category_id: int) -> Answer:
    """Rename it, or offer it or not: the pressed button says which."""
    try:
        with transaction():
            if request.form.get("do") in ("offer", "hide"):
                offered = request.form["do"] == "offer"
                categories.offer_category(category_id, offered=offered, actor=viewer().actor)
            else:
                name = parse(CategoryForm, request.form).name
                categories.rename_category(category_id, name=name, actor=viewer().actor)
    except Invalid as error:
        return _page(category_errors=error.fields, wrong_category=category_id), 422
    toast("updated", _("The category is saved."))
    return redirect(url_for(".settings") + "#categories", 303)


def _page(
    *,
    desk_errors: dict[str, str] | None = None,
    category_errors: dict[str, str] | None = None,
    tiles_errors: dict[str, str] | None = None,
    wrong_category: int | None = None,
) -> str:
    return render(
        "admin/settings.html",
        desk=people.desk(),
        form_values=request.form if desk_errors else None,
        category_values=request.form if category_errors else None,
        desk_errors=desk_errors or {},
        tiles_errors=tiles_errors or {},
        tiles_values=request.form if tiles_errors else None,
        category_errors=category_errors or {},
        wrong_category=wrong_category,
        categories=queries.categories(),
        timezones=timezone_choices(),
        live_topics=["staff"],
    )
