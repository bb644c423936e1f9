"""Reading anew: from a day, or everything."""

from __future__ import annotations

from datetime import datetime, time

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import clock
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import toast
from webapp.sync import actions, queries
from webapp.sync.forms import Reread
from webapp.sync.leases import PULLABLE
from webapp.sync.views import bp
from webapp.sync.views.settings import settings_page

Answer = str | tuple[str, int] | Response


@bp.post("/connections/<int:connection_id>/reread")
@requires(Permission.SYNC_MANAGE)
def reread(connection_id: int) -> Answer:
    try:
        since = _since(parse(Reread, request.form))
    except Invalid as error:
        return settings_page(connection_id, reread_errors=error.fields), 422
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        running = actions.request_reread(connection, since=since, actor=viewer().actor)
        rests = connection.state not in PULLABLE
    if rests:
        words = _("It is read anew as soon as the connection is resumed.")
    elif running:
        words = _("It is read anew after the sync that runs now.")
    else:
        words = _("It is being read anew.")
    toast("updated", words)
    return redirect(url_for(".show_connection", connection_id=connection_id), 303)


def _since(wanted: Reread) -> datetime | None:
    if wanted.whole:
        return None
    if wanted.since is None:
        text = _("Choose the day from which it is read anew.")
        raise Invalid(text, fields={"since": text})
    since = datetime.combine(wanted.since, time(), viewer().zone)
    if since > clock.now() or wanted.since.year < 1971:
        text = _("Choose a day in the past.")
        raise Invalid(text, fields={"since": text})
    return since
