"""A kind of system that nobody has declared: address, a sample, a proposal that is corrected, tried and saved."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from flask import make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.db import transaction
from webapp.core.errors import Invalid, RemoteError
from webapp.core.web import is_htmx, render
from webapp.sync import subjects
from webapp.sync.connectors import registry
from webapp.sync.connectors.mapping import compile_mapping
from webapp.sync.forms import new_connection_from, tried_from
from webapp.sync.mapping import sampling
from webapp.sync.mapping.drafts import Draft, draft_from, draft_of
from webapp.sync.mapping.editor import Form
from webapp.sync.mapping.preview import preview_of
from webapp.sync.mapping.propose import Proposal, propose
from webapp.sync.models import INTERVALS
from webapp.sync.pull.scope import Scope
from webapp.sync.views import bp
from webapp.sync.views.adding import create_from, saved
from webapp.sync.views.mapped import SIGNED_BY
from webapp.sync.views.mapwords import editor_words, paths_in
from webapp.sync.views.tested import Shown, trial

# How a sample can be asked for; what goes into the body of a form is for changes alone.
SAMPLE_AUTHS = ("none", "bearer", "header", "query", "basic")

Answer = str | tuple[str, int] | Response


@bp.get("/connections/new/blank")
@requires(Permission.SYNC_MANAGE)
def new_blank() -> str:
    return _page()


@bp.post("/connections/new/blank/propose")
@requires(Permission.SYNC_MANAGE)
def propose_blank() -> Answer:
    """Look at a sample and propose how to read it. Nothing is kept."""
    try:
        found = _proposal()
        draft = draft_of(found.text, shape="")
    except Invalid as error:
        return _refused(error.fields or {"": error.message})
    except RemoteError as error:
        return _refused({"sample_path": f"{error.message} {error.advice}".strip()})
    values = _values(draft, records=found.records, notes=found.notes)
    if is_htmx():
        return render("sync/mapping/_proposal.html", **values)
    return _page(draft, records=found.records, notes=found.notes)


@bp.post("/connections/new/blank/edit")
@requires(Permission.SYNC_MANAGE)
def edit_blank() -> Answer:
    """A row more or less. Nothing is kept."""
    try:
        draft = draft_from(Form(request.form), do=request.args.get("do", ""))
    except Invalid as error:
        return _page(errors=error.fields), 422
    if not is_htmx():
        return _page(draft, errors=draft.errors)
    answer = make_response(render("sync/mapping/_editor.html", **_values(draft)))
    answer.headers["HX-Trigger"] = "mapping:changed"
    return answer


@bp.post("/connections/new/blank/preview")
@requires(Permission.SYNC_MANAGE)
def preview_blank() -> str:
    try:
        values = _values(draft_from(Form(request.form)))
    except Invalid as error:
        said = list(error.fields.values()) or [error.message]
        values = {"preview": None, "not_right": said, "preview_address": url_for(".preview_blank")}
    return render("sync/mapping/_preview.html", **values)


@bp.post("/connections/new/blank/test")
@requires(Permission.SYNC_MANAGE)
def test_blank() -> Answer:
    """Ask them by what is typed; show one record and its ticket."""
    draft = None
    try:
        draft = draft_from(Form(request.form))
        wanted = tried_from(request.form, registry.get("blank"))
        result = trial("blank", wanted, declaration=draft.declaration())
    except Invalid as error:
        if is_htmx():
            return render("sync/_test_result.html", result=None, problems=error.fields)
        return _page(draft, errors=error.fields), 422
    if is_htmx():
        return render("sync/_test_result.html", result=result)
    return _page(draft, result=result)


@bp.post("/connections/new/blank")
@requires(Permission.SYNC_MANAGE)
def create_blank() -> Answer:
    """Test once more, then save; the first pull begins, or a dry run if that was wished."""
    draft = None
    try:
        draft = draft_from(Form(request.form))
        declaration = draft.declaration()
        wanted = new_connection_from(request.form, registry.get("blank"))
        result = trial("blank", wanted, declaration=declaration)
        if result.error and not wanted.untested:
            errors = {"untested": result.error.message}
            return _page(draft, result=result, errors=errors), 422
        with transaction():
            connection = create_from(wanted, result, text=draft.text)
    except Invalid as error:
        return _page(draft, errors=error.fields), 422
    return saved(connection)


def _proposal() -> Proposal:
    """Raises Invalid and RemoteError."""
    form = Form(request.form)
    kind = form.get("auth_kind") if form.get("auth_kind") in SAMPLE_AUTHS else "none"
    auth = {"kind": kind}
    if kind in ("header", "query"):
        auth["name"] = form.get("auth_name").strip()
        if not auth["name"]:
            words = _("Name the header or parameter that carries the key.")
            raise Invalid(words, fields={"auth_name": words})
    path = form.get("sample_path")
    if form.get("sample_text").strip():
        answer = sampling.pasted(form.get("sample_text"), path=path)
    else:
        db.session().rollback()  # no transaction stays open over a call
        answer = sampling.fetched(
            base_url=form.get("base_url"),
            path=path,
            auth=auth,
            secret=form.get("secret"),
            allow_http=bool(form.get("allow_http")),
        )
    return propose(answer, title=form.get("name").strip() or _("Another system"), auth=auth)


def _refused(errors: dict[str, str]) -> Answer:
    if is_htmx():
        return render("sync/mapping/_no_proposal.html", errors=errors)
    return _page(errors=errors), 422


def _values(
    draft: Draft, *, records: list[Any] | None = None, notes: list[str] | None = None
) -> dict[str, Any]:
    """What the editor and its preview show, on the sample's records."""
    records = sampling.unpacked(request.form.get("sample", "")) if records is None else records
    found, not_right = None, list(draft.errors.values())
    if not not_right:
        try:
            declaration = draft.declaration()
            zone = request.form.get("timezone", "")
            mapping = compile_mapping(declaration, declaration.shape(draft.shape), zone=zone)
            scope = Scope(
                connection_id=0,
                name=request.form.get("name", ""),
                subject=subjects.of(declaration.target),
            )
            found = preview_of(records, mapping, scope)
        except Invalid as error:
            not_right = [error.message]
    return {
        **editor_words(subjects.of(draft.target)),
        "draft": draft,
        "editor_address": url_for(".edit_blank"),
        "preview_address": url_for(".preview_blank"),
        "preview": found,
        "not_right": not_right,
        "paths": paths_in(records),
        "sample": sampling.kept(records),
        "notes": notes or [],
        "asking_open": True,
    }


def _page(
    draft: Draft | None = None,
    *,
    records: list[Any] | None = None,
    notes: list[str] | None = None,
    result: Shown | None = None,
    errors: dict[str, str] | None = None,
) -> str:
    empty = editor_words(subjects.of(registry.get("blank").target))
    return render(
        "sync/mapping/new_blank.html",
        **(_values(draft, records=records, notes=notes) if draft else empty),
        auth_kinds=[(name, SIGNED_BY[name]) for name in SAMPLE_AUTHS],
        # The secret is left out: whatever the page holds of it, the browser kept by itself.
        values={name: value for name, value in request.form.items() if name != "secret"},
        proposed=draft is not None,
        result=result,
        errors=errors or {},
        intervals=[(n, ngettext("every minute", "every %(num)s minutes", n)) for n in INTERVALS],
        timezones=sorted(available_timezones()),
        live_topics=["staff"],
        nav_active="sync.list_connections",
    )
