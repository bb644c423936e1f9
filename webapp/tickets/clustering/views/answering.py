"""One answer and one status for all tickets of a cluster: a preview, a start, and how far it has come."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.bulk import queries as bulk
from webapp.bulk import tasks
from webapp.bulk.models import Bulk
from webapp.core.db import transaction
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.core.forms import parse
from webapp.core.web import render
from webapp.tickets.clustering import answering, queries
from webapp.tickets.clustering.forms import AnswerForm
from webapp.tickets.clustering.models import Cluster
from webapp.tickets.clustering.views.clusters import page
from webapp.tickets.views.blueprint import bp

Answer = tuple[str, int] | Response


@bp.post("/clusters/<ref>/answer")
@requires(Permission.TICKETS_WORK)
def answer_cluster(ref: str) -> Answer:
    """Make the list for a preview: nobody is told yet."""
    try:
        form = parse(AnswerForm, request.form)
        with transaction():
            cluster = queries.cluster_for(viewer(), ref, lock=True)
            planned = answering.plan(
                cluster, body=form.body, status=form.status, actor=viewer().actor
            )
    except Invalid as error:
        shown = queries.cluster_for(viewer(), ref)
        return page(shown, errors=error.fields, typed=request.form), 422
    return redirect(url_for(".show_cluster_answer", ref=ref, bulk_id=planned.id), 303)


@bp.get("/clusters/<ref>/answers/<int:bulk_id>")
@requires(Permission.TICKETS_WORK)
def show_cluster_answer(ref: str, bulk_id: int) -> str:
    cluster = queries.cluster_for(viewer(), ref)
    planned = _planned(cluster, bulk_id)
    progress = bulk.progress_of(planned.id)
    return render(
        "tickets/clusters/answer.html",
        cluster=cluster,
        bulk=planned,
        progress=progress,
        address=url_for(".show_cluster_answer", ref=ref, bulk_id=bulk_id),
        did=ngettext("%(num)s ticket is answered.", "%(num)s tickets are answered.", progress.done),
        with_address=queries.with_address(cluster.id),
        live_topics=["staff"],
    )


@bp.post("/clusters/<ref>/answers/<int:bulk_id>/start")
@requires(Permission.TICKETS_WORK)
def start_cluster_answer(ref: str, bulk_id: int) -> Response:
    """Tell them: at once where they are few, else in the background."""
    with transaction():
        cluster = queries.cluster_for(viewer(), ref, lock=True)
        planned = _planned(cluster, bulk_id)
        if (planned.actor_kind, planned.actor_id) != ("user", viewer().id):
            raise Conflict(_("Somebody else wrote this answer; only they can send it."))
        at_once = answering.start(planned, cluster, actor=viewer().actor)
    if at_once:
        tasks.go_on(bulk_id)
    return redirect(url_for(".show_cluster_answer", ref=ref, bulk_id=bulk_id), 303)


def _planned(cluster: Cluster, bulk_id: int) -> Bulk:
    """Raises NotFound for what is no answer to this cluster."""
    found = bulk.get(bulk_id)
    if found.kind != answering.KIND or found.args.get("cluster") != cluster.id:
        raise NotFound(_("There is no such list; previews are kept for a day."))
    return found
