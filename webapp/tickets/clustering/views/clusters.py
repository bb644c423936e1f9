"""/clusters: what is suggested and trending, each cluster's page, and its part of a ticket's page."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import clock
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import back_or, is_htmx, render, toast
from webapp.tickets import queries as tickets
from webapp.tickets.clustering import actions, queries, words
from webapp.tickets.clustering.forms import ClusterForm, RenameForm
from webapp.tickets.clustering.models import Cluster
from webapp.tickets.models import Ticket
from webapp.tickets.trends import WEEK
from webapp.tickets.views import fragments
from webapp.tickets.views.blueprint import bp
from webapp.tickets.words import status_choices

Answer = str | tuple[str, int] | Response

bp.add_app_template_filter(words.likeness_words, "likeness_words")
bp.add_app_template_filter(words.trend_words, "trend_words")
fragments.offer("ticket-cluster", "tickets.cluster_of_ticket")


@bp.get("/clusters")
@requires(Permission.TICKETS_SEE)
def list_clusters() -> str:
    return render("tickets/clusters/list_clusters.html", live_topics=["staff"], **_overview())


@bp.get("/clusters/overview")
@requires(Permission.TICKETS_SEE)
def clusters_overview() -> str:
    """The list and the suggestions alone, for their live region."""
    return render("tickets/clusters/_overview.html", **_overview())


@bp.post("/clusters")
@requires(Permission.TICKETS_WORK)
def make_cluster() -> Response:
    """Of the tickets named in `refs`."""
    form = parse(ClusterForm, request.form)
    with transaction():
        chosen = [tickets.ticket_for(viewer(), ref, lock=True) for ref in _refs()]
        cluster = actions.make_cluster(chosen, title=form.title, actor=viewer().actor)
    toast("new", _("The cluster %(ref)s is made.", ref=cluster.ref))
    return redirect(url_for(".show_cluster", ref=cluster.ref), 303)


@bp.get("/clusters/<ref>")
@requires(Permission.TICKETS_SEE)
def show_cluster(ref: str) -> str:
    return page(queries.cluster_for(viewer(), ref))


@bp.get("/clusters/<ref>/tickets")
@requires(Permission.TICKETS_SEE)
def cluster_tickets(ref: str) -> str:
    """Its tickets alone, for their live region."""
    return render("tickets/clusters/_tickets.html", **_tickets(queries.cluster_for(viewer(), ref)))


@bp.post("/clusters/<ref>/title")
@requires(Permission.TICKETS_WORK)
def rename_cluster(ref: str) -> Answer:
    try:
        form = parse(RenameForm, request.form)
    except Invalid as error:
        return page(queries.cluster_for(viewer(), ref), errors=error.fields), 422
    with transaction():
        cluster = queries.cluster_for(viewer(), ref, lock=True)
        actions.rename(cluster, title=form.title, actor=viewer().actor)
    toast("updated", _("The title is saved."))
    return redirect(url_for(".show_cluster", ref=ref), 303)


@bp.post("/clusters/<ref>/add")
@requires(Permission.TICKETS_WORK)
def add_to_cluster(ref: str) -> Response:
    """The tickets named in `refs`."""
    with transaction():
        cluster = queries.cluster_for(viewer(), ref, lock=True)
        chosen = [tickets.ticket_for(viewer(), each, lock=True) for each in _refs()]
        if not chosen:
            raise Invalid(_("Name the ticket by its number, for example T-2026-000123."))
        actions.add_tickets(cluster, chosen, actor=viewer().actor)
    toast("updated", _("%(tickets)s belongs to it now.", tickets=", ".join(t.ref for t in chosen)))
    return back_or(url_for(".show_cluster", ref=ref))


@bp.post("/tickets/<ref>/take-out")
@requires(Permission.TICKETS_WORK)
def take_out(ref: str) -> Response:
    with transaction():
        ticket = tickets.ticket_for(viewer(), ref, lock=True)
        actions.take_out(ticket, actor=viewer().actor)
    toast("updated", _("%(ref)s stands alone again.", ref=ref))
    return back_or(url_for(".show_ticket", ref=ref))


@bp.post("/clusters/<ref>/dissolve")
@requires(Permission.TICKETS_WORK)
def dissolve_cluster(ref: str) -> Response:
    with transaction():
        cluster = queries.cluster_for(viewer(), ref, lock=True)
        actions.dissolve(cluster, actor=viewer().actor)
    toast("updated", _("%(ref)s is dissolved; its tickets stand alone again.", ref=ref))
    return redirect(url_for(".list_clusters"), 303)


@bp.get("/tickets/<int:ticket_id>/cluster")
@requires(Permission.TICKETS_SEE)
def cluster_of_ticket(ticket_id: int) -> str:
    """For the ticket's page, which loads it as a fragment."""
    return _fragment(tickets.ticket_by_id(ticket_id))


@bp.post("/clusters/suggestions/<int:suggestion_id>")
@requires(Permission.TICKETS_WORK)
def decide_suggestion(suggestion_id: int) -> Answer:
    """Accept or dismiss it: the pressed button says which. `ticket`: whose page asks."""
    with transaction():
        suggestion = queries.suggestion_of(suggestion_id)
        if request.form.get("do") == "accept":
            cluster = actions.accept(suggestion, actor=viewer().actor)
            toast("updated", _("They are in the cluster %(ref)s now.", ref=cluster.ref))
        else:
            actions.dismiss(suggestion, actor=viewer().actor)
            toast("info", _("This is not suggested again."))
    if not is_htmx():
        return back_or(url_for(".list_clusters"))
    number = request.form.get("ticket", type=int)
    return _fragment(tickets.ticket_by_id(number)) if number else clusters_overview()


def page(cluster: Cluster, **more: Any) -> str:
    """The whole page of a cluster; `more`: what it shows differently this time."""
    shown = {"errors": {}, "typed": {}, **more}
    return render(
        "tickets/clusters/show_cluster.html",
        statuses=status_choices(),
        with_address=queries.with_address(cluster.id),
        live_topics=["staff"],
        **_tickets(cluster),
        **shown,
    )


def _overview() -> dict[str, Any]:
    after = request.args.get("after") or None
    found, now = queries.clusters_page(after=after), clock.now()
    return {
        "clusters": found.rows,
        "older": url_for(".list_clusters", after=found.next) if found.next else None,
        "newest": url_for(".list_clusters") if after else None,
        "suggestions": queries.open_suggestions(),
        "trending": queries.trending(now),
        "since": (now - WEEK).astimezone(viewer().zone).date().isoformat(),
        "src": url_for(".clusters_overview", after=after),
        "may_work": viewer().may(Permission.TICKETS_WORK),
    }


def _tickets(cluster: Cluster) -> dict[str, Any]:
    return {
        "cluster": cluster,
        "counted": queries.counted(cluster),
        "tickets": queries.tickets_of(cluster.id),
        "src": url_for(".cluster_tickets", ref=cluster.ref),
        "may_work": viewer().may(Permission.TICKETS_WORK) and not cluster.dissolved_at,
    }


def _fragment(ticket: Ticket) -> str:
    may_work = viewer().may(Permission.TICKETS_WORK)
    return render(
        "tickets/clusters/_of_ticket.html",
        ticket=ticket,
        suggestions=queries.suggestions_for(ticket),
        others=queries.tickets_of(ticket.cluster_id, limit=6) if ticket.cluster_id else [],
        clusters=queries.current_clusters() if may_work and not ticket.cluster_id else [],
        src=url_for(".cluster_of_ticket", ticket_id=ticket.id),
        may_work=may_work,
    )


def _refs() -> list[str]:
    """Numbers of tickets, each in a field of its own or several in one."""
    typed = " ".join(request.form.getlist("refs")).replace(",", " ").upper().split()
    return list(dict.fromkeys(typed))[:500]
