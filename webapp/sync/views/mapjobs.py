"""Beside the mapping's editor: dry run, applying to what is stored, versions, export and import."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response as Download
from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.web import render, toast
from webapp.sync import queries
from webapp.sync.actions.declaring import LATER, read_declaration, roll_back, source_of
from webapp.sync.connectors.declaration.reading import LONGEST
from webapp.sync.mapping import jobs
from webapp.sync.mapping.drafts import draft_of
from webapp.sync.mapping.versions import versions_of
from webapp.sync.models import Connection
from webapp.sync.views import bp
from webapp.sync.views.fieldwords import field_words, subjects_of
from webapp.sync.views.mapwords import job_words
from webapp.sync.views.panels import page_values

Answer = str | tuple[str, int] | Response


@bp.get("/connections/<int:connection_id>/mapping/jobs")
@requires(Permission.SYNC_MANAGE)
def mapping_jobs(connection_id: int) -> str:
    """Dry run and application as they go."""
    values = page_values(connection_id, tab="mapping")
    return render("sync/mapping/_jobs.html", **values, **jobs_values(values["it"].connection))


@bp.post("/connections/<int:connection_id>/mapping/dry-run")
@requires(Permission.SYNC_MANAGE)
def start_dry_run(connection_id: int) -> Response:
    """Read what the first pull would read, and say what it would do."""
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        jobs.begin(connection, kind=jobs.DRY_RUN, actor=viewer().actor, most_pages=jobs.MOST_PAGES)
    toast("info", _("The dry run begins. Nothing is changed by it."))
    return _back(connection_id)


@bp.post("/connections/<int:connection_id>/mapping/apply")
@requires(Permission.SYNC_MANAGE)
def apply_mapping(connection_id: int) -> Response:
    """Read all stored payloads again by the saved mapping."""
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        jobs.begin(connection, kind=jobs.APPLY, actor=viewer().actor)
    toast("info", _("The stored records are read again."))
    return _back(connection_id)


@bp.get("/connections/<int:connection_id>/mapping/versions")
@requires(Permission.SYNC_MANAGE)
def mapping_versions(connection_id: int) -> str:
    values = page_values(connection_id, tab="mapping")
    return render("sync/mapping/versions.html", **values, versions=versions_of(connection_id))


@bp.post("/connections/<int:connection_id>/mapping/versions/<int:n>")
@requires(Permission.SYNC_MANAGE)
def roll_back_mapping(connection_id: int, n: int) -> Response:
    """Back to version `n`, as a new version."""
    with transaction():
        connection = queries.connection_for(viewer(), connection_id)
        before = source_of(connection)
        made = roll_back(connection, n=n, actor=viewer().actor, then=LATER)
        present = jobs.newest(connection.id, jobs.APPLY)
        if source_of(connection) != before and (present is None or present.is_over):
            jobs.begin(connection, kind=jobs.APPLY, actor=viewer().actor)
    toast(
        "updated",
        _("The mapping is that of version %(n)s again (version %(made)s).", n=n, made=made),
    )
    return redirect(url_for(".mapping_versions", connection_id=connection_id), 303)


@bp.get("/connections/<int:connection_id>/mapping/export")
@requires(Permission.SYNC_MANAGE)
def export_mapping(connection_id: int) -> Download:
    """The declaration in use, as a YAML file. It holds no token."""
    connection = queries.connection_for(viewer(), connection_id)
    name = secure_filename(connection.name.lower()) or f"connection-{connection.id}"
    headers = {"Content-Disposition": f'attachment; filename="{name}.yaml"'}
    return Download(source_of(connection), mimetype="application/yaml", headers=headers)


@bp.post("/connections/<int:connection_id>/mapping/import")
@requires(Permission.SYNC_MANAGE)
def import_mapping(connection_id: int) -> Answer:
    """The editor with a declaration from elsewhere, not yet saved."""
    from webapp.sync.views.declaring import mapping_page  # the two show parts of one page

    queries.connection_for(viewer(), connection_id)
    text = ""
    try:
        text = _uploaded() or request.form.get("yaml", "")
        if not text.strip():
            raise Invalid(_("Choose a file, or paste its text."))
        read_declaration(text)
        draft = draft_of(text, shape="")
    except Invalid as error:
        words = {"yaml": error.message}
        return mapping_page(connection_id, errors=words, import_text=text), 422
    return mapping_page(connection_id, draft=draft, imported=True)


def jobs_values(connection: Connection) -> dict[str, Any]:
    found = [jobs.newest(connection.id, kind) for kind in (jobs.DRY_RUN, jobs.APPLY)]
    shown = [job for job in found if job is not None]
    return {
        "jobs": shown,
        "busy": [job.kind for job in shown if not job.is_over],
        "job_words": partial(job_words, known=subjects_of(connection)),
        "of_kinds": field_words(connection),
    }


def _uploaded() -> str:
    """The text of the file that was sent; empty without one. Raises Invalid."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return ""
    data = sent.read(4 * LONGEST + 1)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        words = _("This file is no text in UTF-8.")
        raise Invalid(words, fields={"yaml": words}) from None


def _back(connection_id: int) -> Response:
    return redirect(url_for(".show_mapping", connection_id=connection_id), 303)
