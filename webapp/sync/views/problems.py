"""What waits for a decision: conflicts, values to map, records that could not be read, records gone upstream."""

from __future__ import annotations

from collections.abc import Sequence

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.forms import number_from, parse
from webapp.core.web import render, toast
from webapp.sync import actions, problem_lists, queries
from webapp.sync.connections import declared
from webapp.sync.forms import Decided, Looked
from webapp.sync.models import Connection
from webapp.sync.problem_lists import Shown
from webapp.sync.pull import vanished
from webapp.sync.values import child_field
from webapp.sync.views import bp
from webapp.sync.views.fieldwords import field_words, owner_choices
from webapp.sync.views.panels import page_values
from webapp.sync.views.tested import pretty

PAGE = 50


@bp.get("/connections/<int:connection_id>/problems")
@requires(Permission.SYNC_MANAGE)
def show_problems(connection_id: int) -> str:
    values = page_values(connection_id, tab="problems")
    connection = values["it"].connection
    after = number_from(request.args.get("after")) or 0
    quarantined = queries.problems_of(connection_id)
    conflicts = problem_lists.conflicts_of(connection, is_open=True, limit=PAGE)
    missing = problem_lists.missing_of(connection, after_id=after, limit=PAGE + 1)
    return render(
        "sync/show_problems.html",
        **values,
        conflicts=conflicts,
        decided=problem_lists.conflicts_of(connection, is_open=False, limit=10),
        quarantined=quarantined,
        payloads={record.id: pretty(record.payload) for record in quarantined},
        unmapped=queries.unmapped_of(connection_id),
        solved=queries.count_problems(connection_id, state="solved"),
        ignored=queries.problems_of(connection_id, state="ignored", limit=PAGE),
        missing=missing[:PAGE],
        vanished=vanished.waiting(connection_id),
        missing_count=problem_lists.count_missing(connection_id),
        more_missing=missing[PAGE - 1].link.id if len(missing) > PAGE else None,
        parents=problem_lists.parents_of(quarantined),
        owners=owner_choices(),
        asked=_asked(connection, conflicts),
        **field_words(connection),
    )


@bp.post("/connections/<int:connection_id>/conflicts/<int:conflict_id>")
@requires(Permission.SYNC_MANAGE)
def decide_conflict(connection_id: int, conflict_id: int) -> Response:
    """Once, for ours or for theirs; with it, if wished, whose the field is from now on."""
    form = parse(Decided, request.form)
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        actions.decide_conflict(
            connection,
            conflict_id=conflict_id,
            keep=form.keep,
            actor=viewer().actor,
            ours=form.ours,
            theirs=form.theirs,
        )
    ours = _("Ours is kept, and sent where the system takes it.")
    toast("updated", ours if form.keep == "local" else _("Their value is taken."))
    return redirect(url_for(".show_problems", connection_id=connection_id) + "#conflicts", 303)


@bp.post("/connections/<int:connection_id>/missing/<int:link_id>")
@requires(Permission.SYNC_MANAGE)
def decide_missing(connection_id: int, link_id: int) -> Response:
    """Have it looked for again, or let our record go on as ours alone."""
    form = parse(Looked, request.form)
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        if form.do == "look":
            actions.look_again(connection, link_id=link_id, actor=viewer().actor)
            words = _("The next sync looks for it.")
        else:
            actions.unlink(connection, link_id=link_id, actor=viewer().actor)
            words = _("Unlinked: it goes on as one of ours.")
    toast("updated", words)
    return redirect(url_for(".show_problems", connection_id=connection_id) + "#missing", 303)


def _asked(connection: Connection, conflicts: Sequence[Shown]) -> list[tuple[str, str]]:
    """(field, whose it is) of those that people are asked about; where the mapping does not say, a status is ours,
    all else the upstream's."""
    usual = {"status": "ours"}
    found = {}
    for shown in conflicts:
        kind, field = shown.link.kind, shown.row.field
        known = declared(connection, kind)
        name = field if known.shape is declared(connection).shape else child_field(kind, field)
        rule = known.shape.fields.get(field)
        found[name] = (rule.owner if rule else None) or usual.get(field, "upstream")
    return list(found.items())
