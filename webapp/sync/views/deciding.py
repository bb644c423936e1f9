"""Problems that people decide: values to map, records to read again or to leave out."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.forms import parse
from webapp.core.web import toast
from webapp.sync import actions, queries
from webapp.sync.forms import Mapped, Owned, Retried
from webapp.sync.models import Connection
from webapp.sync.views import bp


@bp.post("/connections/<int:connection_id>/map")
@requires(Permission.SYNC_MANAGE)
def map_upstream_value(connection_id: int) -> Response:
    """Say what a value of theirs means here; the records that have it follow."""
    form = parse(Mapped, request.form)
    with transaction():
        changed, bulk = actions.map_value(
            queries.connection_for(viewer(), connection_id),
            field=form.field,
            upstream=form.upstream,
            local=form.local,
            actor=viewer().actor,
        )
    if bulk is not None:
        toast("updated", _("“%(value)s” is mapped; its records follow.", value=form.upstream))
        return redirect(url_for("admin.show_many", bulk_id=bulk.id), 303)
    words = ngettext("%(num)s record has followed.", "%(num)s records have followed.", changed)
    toast("updated", _("“%(value)s” is mapped.", value=form.upstream) + " " + words)
    return redirect(url_for(".show_problems", connection_id=connection_id), 303)


@bp.post("/connections/<int:connection_id>/quarantine/<int:record_id>")
@requires(Permission.SYNC_MANAGE)
def decide_quarantined(connection_id: int, record_id: int) -> Response:
    """Read a record again, leave it out, or take one that was left out in after all."""
    form = parse(Retried, request.form)
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        words = _decided(connection, record_id, form)
    toast("updated", words)
    return redirect(url_for(".show_problems", connection_id=connection_id) + "#quarantine", 303)


@bp.post("/connections/<int:connection_id>/quarantine")
@requires(Permission.SYNC_MANAGE)
def retry_all_quarantined(connection_id: int) -> Response:
    """Read all that stands there again, as after a change of the mapping."""
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        bulk = actions.retry_in_background(connection, actor=viewer().actor)
        solved, wrong = (
            (0, 0) if bulk else actions.retry_quarantined(connection, actor=viewer().actor)
        )
    if bulk is not None:
        return redirect(url_for("admin.show_many", bulk_id=bulk.id), 303)
    words = _("Taken in: %(solved)s. Still wrong: %(wrong)s.", solved=solved, wrong=wrong)
    toast("updated", words)
    return redirect(url_for(".show_problems", connection_id=connection_id), 303)


def _decided(connection: Connection, record_id: int, form: Retried) -> str:
    actor = viewer().actor
    if form.do == "readmit":
        return _still(*actions.readmit(connection, record_id=record_id, actor=actor))
    actions.undecided(connection, record_id)
    if form.do == "retry":
        return _still(*actions.retry_quarantined(connection, ids=[record_id], actor=actor))
    actions.ignore_quarantined(connection, ids=[record_id], actor=actor, reason=form.reason)
    return _("It is left out and no longer listed.")


def _still(solved: int, wrong: int) -> str:
    if wrong:
        return _("It still cannot be read; the reason stands beside it.")
    return _("It is taken in.") if solved else _("It is asked for again with the next sync.")


@bp.post("/connections/<int:connection_id>/owner")
@requires(Permission.SYNC_MANAGE)
def set_field_owner(connection_id: int) -> Response:
    """Whose a field is from now on, where both sides change it."""
    form = parse(Owned, request.form)
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        actions.set_owner(connection, field=form.field, owner=form.owner, actor=viewer().actor)
    toast("updated", _("From now on that decides; the open ones still wait for you."))
    return redirect(url_for(".show_problems", connection_id=connection_id) + "#conflicts", 303)
