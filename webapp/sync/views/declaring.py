"""The Mapping tab: how a connection reads and writes, and changing that."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.web import is_htmx, render, toast
from webapp.sync import actions, queries
from webapp.sync.actions.declaring import read_declaration, source_of
from webapp.sync.connections import declared
from webapp.sync.connectors import registry
from webapp.sync.views import bp
from webapp.sync.views.mapped import asking_of, fields_of, value_maps_of
from webapp.sync.views.panels import page_values
from webapp.sync.views.settings import trial_as_saved
from webapp.sync.views.tested import Shown

Answer = str | tuple[str, int] | Response


@bp.get("/connections/<int:connection_id>/mapping")
@requires(Permission.SYNC_MANAGE)
def show_mapping(connection_id: int) -> str:
    return _page(connection_id)


@bp.post("/connections/<int:connection_id>/mapping")
@requires(Permission.SYNC_MANAGE)
def save_mapping(connection_id: int) -> Answer:
    """Read and write by the typed declaration from now on."""
    connection = queries.connection_for(viewer(), connection_id)
    try:
        with transaction():
            text = request.form.get("declaration", "")
            actions.edit_declaration(connection, text=text, actor=viewer().actor)
    except Invalid as error:
        return _page(connection_id, errors=error.fields), 422
    toast("updated", _("The mapping is saved; everything is read anew."))
    return redirect(url_for(".show_mapping", connection_id=connection_id), 303)


@bp.post("/connections/<int:connection_id>/mapping/test")
@requires(Permission.SYNC_MANAGE)
def test_mapping(connection_id: int) -> Answer:
    """One real record, read by the typed declaration. Nothing is saved."""
    connection = queries.connection_for(viewer(), connection_id)
    try:
        typed = read_declaration(request.form.get("declaration", ""))
        result = trial_as_saved(connection, declaration=typed)
    except Invalid as error:
        if is_htmx():
            return render("sync/_test_result.html", result=None, problems=error.fields)
        return _page(connection_id, errors=error.fields), 422
    if is_htmx():
        return render("sync/_test_result.html", result=result)
    return _page(connection_id, result=result)


def _page(
    connection_id: int, *, result: Shown | None = None, errors: dict[str, str] | None = None
) -> str:
    values = page_values(connection_id, tab="mapping")
    connection = values["it"].connection
    shape = declared(connection).shape
    known = [*queries.mapped_of(connection_id), *queries.unmapped_of(connection_id)]
    return render(
        "sync/show_mapping.html",
        **values,
        fields=fields_of(shape),
        value_maps=value_maps_of(shape, known),
        asking=asking_of(shape, connection.options),
        source=request.form.get("declaration") or source_of(connection),
        built_in=registry.source(connection.kind),
        edited=connection.declaration is not None,
        result=result,
        errors=errors or {},
    )
