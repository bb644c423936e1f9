"""Sync now, pause, resume: with htmx the panel comes back, else the page one came from."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import clock
from webapp.core.db import transaction
from webapp.core.web import back_or, is_htmx, render, toast
from webapp.sync import actions, queries
from webapp.sync.models import Connection
from webapp.sync.views import bp
from webapp.sync.views.panels import panel_values

Answer = str | Response


@bp.post("/connections/<int:connection_id>/sync")
@requires(Permission.SYNC_MANAGE)
def sync_now(connection_id: int) -> Answer:
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        running = actions.request_sync(connection, actor=viewer().actor)
    toast("info", _begins(connection, running=running))
    return _answer(connection_id)


@bp.post("/connections/<int:connection_id>/pause")
@requires(Permission.SYNC_MANAGE)
def pause_connection(connection_id: int) -> Answer:
    with transaction():
        actions.pause(queries.connection_for(viewer(), connection_id), actor=viewer().actor)
    toast("updated", _("Paused. Changes made here wait in the outbox."))
    return _answer(connection_id)


@bp.post("/connections/<int:connection_id>/resume")
@requires(Permission.SYNC_MANAGE)
def resume_connection(connection_id: int) -> Answer:
    with transaction():
        actions.resume(queries.connection_for(viewer(), connection_id), actor=viewer().actor)
    toast("updated", _("Resumed: it syncs at once, and what waited goes out."))
    return _answer(connection_id)


def _begins(connection: Connection, *, running: bool) -> str:
    if running:
        return _("Already running; it will run again.")
    if connection.not_before and connection.not_before > clock.now():
        return _("The upstream asked us to wait; the sync begins when that is over.")
    return _("The sync begins.")


def _answer(connection_id: int) -> Answer:
    if is_htmx():
        return render("sync/_panel_answer.html", **panel_values(connection_id))
    return back_or(url_for(".show_connection", connection_id=connection_id))
