"""The same done to many tickets: a fixed list, what is to be done, a preview, progress, a result, and half an hour to
take it back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.bulk import actions as bulk_actions
from webapp.bulk import queries as bulks
from webapp.bulk import tasks
from webapp.bulk.models import Bulk
from webapp.core.db import transaction
from webapp.core.errors import Invalid, NotFound
from webapp.core.forms import number_from, parse
from webapp.core.web import csv_download, render, toast
from webapp.tickets import queries, words
from webapp.tickets.clustering.queries import current_clusters
from webapp.tickets.many import actions
from webapp.tickets.many.forms import ManyForm
from webapp.tickets.many.queries import with_address
from webapp.tickets.many.steps import CHANGE, NEW, Change
from webapp.tickets.models import Ticket
from webapp.tickets.queries import Filters
from webapp.tickets.views.blueprint import bp

Answer = str | tuple[str, int] | Response


@bp.post("/tickets/many")
@requires(Permission.TICKETS_WORK)
def plan_many() -> Response:
    """Fix the list: the ticked ones, or all that the address leaves at this moment."""
    filters = Filters.of(request.args)
    back = url_for(".list_tickets", **filters.as_args())
    query = select(Ticket.id)
    if request.form.get("which") == "all":
        query = query.where(*queries.conditions(viewer(), filters))
    else:
        picked = [n for n in map(number_from, request.form.getlist("pick")) if n]
        if not picked:
            toast("error", _("Tick the tickets that you mean first."))
            return redirect(back, 303)
        query = query.where(Ticket.id.in_(picked))
    with transaction():
        bulk = actions.plan(query, back=back, actor=viewer().actor)
    return redirect(url_for(".show_many", bulk_id=bulk.id), 303)


@bp.get("/tickets/many/<int:bulk_id>")
@requires(Permission.TICKETS_WORK)
def show_many(bulk_id: int) -> str:
    return _page(bulk_id)


@bp.get("/tickets/many/<int:bulk_id>/part")
@requires(Permission.TICKETS_WORK)
def many_part(bulk_id: int) -> str:
    return render("tickets/_many_state.html", **_shown(bulk_id))


@bp.post("/tickets/many/<int:bulk_id>/change")
@requires(Permission.TICKETS_WORK)
def decide_many(bulk_id: int) -> Answer:
    """Say what is to be done, and see what it would come to."""
    try:
        form = parse(ManyForm, request.form)
        with transaction():
            bulk = _get(bulk_id)
            actions.decide(bulk, replace(_change(form), cluster=Change.of(bulk.args).cluster))
    except Invalid as error:
        return _page(bulk_id, errors=error.fields or {"form": error.message}, edit=True), 422
    return redirect(url_for(".show_many", bulk_id=bulk_id), 303)


@bp.post("/tickets/many/<int:bulk_id>/start")
@requires(Permission.TICKETS_WORK)
def start_many(bulk_id: int) -> Response:
    with transaction():
        at_once = actions.start(_get(bulk_id), actor=viewer().actor)
    if at_once:
        tasks.go_on(bulk_id)
    return redirect(url_for(".show_many", bulk_id=bulk_id), 303)


@bp.post("/tickets/many/<int:bulk_id>/undo")
@requires(Permission.TICKETS_WORK)
def undo_many(bulk_id: int) -> Response:
    """Within half an hour of its end."""
    with transaction():
        made = bulk_actions.undo(_get(bulk_id), actor=viewer().actor)
        at_once = bulk_actions.start(made, actor=viewer().actor)
    if at_once:
        tasks.go_on(made.id)
    return redirect(url_for(".show_many", bulk_id=made.id), 303)


@bp.get("/tickets/many/<int:bulk_id>/result.csv")
@requires(Permission.TICKETS_WORK)
def many_result(bulk_id: int) -> Response:
    """What became of each ticket of the list."""
    _get(bulk_id)
    return csv_download(
        f"change-{bulk_id}.csv", (_("ticket"), _("became"), _("why")), _rows(bulk_id)
    )


def _rows(bulk_id: int) -> Iterator[tuple[Any, ...]]:
    for items in bulks.pieces_of(bulk_id):
        refs = queries.refs_of([item.subject_id for item in items])
        for item in items:
            yield refs.get(item.subject_id, item.subject_id), item.state, item.reason


def _get(bulk_id: int) -> Bulk:
    bulk = bulks.get(bulk_id)
    if bulk.kind != CHANGE:
        raise NotFound(_("There is no such list; previews are kept for a day."))
    return bulk


def _page(bulk_id: int, *, errors: dict[str, str] | None = None, edit: bool = False) -> str:
    edit = edit or "edit" in request.args
    values = _shown(bulk_id, edit=edit) | {"errors": errors or {}}
    return render("tickets/many.html", **values, **_choices(), live_topics=["staff"])


def _shown(bulk_id: int, *, edit: bool = False) -> dict[str, Any]:
    bulk, progress = _get(bulk_id), bulks.progress_of(bulk_id)
    change = Change.of(bulk.args)
    planned = bulk.state == "preview"
    refs = queries.refs_of(bulks.sample_of(bulk_id))
    return {
        "bulk": bulk,
        "progress": progress,
        "change": change,
        "cluster": actions.cluster_of(change),
        "into": None if planned or bulk.undoes_id else actions.cluster_into(change),
        "by_mail": with_address(bulk_id) if planned and change.reply else 0,
        "asks": planned and (edit or change.is_empty),
        "did": _did(bulk, progress.done),
        "sample": list(refs.values()),
        "skipped": list(queries.refs_of(bulks.skipped_of(bulk_id)).values()),
        "may_undo": bulk_actions.can_be_undone(bulk),
        "src": url_for(".many_part", bulk_id=bulk_id),
        "nav_active": "tickets.list_tickets",
    }


def _choices() -> dict[str, Any]:
    people = people_who_may(Permission.TICKETS_WORK)
    return {
        "people": [("0", _("Nobody")), *((str(p.id), p.name) for p in people)],
        "teams": [
            ("0", _("No team")),
            *((str(key), name) for key, name in queries.team_choices(None)),
        ],
        "statuses": words.status_choices(),
        "priorities": words.priority_choices(),
        "categories": queries.categories_in_use(),
        "clusters": [
            (NEW, _("A new one of these")),
            ("0", _("None: out of the one it is in")),
            *((str(each.id), f"{each.ref} {each.title}") for each in current_clusters()),
        ],
    }


def _did(bulk: Bulk, count: int) -> str:
    if bulk.undoes_id is not None:
        return ngettext("%(num)s was taken back.", "%(num)s were taken back.", count)
    return ngettext("%(num)s ticket was changed.", "%(num)s tickets were changed.", count)


def _change(form: ManyForm) -> Change:
    fields: dict[str, Any] = form.fields()
    if form.due:
        due = datetime.combine(form.due, time(23, 59), viewer().zone)
        fields["due_at"] = due.astimezone(UTC).isoformat()
    return Change(fields, form.add_tags, form.remove_tags, form.reply, form.note)
