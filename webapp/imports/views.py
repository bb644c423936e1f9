"""/tickets/imports: a file is brought, matched, looked at, taken in, and taken back."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import storage
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.web import csv_download, render
from webapp.imports import actions, queries, rows, shown, tasks
from webapp.imports.files import Kind, Unreadable, sheets, texts
from webapp.imports.forms import match_from, options_from
from webapp.imports.models import MATCHING, Import
from webapp.imports.places import our_words

bp = Blueprint("imports", __name__)

READ_AT_ONCE = 300_000  # bytes that are worth waiting for
ROWS_AT_ONCE = 300
LARGEST = 100 * 1024 * 1024

Answer = str | tuple[str, int] | Response


@bp.get("/tickets/imports")
@requires(Permission.TICKETS_WORK)
def index() -> str:
    return _index({})


@bp.post("/tickets/imports")
@requires(Permission.TICKETS_WORK)
def bring() -> Answer:
    """Take a file in. What is too large was refused before a byte of it was read (see pages.py)."""
    try:
        it = _taken_in(request.files.get("file"))
    except Unreadable as error:
        return _index({"file": str(error)}), 422
    return _went_on(it.id, little=rows.raw_file(it.id).stat().st_size <= READ_AT_ONCE)


@bp.get("/tickets/imports/<int:import_id>")
@requires(Permission.TICKETS_WORK)
def show(import_id: int) -> str:
    it = queries.get(import_id)
    return render("imports/show.html", **_shown(it), live_topics=["staff"])


@bp.get("/tickets/imports/<int:import_id>/part")
@requires(Permission.TICKETS_WORK)
def part(import_id: int) -> str:
    """Where it stands, for its live region."""
    return render("imports/_state.html", **_shown(queries.get(import_id)))


@bp.post("/tickets/imports/<int:import_id>/read")
@requires(Permission.TICKETS_WORK)
def read_again(import_id: int) -> Response:
    """Another sheet, encoding or delimiter."""
    with transaction():
        actions.read_again(queries.get(import_id), options=options_from(request.form))
    return _went_on(import_id, little=rows.raw_file(import_id).stat().st_size <= READ_AT_ONCE)


@bp.post("/tickets/imports/<int:import_id>/match")
@requires(Permission.TICKETS_WORK)
def match(import_id: int) -> Answer:
    it = queries.get(import_id)
    try:
        ours = {name: dict(choices) for name, choices in our_words().items()}
        said = match_from(request.form, columns=it.columns, ours=ours)
    except Invalid as error:
        return render("imports/show.html", **(_shown(it) | {"problem": error.message})), 422
    with transaction():
        it = queries.get(import_id)
        complete = actions.match(it, mapping=said.mapping, words=said.words, options=said.options)
        little = it.total <= ROWS_AT_ONCE
    if not complete:
        problem = {"problem": _("Say below what these words mean here.")}
        return render("imports/show.html", **(_shown(queries.get(import_id)) | problem)), 422
    return _went_on(import_id, little=little)


@bp.post("/tickets/imports/<int:import_id>/back")
@requires(Permission.TICKETS_WORK)
def back(import_id: int) -> Response:
    with transaction():
        actions.check_again(queries.get(import_id))
    return _to(import_id)


@bp.post("/tickets/imports/<int:import_id>/start")
@requires(Permission.TICKETS_WORK)
def start(import_id: int) -> Response:
    with transaction():
        it = queries.get(import_id)
        actions.start(it, actor=viewer().actor)
        little = it.total <= ROWS_AT_ONCE
    return _went_on(import_id, little=little)


@bp.post("/tickets/imports/<int:import_id>/undo")
@requires(Permission.TICKETS_WORK)
def undo(import_id: int) -> Response:
    with transaction():
        it = queries.get(import_id)
        actions.undo(it, actor=viewer().actor)
        little = it.total <= ROWS_AT_ONCE
    return _went_on(import_id, little=little)


@bp.get("/tickets/imports/<int:import_id>/bad-rows.csv")
@requires(Permission.TICKETS_WORK)
def bad_rows(import_id: int) -> Response:
    """The rows that were not taken, with the reasons, to be mended and brought again."""
    it = queries.get(import_id)
    headings = (_("row"), _("reason"), *(column["heading"] for column in it.columns))
    return csv_download(f"import-{import_id}-bad-rows.csv", headings, queries.bad_rows(it))


@bp.get("/tickets/imports/<int:import_id>/left.csv")
@requires(Permission.TICKETS_WORK)
def left_rows(import_id: int) -> Response:
    """What an undo has left as it is, and why."""
    queries.get(import_id)
    found = queries.all_left(import_id)
    return csv_download(f"import-{import_id}-left.csv", (_("row"), _("reason")), found)


def _taken_in(file: FileStorage | None) -> Import:
    if file is None or not file.filename:
        raise Unreadable(_("Choose a file first."))
    upload = storage.passing(f"upload-{secrets.token_hex(8)}")
    try:
        file.save(upload)
        kind = _kind_of(upload)
        with transaction():
            it = actions.begin(file.filename, kind, user=viewer())
            upload.replace(rows.raw_file(it.id))
            actions.send(it.id)
        return it
    finally:
        upload.unlink(missing_ok=True)


def _kind_of(upload: Any) -> Kind:
    if not upload.stat().st_size:
        raise Unreadable(_("The file is empty."))
    return sheets.kind_of(upload) or texts.kind_of(upload)


def _went_on(import_id: int, *, little: bool) -> Response:
    """What is little is done while the person waits; a worker finds it done then."""
    if little:
        tasks.go_on(import_id)
    return _to(import_id)


def _to(import_id: int) -> Response:
    return redirect(url_for(".show", import_id=import_id), 303)


def _index(errors: dict[str, str]) -> str:
    return render(
        "imports/index.html",
        imports=[(it, shown.state_words(it)) for it in queries.latest()],
        errors=errors,
        largest=LARGEST,
        live_topics=["staff"],
        nav_active="tickets.list_tickets",
    )


def _shown(it: Import) -> dict[str, Any]:
    values: dict[str, Any] = {
        "it": it,
        "src": url_for(".part", import_id=it.id),
        "state": shown.state_words(it),
        "nav_active": "tickets.list_tickets",
        "problem": "",
    }
    if it.state == MATCHING:
        return values | shown.matching(it)
    return values | shown.found(it)
