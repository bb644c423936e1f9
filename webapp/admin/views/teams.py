"""/settings/teams: who works together, and whether they take tickets."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.admin.forms import TeamForm
from webapp.admin.views import bp
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import number_from, parse
from webapp.core.web import render, toast
from webapp.inbound.words import rule_choices
from webapp.tickets import queries
from webapp.tickets.actions import teams

Answer = str | tuple[str, int] | Response


@bp.get("/settings/teams")
@requires(Permission.DESK_MANAGE)
def list_teams() -> str:
    return _page()


@bp.post("/settings/teams")
@requires(Permission.DESK_MANAGE)
def add_team() -> Answer:
    try:
        form = parse(TeamForm, request.form)
        with transaction():
            teams.add_team(
                form.name,
                members=_members(),
                closed=(form.closed_rule, form.closed_days),
                actor=viewer().actor,
            )
    except Invalid as error:
        return _page(errors=error.fields), 422
    toast("new", _("The team %(name)s takes tickets now.", name=form.name))
    return redirect(url_for(".list_teams"), 303)


@bp.post("/settings/teams/<int:team_id>")
@requires(Permission.DESK_MANAGE)
def edit_team(team_id: int) -> Answer:
    try:
        form = parse(TeamForm, request.form)
        with transaction():
            teams.edit_team(
                team_id,
                name=form.name,
                members=_members(),
                active=bool(request.form.get("active")),
                closed=(form.closed_rule, form.closed_days),
                actor=viewer().actor,
            )
    except Invalid as error:
        return _page(errors=error.fields, wrong=team_id), 422
    toast("updated", _("The team %(name)s is saved.", name=form.name))
    return redirect(url_for(".list_teams"), 303)


def _members() -> set[int]:
    return {key for text in request.form.getlist("members") if (key := number_from(text))}


def _page(*, errors: dict[str, str] | None = None, wrong: int | None = None) -> str:
    people = people_who_may(Permission.TICKETS_WORK)
    return render(
        "admin/teams.html",
        teams=queries.teams(),
        people=[(person.id, person.name) for person in people],
        rules=rule_choices(),
        errors=errors or {},
        wrong=wrong,
        typed=request.form if errors else None,
        typed_members=_members() if errors else set(),
        live_topics=["staff"],
    )
