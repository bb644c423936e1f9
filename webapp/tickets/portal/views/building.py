"""/settings/forms: admins build the public forms."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.tickets import queries as tickets
from webapp.tickets.portal import actions, queries
from webapp.tickets.portal.forms import PublicFormForm, questions_from, stops_from
from webapp.tickets.portal.models import PublicForm
from webapp.tickets.portal.questions import (
    DATE,
    FILE,
    LIST,
    NUMBER,
    PLACE,
    TEXT,
    Question,
    questions_of,
)
from webapp.tickets.views.blueprint import bp
from webapp.tickets.words import priority_choices

Answer = str | tuple[str, int] | Response


@bp.get("/settings/forms")
@requires(Permission.DESK_MANAGE)
def list_forms() -> str:
    return render("tickets/portal/list_forms.html", forms=queries.all_forms())


@bp.get("/settings/forms/new")
@requires(Permission.DESK_MANAGE)
def new_form() -> str:
    return _page(None)


@bp.post("/settings/forms/new")
@requires(Permission.DESK_MANAGE)
def create_form() -> Answer:
    return _save(None)


@bp.get("/settings/forms/<int:form_id>")
@requires(Permission.DESK_MANAGE)
def edit_form(form_id: int) -> str:
    return _page(queries.form_by_id(form_id))


@bp.post("/settings/forms/<int:form_id>")
@requires(Permission.DESK_MANAGE)
def save_form(form_id: int) -> Answer:
    return _save(queries.form_by_id(form_id))


@bp.post("/settings/forms/<int:form_id>/delete")
@requires(Permission.DESK_MANAGE)
def delete_form(form_id: int) -> Response:
    with transaction():
        form = queries.form_by_id(form_id)
        actions.delete_form(form, actor=viewer().actor)
    toast("updated", _("“%(title)s” is deleted. Its tickets keep their answers.", title=form.title))
    return redirect(url_for(".list_forms"), 303)


def _save(form: PublicForm | None) -> Answer:
    questions, wrong = questions_from(request.form, tickets.all_categories())
    errors = dict(wrong)
    try:
        values = parse(PublicFormForm, request.form)
        if not wrong:
            with transaction():
                form = queries.form_by_id(form.id) if form else None
                saved = actions.save_form(
                    form,
                    values=values,
                    questions=questions,
                    stops=stops_from(request.form, tickets.active_categories()),
                    actor=viewer().actor,
                )
            toast("updated", _("The form is saved."))
            return redirect(url_for(".edit_form", form_id=saved.id), 303)
    except Invalid as error:
        errors |= error.fields
    return _page(form, errors=errors, questions=questions), 422


def _page(
    form: PublicForm | None,
    *,
    errors: dict[str, str] | None = None,
    questions: list[Question] | None = None,
) -> str:
    if questions is None:
        questions = questions_of(form.questions) if form else []
    typed: dict[str, Any] = request.form.to_dict() if errors else _values(form)
    return render(
        "tickets/portal/edit_form.html",
        form=form,
        typed=typed,
        errors=errors or {},
        questions=questions,
        kinds=_kinds(),
        categories=tickets.active_categories(),
        stops=_stops(form, typed if errors else None),
        teams=tickets.team_choices(form.team_id if form else None),
        people=[(person.id, person.name) for person in people_who_may(Permission.TICKETS_WORK)],
        priorities=priority_choices(),
    )


def _values(form: PublicForm | None) -> dict[str, Any]:
    if form is None:
        return {"active": True, "priority": "2"}
    return {
        "title": form.title,
        "slug": form.slug,
        "intro": form.intro,
        "active": form.active,
        "tags": ", ".join(form.tags),
        "team": form.team_id,
        "assignee": form.assignee_id,
        "priority": str(form.priority),
    }


def _stops(form: PublicForm | None, typed: dict[str, Any] | None) -> dict[str, str]:
    if typed is not None:
        return stops_from(typed, tickets.active_categories())
    return dict(form.stops) if form else {}


def _kinds() -> list[tuple[str, str]]:
    return [
        (TEXT, _("Text")),
        (LIST, _("List")),
        (NUMBER, _("Number")),
        (DATE, _("Day")),
        (PLACE, _("Place")),
        (FILE, _("File")),
    ]
