"""/progress/portfolio: pieces of work, each with text, a link or a file."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid, NotFound
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.progress import actions, queries
from webapp.progress.forms import PortfolioForm
from webapp.progress.models import PortfolioItem
from webapp.progress.views.blueprint import bp
from webapp.tickets import attachments
from webapp.tickets.attachments import StoredFile
from webapp.tickets.views.files import requested_file

Answer = str | tuple[str, int] | Response


@bp.get("/progress/portfolio")
@requires(Permission.PROGRESS_KEEP)
def portfolio() -> str:
    return _page()


@bp.post("/progress/portfolio")
@requires(Permission.PROGRESS_KEEP)
def add_item() -> Answer:
    return _save(None)


@bp.get("/progress/portfolio/<int:item_id>")
@requires(Permission.PROGRESS_KEEP)
def show_item(item_id: int) -> str:
    return _page(queries.own(PortfolioItem, item_id, viewer()))


@bp.post("/progress/portfolio/<int:item_id>")
@requires(Permission.PROGRESS_KEEP)
def edit_item(item_id: int) -> Answer:
    return _save(queries.own(PortfolioItem, item_id, viewer()))


@bp.post("/progress/portfolio/<int:item_id>/delete")
@requires(Permission.PROGRESS_KEEP)
def remove_item(item_id: int) -> Response:
    with transaction():
        actions.remove_item(queries.own(PortfolioItem, item_id, viewer()), user=viewer())
    toast("updated", _("Deleted."))
    return redirect(url_for(".portfolio"), 303)


@bp.get("/progress/portfolio/<int:item_id>/file")
@requires(Permission.PROGRESS_KEEP)
def item_file(item_id: int) -> Response:
    item = queries.own(PortfolioItem, item_id, viewer())
    if item.storage_key is None:
        raise NotFound(_("There is no file with it."))
    return requested_file(
        StoredFile(item.file_name, item.file_type, item.file_size, item.storage_key)
    )


def _save(item: PortfolioItem | None) -> Answer:
    try:
        form = parse(PortfolioForm, request.form)
        file = _file()
        if not (form.body or form.url or file or (item and item.storage_key)):
            words = _("Write something about it, give a link, or choose a file.")
            raise Invalid(words, fields={"body": words})
        with transaction():
            if item is None:
                actions.add_item(viewer(), form, file=file)
            else:
                actions.edit_item(item, form, file=file, user=viewer())
    except Invalid as error:
        errors = error.fields or {"file": error.message}
        return _page(item, errors=errors, values=request.form), 422
    toast("updated", _("Saved."))
    return redirect(url_for(".portfolio"), 303)


def _file() -> StoredFile | None:
    """Raises Invalid for a file that is none of ours."""
    sent = [upload for upload in request.files.getlist("file") if upload.filename]
    files, errors = attachments.store_all(sent[:1])
    if errors:
        raise Invalid(errors[0], fields={"file": errors[0]})
    return files[0] if files else None


def _page(item: PortfolioItem | None = None, *, errors: Any = None, values: Any = None) -> str:
    return render(
        "progress/portfolio_item.html" if item else "progress/portfolio.html",
        item=item,
        rows=() if item else queries.portfolio_of(viewer()),
        values=values or item or {},
        errors=errors or {},
    )
