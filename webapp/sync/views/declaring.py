"""The Mapping tab: how a connection reads and writes, edited in a form or as text, looked at, saved."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import number_from
from webapp.core.web import is_htmx, render, toast
from webapp.sync import actions, problem_lists, queries, subjects
from webapp.sync.actions.declaring import (
    APPLY,
    LATER,
    REREAD,
    newest_version,
    read_declaration,
    source_of,
)
from webapp.sync.connections import declared
from webapp.sync.connectors import registry
from webapp.sync.mapping import jobs
from webapp.sync.mapping.drafts import Draft, draft_from, draft_of
from webapp.sync.mapping.editor import Form
from webapp.sync.mapping.preview import Preview, preview
from webapp.sync.models import Connection
from webapp.sync.views import bp
from webapp.sync.views.mapjobs import jobs_values
from webapp.sync.views.mapped import asking_of, ways_in_use
from webapp.sync.views.mapwords import editor_words, paths_in
from webapp.sync.views.panels import page_values
from webapp.sync.views.settings import trial_as_saved
from webapp.sync.views.tested import Shown

Answer = str | tuple[str, int] | Response


@bp.get("/connections/<int:connection_id>/mapping")
@requires(Permission.SYNC_MANAGE)
def show_mapping(connection_id: int) -> str:
    """`?record=` of which kind of records; `?problem=` of the one that the person came for."""
    return mapping_page(connection_id)


@bp.post("/connections/<int:connection_id>/mapping")
@requires(Permission.SYNC_MANAGE)
def save_mapping(connection_id: int) -> Answer:
    """Read and write by the form, or by the typed text, from now on."""
    connection = queries.connection_for(viewer(), connection_id)
    draft = None
    try:
        if "declaration" in request.form:
            text, then = request.form["declaration"], REREAD
        else:
            draft, then = draft_from(Form(request.form)), _then()
            draft.declaration()
            text = draft.text
        with transaction():
            _save(connection, text, then=then)
            said = _retried(connection)
    except Invalid as error:
        return mapping_page(connection_id, draft=draft, errors=error.fields), 422
    toast("updated", f"{_said(then)} {said}".strip())
    if said:
        return redirect(url_for(".show_problems", connection_id=connection_id), 303)
    kind = draft.kind if draft is not None and draft.is_child else None
    return redirect(url_for(".show_mapping", connection_id=connection_id, record=kind), 303)


@bp.post("/connections/<int:connection_id>/mapping/edit")
@requires(Permission.SYNC_MANAGE)
def edit_mapping(connection_id: int) -> Answer:
    """A row more or less, another kind of records, or a look at the preview; nothing is saved."""
    connection = queries.connection_for(viewer(), connection_id)
    try:
        do = request.args.get("do", "")
        draft = draft_from(Form(request.form), do=do, known=_known(connection))
    except Invalid as error:
        return mapping_page(connection_id, errors=error.fields), 422
    is_about_ways = do.startswith(("way", "drop"))
    if not is_htmx():
        return mapping_page(
            connection_id, draft=draft, errors=draft.errors, asking_open=is_about_ways
        )
    values = {**editor_values(draft, _edit_address(connection_id)), "paths": ()}
    values["asking_open"] = is_about_ways
    answer = make_response(render("sync/mapping/_editor.html", **values))
    answer.headers["HX-Trigger"] = "mapping:changed"
    return answer


@bp.post("/connections/<int:connection_id>/mapping/preview")
@requires(Permission.SYNC_MANAGE)
def preview_mapping(connection_id: int) -> str:
    """The latest stored records by what is typed now."""
    connection = queries.connection_for(viewer(), connection_id)
    try:
        draft = draft_from(Form(request.form))
        values = {**editor_words(subjects.of(draft.target)), **preview_values(connection, draft)}
        return render("sync/mapping/_preview.html", **values)
    except Invalid as error:
        problems = list(error.fields.values()) or [error.message]
        address = _preview_address(connection_id)
        wrong = {"preview": None, "not_right": problems, "preview_address": address}
        return render("sync/mapping/_preview.html", **wrong)


@bp.post("/connections/<int:connection_id>/mapping/test")
@requires(Permission.SYNC_MANAGE)
def test_mapping(connection_id: int) -> Answer:
    """One real record, read by what is typed. Nothing is saved."""
    connection = queries.connection_for(viewer(), connection_id)
    draft = None
    try:
        if "declaration" in request.form:
            typed = read_declaration(request.form["declaration"])
        else:
            draft = draft_from(Form(request.form))
            typed = draft.declaration()
        kind = draft.kind if draft is not None and draft.is_child else ""
        result = trial_as_saved(connection, declaration=typed, kind=kind)
    except Invalid as error:
        if is_htmx():
            return render("sync/_test_result.html", result=None, problems=error.fields)
        return mapping_page(connection_id, draft=draft, errors=error.fields), 422
    if is_htmx():
        return render("sync/_test_result.html", result=result)
    return mapping_page(connection_id, draft=draft, result=result)


def mapping_page(
    connection_id: int,
    *,
    draft: Draft | None = None,
    result: Shown | None = None,
    errors: dict[str, str] | None = None,
    imported: bool = False,
    import_text: str = "",
    asking_open: bool = False,
) -> str:
    values = page_values(connection_id, tab="mapping")
    connection: Connection = values["it"].connection
    used = {} if draft else ways_in_use(declared(connection).shape, connection.options)
    draft = draft or _saved_draft(connection, request.values.get("record", ""))
    return render(
        "sync/show_mapping.html",
        **values,
        **editor_values(draft, _edit_address(connection_id)),
        **preview_values(connection, draft),
        **jobs_values(connection),
        asked=asking_of(declared(connection).shape, connection.options),
        problem=_problem(),
        used=used,
        asking_open=asking_open,
        source=request.form.get("declaration") or draft.text,
        built_in=registry.source(connection.kind),
        edited=connection.declaration is not None,
        based_on=request.form.get("based_on", newest_version(connection_id)),
        then=_then(),
        imported=imported or request.form.get("how") == "imported",
        import_text=import_text,
        result=result,
        errors=errors or {},
    )


def editor_values(draft: Draft, address: str) -> dict[str, Any]:
    return {**editor_words(subjects.of(draft.target)), "draft": draft, "editor_address": address}


def preview_values(connection: Connection, draft: Draft) -> dict[str, Any]:
    """The draft's preview, or why there is none; and the paths that the stored records have."""
    found: Preview | None = None
    problems = list(draft.errors.values())
    if not problems:
        try:
            found = preview(connection, draft.declaration(), kind=draft.kind, problem=_problem())
        except Invalid as error:
            problems = [error.message]
    return {
        "preview": found,
        "not_right": problems,
        "paths": paths_in(each.payload for each in found.records) if found else (),
        "preview_address": _preview_address(connection.id),
    }


def _saved_draft(connection: Connection, kind: str) -> Draft:
    shape = declared(connection).shape.name
    return draft_of(source_of(connection), shape=shape, kind=kind, known=_known(connection))


def _known(connection: Connection) -> dict[str, list[tuple[str, str | None]]]:
    """Field, as decided values are kept → what was decided about values there, and what waits for it."""
    known: dict[str, list[tuple[str, str | None]]] = {}
    for row in [*queries.mapped_of(connection.id), *queries.unmapped_of(connection.id)]:
        known.setdefault(row.field, []).append((row.upstream, row.local))
    return known


def _problem() -> int | None:
    """The record in quarantine because of which the person edits the mapping."""
    return number_from(request.values.get("problem"))


def _retried(connection: Connection) -> str:
    """What became of that record, read once more by what is saved now; empty where there is none."""
    entry = problem_lists.entry_of(connection, _problem())
    if entry is None:
        return ""
    solved, wrong = actions.retry_quarantined(connection, ids=[entry.id], actor=viewer().actor)
    if solved:
        return _("The record could be read now.")
    return _("The record cannot be read yet.") if wrong else _("The next sync asks for the record.")


def _save(connection: Connection, text: str, *, then: str) -> None:
    actor, based_on = viewer().actor, number_from(request.form.get("based_on"))
    how = "imported" if request.form.get("how") == "imported" else "edited"
    shown = [each.partition(":") for each in request.form.getlist("decided")]
    saved = actions.edit_declaration(
        connection,
        text=text,
        actor=actor,
        how=how,
        based_on=based_on,
        then=then,
        absorbs=[(field, theirs) for field, _colon, theirs in shown],
    )
    if saved is not None and then == APPLY:
        present = jobs.newest(connection.id, jobs.APPLY)
        if present is None or present.is_over:
            jobs.begin(connection, kind=jobs.APPLY, actor=actor)


def _said(then: str) -> str:
    return {
        REREAD: _("The mapping is saved; everything is read anew."),
        APPLY: _("The mapping is saved; the stored records follow."),
        LATER: _("The mapping is saved; it counts for what comes from now on."),
    }[then]


def _then() -> str:
    found = request.form.get("then", APPLY)
    return found if found in (REREAD, APPLY, LATER) else APPLY


def _edit_address(connection_id: int) -> str:
    return url_for(".edit_mapping", connection_id=connection_id)


def _preview_address(connection_id: int) -> str:
    return url_for(".preview_mapping", connection_id=connection_id)
