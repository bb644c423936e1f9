"""Who may sign in, and as what. A password is made by the desk and shown once."""

from __future__ import annotations

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts import actions, passwords, queries
from webapp.accounts.guards import requires, viewer
from webapp.accounts.models import User
from webapp.accounts.roles import ROLES, Permission
from webapp.accounts.zones import timezone_choices
from webapp.admin.forms import NewPersonForm, PersonForm
from webapp.admin.views import bp
from webapp.audit.queries import newest_of
from webapp.audit.views import told
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.mail.queries import block_of

Answer = str | tuple[str, int] | Response


@bp.get("/settings/people")
@requires(Permission.DESK_MANAGE)
def list_people() -> str:
    return render("admin/people.html", people=queries.all_users(), live_topics=["staff"])


@bp.get("/settings/people/new")
@requires(Permission.DESK_MANAGE)
def new_person() -> str:
    return _new_page({})


@bp.post("/settings/people/new")
@requires(Permission.DESK_MANAGE)
def create_person() -> Answer:
    """The new account's password stands on this answer and nowhere else."""
    password = passwords.generate()
    try:
        form = parse(NewPersonForm, request.form)
        with transaction():
            user = actions.create_user(
                form.email, name=form.name, role=form.role, timezone=form.timezone,
                password=password, actor=viewer().actor,
            )  # fmt: skip
    except Invalid as error:
        return _new_page(error.fields), 422
    return _shown_once(user, password)


@bp.get("/settings/people/<int:user_id>")
@requires(Permission.DESK_MANAGE)
def show_person(user_id: int) -> str:
    return _person_page(queries.get_user(user_id), {})


@bp.post("/settings/people/<int:user_id>")
@requires(Permission.DESK_MANAGE)
def edit_person(user_id: int) -> Answer:
    user = queries.get_user(user_id)
    try:
        form = parse(PersonForm, request.form)
        with transaction():
            actions.edit_user(user, actor=viewer().actor, **form.model_dump())
    except Invalid as error:
        return _person_page(user, error.fields), 422
    toast("updated", _("Saved."))
    return redirect(url_for(".show_person", user_id=user_id), 303)


@bp.post("/settings/people/<int:user_id>/active")
@requires(Permission.DESK_MANAGE)
def set_person_active(user_id: int) -> Answer:
    """Deactivate, which ends the person's sessions, or let them in again."""
    user = queries.get_user(user_id)
    active = request.form.get("active") == "1"
    try:
        with transaction():
            actions.edit_user(user, actor=viewer().actor, active=active)
    except Invalid as error:
        return _person_page(user, error.fields), 422
    words = _("%(name)s may sign in again.") if active else _("%(name)s may no longer sign in.")
    toast("updated", words % {"name": user.name})
    return redirect(url_for(".show_person", user_id=user_id), 303)


@bp.post("/settings/people/<int:user_id>/password")
@requires(Permission.DESK_MANAGE)
def reset_password(user_id: int) -> Answer:
    user, password = queries.get_user(user_id), passwords.generate()
    with transaction():
        actions.set_password(user, password=password, actor=viewer().actor)
    return _shown_once(user, password)


def _shown_once(user: User, password: str) -> Response:
    answer = make_response(render("admin/password.html", person=user, password=password))
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _new_page(errors: dict[str, str]) -> str:
    return render(
        "admin/new_person.html",
        form_values=request.form,
        errors=errors,
        roles=tuple(ROLES),
        timezones=timezone_choices(),
        timezone=queries.desk().timezone,
        live_topics=["staff"],
    )


def _person_page(user: User, errors: dict[str, str]) -> str:
    return render(
        "admin/person.html",
        person=user,
        mail_stop=block_of(user.email),
        form_values=request.form if errors else None,
        errors=errors,
        roles=tuple(ROLES),
        timezones=timezone_choices(),
        told=told(newest_of(actor=("user", user.id), limit=15)),
        live_topics=["staff"],
        is_self=user.id == viewer().id,
    )
