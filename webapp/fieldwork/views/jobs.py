"""/jobs: the list, and the board by state. Both keep themselves fresh."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.web import render
from webapp.fieldwork import queries, words
from webapp.fieldwork.queries import ALL, NOBODY, JobFilters
from webapp.fieldwork.queries.jobs import COUNTED_UP_TO
from webapp.fieldwork.states import NEED_REASON, STATES, UNFINISHED, moves_of
from webapp.fieldwork.views.blueprint import bp, choices, topics


@bp.get("/jobs")
@requires(Permission.JOBS_PLAN)
def list_jobs() -> str:
    return render("fieldwork/list_jobs.html", live_topics=topics(), **filter_choices(), **_rows())


@bp.get("/jobs/rows")
@requires(Permission.JOBS_PLAN)
def list_rows() -> str:
    """The list alone, for its live region."""
    return render("fieldwork/_list.html", **_rows())


@bp.get("/jobs/board")
@requires(Permission.JOBS_PLAN)
def show_board() -> str:
    return render("fieldwork/board.html", live_topics=topics(), **filter_choices(), **_board())


@bp.get("/jobs/board/columns")
@requires(Permission.JOBS_PLAN)
def board_columns() -> str:
    return render("fieldwork/_board.html", **_board())


def filter_choices() -> dict[str, Any]:
    offered = choices()
    return {**offered, "people": [(NOBODY, _("Nobody")), *offered["people"]]}


def _rows() -> dict[str, Any]:
    filters, user = JobFilters.of(request.args), viewer()
    after = request.args.get("after") or None
    page = queries.jobs_page(user, filters, after=after)
    args = filters.as_args()
    return {
        "filters": filters,
        "jobs": page.rows,
        "tabs": _tabs(filters),
        "src": url_for(".list_rows", **args, after=after),
        "first": url_for(".list_jobs", **args) if after else None,
        "next": url_for(".list_jobs", **args, after=page.next) if page.next else None,
    }


def _tabs(filters: JobFilters) -> list[tuple[str, str, bool, str]]:
    counts = queries.count_by_state(viewer(), filters)
    shown = [
        ("", _("Unfinished"), UNFINISHED),
        *((state, words.state_name(state), (state,)) for state in STATES),
        (ALL, _("All"), STATES),
    ]
    return [
        (
            name,
            url_for(".list_jobs", **filters.as_args(state=state)),
            filters.state == state,
            _counted(sum(counts[one] for one in included)),
        )
        for state, name, included in shown
    ]


def _counted(count: int) -> str:
    return f"{COUNTED_UP_TO}+" if count > COUNTED_UP_TO else str(count)


def _board() -> dict[str, Any]:
    filters = JobFilters.of({**request.args, "state": ""})
    args = filters.as_args()
    return {
        "filters": filters,
        "columns": queries.board(viewer(), filters),
        "moves": {state: moves_of(state, plans=True) for state in STATES},
        "need_reason": NEED_REASON,
        "src": url_for(".board_columns", **args),
        "here": url_for(".show_board", **args),
    }
