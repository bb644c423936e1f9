"""/tickets/views: lists that somebody wants to find again."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import number_from, parse
from webapp.core.web import render, toast
from webapp.tickets.lists import actions, queries, recent
from webapp.tickets.lists.forms import ViewForm, roles_with_lists
from webapp.tickets.lists.models import SavedView
from webapp.tickets.queries.filters import Filters
from webapp.tickets.queries.listing import COUNTED_UP_TO
from webapp.tickets.views.blueprint import bp

Answer = str | tuple[str, int] | Response


@bp.get("/tickets/views")
@requires(Permission.TICKETS_SEE)
def list_views() -> str:
    """The views above the list, with how many tickets each holds; `shown` in the address is the list open now."""
    user, now = viewer(), Filters.of(request.args).as_args()
    views = queries.views_for(user, limit=queries.MOST_SHOWN)
    counts = queries.counts_of(user, views)
    shown = [
        (view, _address(view), view.args == now, _counted(counts.get(view.id, 0))) for view in views
    ]
    return render(
        "tickets/lists/_views.html", views=shown, src=url_for(".list_views", **now), args=now
    )


@bp.get("/tickets/views/side")
@requires(Permission.TICKETS_SEE)
def side_views() -> str:
    """The first of them in the sidebar of every page, each counted up to a bound."""
    user = viewer()
    views = queries.views_for(user, limit=queries.MOST_BESIDE)
    counts = queries.counts_of(user, views)
    return render(
        "tickets/lists/_side_views.html",
        views=[(view, _address(view), _counted(counts.get(view.id, 0))) for view in views],
        src=url_for(".side_views"),
    )


@bp.get("/tickets/recent")
@requires(Permission.TICKETS_SEE)
def recent_tickets() -> str:
    """What the person looked at last."""
    return render("tickets/lists/_recent.html", tickets=recent.tickets_of(viewer()))


@bp.get("/tickets/views/new")
@requires(Permission.TICKETS_SEE)
def new_view() -> str:
    """The form that keeps the list of the address."""
    return _form(Filters.of(request.args))


@bp.post("/tickets/views")
@requires(Permission.TICKETS_SEE)
def save_view() -> Answer:
    """A new view of the list of the address, or that list instead of what `replace` held."""
    filters, user = Filters.of(request.args), viewer()
    try:
        with transaction():
            if key := number_from(request.form.get("replace")):
                view = queries.view_to_edit(user, key)
                actions.update_view(view, filters, user=user)
            else:
                view = actions.save_view(parse(ViewForm, request.form), filters, user=user)
    except Invalid as error:
        return _form(
            filters, error.fields or {"name": error.message}, typed=dict(request.form)
        ), 422
    toast("updated", _("“%(name)s” is kept.", name=view.name))
    return redirect(_address(view), 303)


@bp.get("/tickets/views/edit")
@requires(Permission.TICKETS_SEE)
def edit_views() -> str:
    return _page()


@bp.post("/tickets/views/<int:view_id>")
@requires(Permission.TICKETS_SEE)
def edit_view(view_id: int) -> Answer:
    user = viewer()
    try:
        with transaction():
            view = queries.view_to_edit(user, view_id)
            actions.edit_view(view, parse(ViewForm, request.form), user=user)
    except Invalid as error:
        return _page(errors={view_id: error.fields}), 422
    toast("updated", _("“%(name)s” is kept.", name=view.name))
    return redirect(url_for(".edit_views"), 303)


@bp.post("/tickets/views/<int:view_id>/delete")
@requires(Permission.TICKETS_SEE)
def delete_view(view_id: int) -> Response:
    with transaction():
        view = queries.view_to_edit(viewer(), view_id)
        name = view.name
        actions.delete_view(view, user=viewer())
    toast("updated", _("“%(name)s” is deleted.", name=name))
    return redirect(url_for(".edit_views"), 303)


def _form(
    filters: Filters, errors: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> str:
    user = viewer()
    return render(
        "tickets/lists/new_view.html",
        args=filters.as_args(),
        own=[(str(v.id), v.name) for v in queries.views_for(user) if queries.may_edit(user, v)],
        may_share=user.may(Permission.VIEWS_SHARE),
        roles=roles_with_lists(),
        errors=errors or {},
        typed=typed or {},
        nav_active="tickets.list_tickets",
    )


def _page(errors: dict[int, dict[str, str]] | None = None) -> str:
    user = viewer()
    return render(
        "tickets/lists/edit_views.html",
        views=[(v, _address(v), queries.may_edit(user, v)) for v in queries.views_for(user)],
        may_share=user.may(Permission.VIEWS_SHARE),
        roles=roles_with_lists(),
        errors=errors or {},
        nav_active="tickets.list_tickets",
    )


def _address(view: SavedView) -> str:
    return url_for(".list_tickets", **Filters.of(view.args).as_args())


def _counted(count: int) -> str:
    return f"{COUNTED_UP_TO}+" if count > COUNTED_UP_TO else str(count)
