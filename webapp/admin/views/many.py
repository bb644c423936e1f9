"""The same thing done to many: a preview on a fixed list, a start, and how far it has come."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.admin.forms import BulkForm, CancelForm
from webapp.admin.views import bp, bulk_words
from webapp.bulk import actions, queries, tasks
from webapp.bulk.models import PREVIEW
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import number_from, parse
from webapp.core.web import render, safe_next, toast
from webapp.outbox import many
from webapp.outbox.filters import filter_from

Answer = str | tuple[str, int] | Response


@bp.post("/outbox/many")
@requires(Permission.OUTBOX_MANAGE)
def plan_deliveries() -> Response:
    """Make the list for a preview: the ticked ones, or all that the filter leaves."""
    form = parse(BulkForm, request.form)
    ids = tuple(n for n in map(number_from, request.form.getlist("ids")) if n)
    back = safe_next(form.back, url_for(".outbox"))
    if form.which == "ticked" and not ids:
        toast("error", _("Tick the deliveries that you mean first."))
        return redirect(back, 303)
    chosen = filter_from(request.form)
    kind = many.RETRY if form.do == "retry" else many.CANCEL
    with transaction():
        found = many.candidates(
            chosen,
            kind=kind,
            zone=viewer().zone,
            ids=ids if form.which == "ticked" else (),
        )
        bulk = actions.plan(
            kind=kind,
            scope=chosen.target or "outbox",
            title=_("Send again") if kind == many.RETRY else _("Cancel deliveries"),
            back=back,
            items=found,
            actor=viewer().actor,
        )
    return redirect(url_for(".show_many", bulk_id=bulk.id), 303)


@bp.get("/many/<int:bulk_id>")
@requires(Permission.OUTBOX_MANAGE)
def show_many(bulk_id: int) -> str:
    return _page(bulk_id, {})


@bp.post("/many/<int:bulk_id>/start")
@requires(Permission.OUTBOX_MANAGE)
def start_many(bulk_id: int) -> Answer:
    """Do it: at once where it is little, else in the background."""
    bulk = queries.get(bulk_id)
    args: dict[str, Any] = {}
    if bulk.kind == many.CANCEL:
        try:
            args["reason"] = parse(CancelForm, request.form).reason
        except Invalid as error:
            return _page(bulk_id, error.fields), 422
    with transaction():
        at_once = actions.start(bulk, actor=viewer().actor, args=args)
    if at_once:
        tasks.go_on(bulk_id)
    return redirect(url_for(".show_many", bulk_id=bulk_id), 303)


def _page(bulk_id: int, errors: dict[str, str]) -> str:
    bulk, progress = queries.get(bulk_id), queries.progress_of(bulk_id)
    words = bulk_words.words_of(bulk.kind)
    sample = queries.sample_of(bulk_id) if bulk.state == PREVIEW else []
    kind, _colon, number = bulk.scope.partition(":")
    return render(
        "admin/many.html",
        bulk=bulk,
        progress=progress,
        words=words,
        did=words.did(progress.done),
        address=url_for(".show_many", bulk_id=bulk_id),
        sample=bulk_words.sample(bulk.kind, sample),
        asks_why=bulk.kind == many.CANCEL,
        errors=errors,
        live_topics=["staff", "outbox", *([bulk.scope] if kind == "connection" and number else [])],
        nav_active="sync.list_connections" if kind == "connection" else "admin.outbox",
    )
