"""One answer, one status, or whatever else, for all tickets of a cluster: a list of many tickets that is fixed here."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.tickets.clustering import queries
from webapp.tickets.clustering.views.clusters import page
from webapp.tickets.many import actions
from webapp.tickets.many.forms import ManyForm
from webapp.tickets.many.steps import Change
from webapp.tickets.views.blueprint import bp

Answer = tuple[str, int] | Response


@bp.post("/clusters/<ref>/answer")
@requires(Permission.TICKETS_WORK)
def answer_cluster(ref: str) -> Answer:
    """Fix the list, for a preview or to choose more: nobody is told yet."""
    asks_more = request.form.get("do") == "more"
    try:
        form = parse(ManyForm, request.form)
        if not (form.reply or form.status or asks_more):
            words = _("Write an answer, or choose a status.")
            raise Invalid(words, fields={"reply": words})
        with transaction():
            cluster = queries.cluster_for(viewer(), ref, lock=True)
            planned = actions.plan_for_cluster(cluster, actor=viewer().actor)
            if form.reply or form.status:
                change = Change(form.fields(), reply=form.reply, cluster=cluster.id)
                actions.decide(planned, change)
    except Invalid as error:
        shown = queries.cluster_for(viewer(), ref)
        return page(shown, errors=error.fields, typed=request.form), 422
    edit = 1 if asks_more else None
    return redirect(url_for(".show_many", bulk_id=planned.id, edit=edit), 303)
