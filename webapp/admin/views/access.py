"""Who must have a second factor."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts import actions, queries
from webapp.accounts.actions import second_factor
from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import ROLES, Permission
from webapp.admin.forms import AccessForm
from webapp.admin.views import bp
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast

Answer = str | tuple[str, int] | Response


@bp.get("/settings/access")
@requires(Permission.DESK_MANAGE)
def access() -> str:
    return _page({})


@bp.post("/settings/access")
@requires(Permission.DESK_MANAGE)
def save_access() -> Answer:
    """From their next request on, people of these roles set up a second factor before anything else."""
    sent = {**request.form.to_dict(), "factor_roles": request.form.getlist("factor_roles")}
    try:
        form = parse(AccessForm, sent)
        with transaction():
            actions.set_access(actor=viewer().actor, factor_roles=form.factor_roles)
    except Invalid as error:
        return _page(error.fields), 422
    toast("updated", _("Saved."))
    return redirect(url_for(".access"), 303)


@bp.post("/settings/people/<int:user_id>/second-factor")
@requires(Permission.DESK_MANAGE)
def remove_factor(user_id: int) -> Response:
    """For somebody who lost phone and codes."""
    user = queries.get_user(user_id)
    with transaction():
        second_factor.remove(user, actor=viewer().actor)
    toast("updated", _("%(name)s signs in with the password alone now.", name=user.name))
    return redirect(url_for(".show_person", user_id=user_id), 303)


def _page(errors: dict[str, str]) -> str:
    desk = queries.desk()
    return render(
        "admin/access.html",
        errors=errors,
        roles=tuple(ROLES),
        factor_roles=request.form.getlist("factor_roles") if errors else desk.factor_roles.split(),
    )
