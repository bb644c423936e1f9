"""How people come in: who may join, who is invited, who must have a second factor."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts import actions, queries
from webapp.accounts.actions import links, second_factor
from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import ROLES, Permission
from webapp.admin.forms import AccessForm, InviteForm
from webapp.admin.views import bp
from webapp.core import settings
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
            actions.set_access(actor=viewer().actor, **form.model_dump())
    except Invalid as error:
        return _page(error.fields), 422
    toast("updated", _("Saved."))
    return redirect(url_for(".access"), 303)


@bp.post("/settings/access/invitations")
@requires(Permission.DESK_MANAGE)
def invite() -> Answer:
    """A mail with a link, with which they choose a password themselves."""
    try:
        form = parse(InviteForm, request.form)
        with transaction():
            links.invite(form.email, name=form.name, role=form.role, inviter=viewer())
    except Invalid as error:
        return _page({}, error.fields), 422
    toast("new", _("The invitation of %(email)s is on its way.", email=form.email))
    return redirect(url_for(".access") + "#invitations", 303)


@bp.post("/settings/access/invitations/<int:link_id>/withdraw")
@requires(Permission.DESK_MANAGE)
def withdraw_invitation(link_id: int) -> Response:
    with transaction():
        links.withdraw(queries.get_invitation(link_id), actor=viewer().actor)
    toast("updated", _("The invitation is withdrawn."))
    return redirect(url_for(".access") + "#invitations", 303)


@bp.post("/settings/people/<int:user_id>/second-factor")
@requires(Permission.DESK_MANAGE)
def remove_factor(user_id: int) -> Response:
    """For somebody who lost phone and codes."""
    user = queries.get_user(user_id)
    with transaction():
        second_factor.remove(user, actor=viewer().actor)
    toast("updated", _("%(name)s signs in with the password alone now.", name=user.name))
    return redirect(url_for(".show_person", user_id=user_id), 303)


def _page(errors: dict[str, str], invite_errors: dict[str, str] | None = None) -> str:
    desk = queries.desk()
    values: Any = request.form if errors else desk
    return render(
        "admin/access.html",
        values=values,
        errors=errors,
        invite_values=request.form if invite_errors else {},
        invite_errors=invite_errors or {},
        invitations=queries.open_invitations(),
        roles=tuple(ROLES),
        factor_roles=request.form.getlist("factor_roles") if errors else desk.factor_roles.split(),
        mail_configured=settings.current().mail_configured,
    )
