"""/settings/rules: to whom new tickets go, and a place to try it out."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.admin.forms import RuleForm
from webapp.admin.views import bp
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.tickets import queries, words
from webapp.tickets.actions import rules
from webapp.tickets.assigning import queries as assigning
from webapp.tickets.assigning.choosing import Case, first_fitting, least_busy
from webapp.tickets.relating.queries import ticket_numbered

Answer = str | tuple[str, int] | Response


@bp.get("/settings/rules")
@requires(Permission.DESK_MANAGE)
def list_rules() -> str:
    return _page()


@bp.post("/settings/rules")
@requires(Permission.DESK_MANAGE)
def add_rule() -> Answer:
    try:
        form = parse(RuleForm, request.form)
        with transaction():
            rules.add_rule(**form.model_dump(), actor=viewer().actor)
    except Invalid as error:
        return _page(errors=error.fields), 422
    toast("new", _("The rule takes new tickets from now on."))
    return redirect(url_for(".list_rules"), 303)


@bp.post("/settings/rules/<int:rule_id>")
@requires(Permission.DESK_MANAGE)
def change_rule(rule_id: int) -> Response:
    """Up, down, on, off or gone: the pressed button says which."""
    with transaction():
        rules.change_rule(rule_id, request.form.get("do", ""), actor=viewer().actor)
    toast("updated", _("The rules are saved."))
    return redirect(url_for(".list_rules"), 303)


def _tried() -> dict[str, Any] | None:
    """Which rule would take the ticket that is asked about; None where nothing is asked."""
    asked = {
        name: request.args.get(name, "").strip()[:200]
        for name in ("category", "barangay", "source")
    }
    number = request.args.get("number", "").strip()[:20]
    ticket = ticket_numbered(number) if number else None
    if number and ticket is None:
        return {"missing": number}
    if ticket is None and "category" not in request.args:
        return None
    case = Case(asked["category"], "", asked["barangay"], asked["source"])
    if ticket is not None:
        case = Case(ticket.category, ticket.refined_category, ticket.barangay, ticket.source)
    working = assigning.working_rules()
    rule = first_fitting(working, case)
    if rule is None:
        return {"rule": None}
    team_names, people = assigning.names([rule])
    person = least_busy(rule.people, assigning.unfinished_of(rule.people)) or rule.user_id
    return {
        "rule": rule,
        "team": team_names.get(rule.team_id or 0, ""),
        "person": people.get(person or 0, ""),
    }


def _page(*, errors: dict[str, str] | None = None) -> str:
    people = [(person.id, person.name) for person in people_who_may(Permission.TICKETS_WORK)]
    teams = [(team.id, team.name) for team in queries.teams()]
    known = {source: words.source_name(source, name) for source, name in queries.sources_in_use()}
    for source in ("form", "desk", "import"):
        known.setdefault(source, words.source_name(source, ""))
    return render(
        "admin/rules.html",
        rules=assigning.all_rules(),
        working={rule.id for rule in assigning.working_rules()},
        people=people,
        teams=teams,
        names={"people": dict(people), "teams": dict(teams), "sources": known},
        categories=queries.active_categories(),
        errors=errors or {},
        typed=request.form,
        tried=_tried() if not errors else None,
        asked=request.args,
        live_topics=["staff"],
    )
