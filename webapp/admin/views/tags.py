"""/settings/tags: the labels in use, renamed, merged or deleted on all tickets at once."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.admin.forms import TagForm
from webapp.admin.views import bp
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.tickets import queries
from webapp.tickets.actions import tags

Answer = str | tuple[str, int] | Response


@bp.get("/settings/tags")
@requires(Permission.DESK_MANAGE)
def list_tags() -> str:
    return _page()


@bp.post("/settings/tags/<int:tag_id>")
@requires(Permission.DESK_MANAGE)
def edit_tag(tag_id: int) -> Answer:
    """Rename it, merge it into another, or delete it: the pressed button says which."""
    do = request.form.get("do", "rename")
    try:
        with transaction():
            told = _do(do, tag_id)
    except Invalid as error:
        words = next(iter(error.fields.values()), error.message)
        return _page(wrong=tag_id, error=words), 422
    toast("updated", told)
    return redirect(url_for(".list_tags", q=request.args.get("q") or None), 303)


def _do(do: str, tag_id: int) -> str:
    actor = viewer().actor
    if do == "delete":
        tags.delete_tag(tag_id, actor=actor)
        return _("The tag is deleted.")
    if do == "merge":
        kept = tags.merge_tag(tag_id, into=request.form.get("into", ""), actor=actor)
        return _("Its tickets are tagged “%(name)s” now.", name=kept.name)
    name = parse(TagForm, request.form).name
    tags.rename_tag(tag_id, name=name, actor=actor)
    return _("The tag is called “%(name)s” now.", name=name)


def _page(*, wrong: int | None = None, error: str = "") -> str:
    q = request.args.get("q", "").strip()[:60]
    rows, further = queries.tags_page(q, after=request.args.get("after", "")[:80])
    return render(
        "admin/tags.html",
        q=q,
        tags=rows,
        most=queries.COUNTED_UP_TO,
        further=url_for(".list_tags", q=q or None, after=further) if further else None,
        first=url_for(".list_tags", q=q or None) if request.args.get("after") else None,
        wrong=wrong,
        error=error,
        typed=request.form,
        live_topics=["staff"],
    )
