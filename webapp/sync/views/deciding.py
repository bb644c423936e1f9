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
from webapp.sync.forms import Mapped, Retried
from webapp.sync.views import bp


@bp.post("/connections/<int:connection_id>/map")
@requires(Permission.SYNC_MANAGE)
def map_upstream_value(connection_id: int) -> Response:
    """Say what a value of theirs means here; the tickets that have it follow."""
    form = parse(Mapped, request.form)
    with transaction():
        changed = actions.map_value(
            queries.connection_for(viewer(), connection_id),
            field=form.field,
            upstream=form.upstream,
            local=form.local,
            actor=viewer().actor,
        )
    words = ngettext("%(num)s ticket has followed.", "%(num)s tickets have followed.", changed)
    toast("updated", _("“%(value)s” is mapped.", value=form.upstream) + " " + words)
    return redirect(url_for(".show_problems", connection_id=connection_id), 303)


@bp.post("/connections/<int:connection_id>/quarantine/<int:record_id>")
@requires(Permission.SYNC_MANAGE)
def decide_quarantined(connection_id: int, record_id: int) -> Response:
    """Read a record again, or leave it out for good."""
    form = parse(Retried, request.form)
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        if form.do == "retry":
            solved, wrong = actions.retry_quarantined(
                connection, ids=[record_id], actor=viewer().actor
            )
            words = _still(solved, wrong)
        else:
            actions.ignore_quarantined(connection, ids=[record_id], actor=viewer().actor)
            words = _("It is left out and no longer listed.")
    toast("updated", words)
    return redirect(url_for(".show_problems", connection_id=connection_id), 303)


@bp.post("/connections/<int:connection_id>/quarantine")
@requires(Permission.SYNC_MANAGE)
def retry_all_quarantined(connection_id: int) -> Response:
    """Read all that stands there again, as after a change of the mapping."""
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        solved, wrong = actions.retry_quarantined(connection, actor=viewer().actor)
    words = _("Now tickets: %(solved)s. Still wrong: %(wrong)s.", solved=solved, wrong=wrong)
    toast("updated", words)
    return redirect(url_for(".show_problems", connection_id=connection_id), 303)


def _still(solved: int, wrong: int) -> str:
    if wrong:
        return _("It still cannot be read; the reason stands beside it.")
    return _("It is a ticket now.") if solved else _("It is asked for again with the next sync.")
