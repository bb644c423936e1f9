"""The decision about records that are listed no longer."""

from __future__ import annotations

from flask import redirect, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.web import toast
from webapp.sync import queries
from webapp.sync.actions.looking import look_for_vanished
from webapp.sync.views import bp


@bp.post("/connections/<int:connection_id>/vanished")
@requires(Permission.SYNC_MANAGE)
def look_for_unlisted(connection_id: int) -> Response:
    """Ask the upstream for each of them by its id with a sync that begins now."""
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        count = look_for_vanished(connection, actor=viewer().actor)
    toast(
        "updated",
        ngettext("%(num)s record is looked for.", "%(num)s records are looked for.", count),
    )
    return redirect(url_for(".show_problems", connection_id=connection_id), 303)
