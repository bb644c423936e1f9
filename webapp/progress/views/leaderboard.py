"""/leaderboard, and /settings/progress: its switch, the milestones, the grace."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import number_from, parse
from webapp.core.web import render, toast
from webapp.progress import actions, queries
from webapp.progress.actions.standing import WINDOWS
from webapp.progress.forms import RulesForm
from webapp.progress.views.blueprint import bp
from webapp.tickets.queries import teams

Answer = str | tuple[str, int] | Response
FIRST = "30"


@bp.get("/leaderboard")
@requires(Permission.PROGRESS_KEEP)
def leaderboard() -> str:
    window = request.args.get("days", FIRST)
    window = window if window in WINDOWS else FIRST
    team_id = number_from(request.args.get("team"))
    rows, total = queries.leaderboard(window, team_id=team_id)
    return render(
        "progress/leaderboard.html",
        switched_on=queries.rules().leaderboard,
        shown=queries.on_leaderboard(viewer()),
        rows=rows,
        total=total,
        windows=[
            (words, url_for(".leaderboard", days=days, team=team_id), days == window)
            for days, words in _windows()
        ],
        window=window,
        teams=[(str(each.id), each.name) for each in teams(active_only=True)],
        team=str(team_id or ""),
    )


@bp.post("/leaderboard/choice")
@requires(Permission.PROGRESS_KEEP)
def choose() -> Response:
    shown = request.form.get("shown") == "1"
    with transaction():
        actions.choose_leaderboard(viewer(), shown=shown)
    words = _("You stand on the leaderboard.") if shown else _("You have left the leaderboard.")
    toast("updated", words)
    return redirect(url_for(".leaderboard"), 303)


@bp.get("/settings/progress")
@requires(Permission.DESK_MANAGE)
def show_rules() -> str:
    return _rules_page()


@bp.post("/settings/progress")
@requires(Permission.DESK_MANAGE)
def save_rules() -> Answer:
    try:
        form = parse(RulesForm, request.form)
        with transaction():
            actions.edit_rules(form, actor=viewer().actor)
    except Invalid as error:
        return _rules_page(errors=error.fields, values=request.form), 422
    toast("updated", _("Saved."))
    return redirect(url_for(".show_rules"), 303)


def _rules_page(*, errors: Any = None, values: Any = None) -> str:
    rules = queries.rules()
    shown = values or {
        "leaderboard": rules.leaderboard,
        "first_log": rules.first_log,
        "streak_marks": ", ".join(map(str, rules.streak_marks)),
        "hour_marks": ", ".join(map(str, rules.hour_marks)),
        "grace_days": rules.grace_days,
    }
    return render("progress/rules.html", values=shown, errors=errors or {})


def _windows() -> list[tuple[str, str]]:
    names = {"7": _("7 days"), "30": _("30 days"), "90": _("90 days"), "all": _("All time")}
    return [(days, names[days]) for days in WINDOWS]
