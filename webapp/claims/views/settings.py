"""/claims/settings: whether the desk handles claims, four eyes, and the account that pays."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.claims import queries
from webapp.claims.actions import edit_claim_settings
from webapp.claims.forms import ClaimSettingsForm
from webapp.claims.views.blueprint import bp
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast


@bp.get("/settings")
@requires(Permission.DESK_MANAGE)
def settings() -> str:
    return render("claims/settings.html", settings=queries.claim_settings(), errors={})


@bp.post("/settings")
@requires(Permission.DESK_MANAGE)
def save_settings() -> str | tuple[str, int] | Response:
    try:
        form = parse(ClaimSettingsForm, request.form)
        with transaction():
            edit_claim_settings(form, actor=viewer().actor)
    except Invalid as error:
        page = render("claims/settings.html", settings=request.form, errors=error.fields)
        return page, 422
    toast("updated", _("The settings are saved."))
    return redirect(url_for(".settings"), 303)
