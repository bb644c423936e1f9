"""/tickets: the list that keeps itself fresh."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import redirect, request
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.identity import beside
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.forms import number_from
from webapp.core.kept import drawn
from webapp.core.page_words import speaker
from webapp.core.web import address, render, safe_next
from webapp.tickets import queries, words
from webapp.tickets.lists import actions, columns, departures, wording
from webapp.tickets.lists import queries as lists
from webapp.tickets.queries import ALL, COUNTED_UP_TO, Filters, Matching
from webapp.tickets.queries.filters import NEWEST
from webapp.tickets.states import STATUSES, UNFINISHED
from webapp.tickets.views import fragments
from webapp.tickets.views.blueprint import bp
from webapp.tickets.views.rows import rows_of

MOST_ASKED = 100  # tickets of one page that are asked about at once


@bp.get("/tickets")
@requires(Permission.TICKETS_SEE)
def list_tickets() -> str | Response:
    if not request.args and beside("has_first_list", lambda: True):
        view = lists.first_list_of(viewer())
        if view is not None:
            return redirect(address("tickets.list_tickets", **Filters.of(view.args).as_args()))
    filters = Filters.of(request.args)
    parts = wording.parts_of(filters)
    shown = _rows(filters)
    return render(
        "tickets/list_tickets.html",
        list=_list(shown),
        live_topics=["staff", f"user:{viewer().id}"],
        set_parts=tuple(
            (each, address("tickets.list_tickets", **filters.without(each.name).as_args()))
            for each in parts
        ),
        cleared=address(
            "tickets.list_tickets", **Filters(filters.status, sort=filters.sort).as_args()
        ),
        elsewhere=fragments.of_search(filters.q),
        gone=[wording.gone(each) for each in parts if each.value is None],
        **shown,
    )


def _list(shown: dict[str, Any]) -> Markup:
    """Tabs, headings and paging, drawn once for as long as they say the same; the rows are filled in."""
    rows = shown["rows"]
    about = {name: value for name, value in shown.items() if name != "rows"}
    return drawn(
        "tickets/_list.html",
        (*about.values(), bool(rows)),
        lambda marks: {**about, "rows": marks["rows"] if rows else ""},
        {"rows": rows},
        zoned=False,
    )


@bp.get("/tickets/rows")
@requires(Permission.TICKETS_SEE)
def list_rows() -> str:
    """The list alone, for its live region."""
    return _list(_rows(Filters.of(request.args)))


@bp.get("/tickets/left")
@requires(Permission.TICKETS_SEE)
def left_list() -> dict[str, str]:
    """Why the tickets `ids` are no longer in the list of the address: ticket → words."""
    given = request.args.get("ids", "").split(",")[:MOST_ASKED]
    ids = [key for key in map(number_from, given) if key]
    reasons = departures.reasons_of(viewer(), Filters.of(request.args), ids)
    return {str(key): text for key, text in reasons.items()}


@bp.get("/tickets/filters")
@requires(Permission.TICKETS_SEE)
def list_filters() -> str:
    """All filters with what they can be: fetched when somebody opens them."""
    return render(
        "tickets/lists/_filters.html",
        filters=Filters.of(request.args),
        choices=wording.choices(),
        sorts=wording.sort_choices(),
        label=wording.label,
    )


@bp.get("/tickets/columns")
@requires(Permission.TICKETS_SEE)
def list_columns() -> str:
    return render(
        "tickets/lists/_columns.html",
        columns=[(name, columns.column_name(name)) for name in columns.COLUMNS],
        chosen=columns.columns_of(viewer().id),
        back=address("tickets.list_tickets", **Filters.of(request.args).as_args()),
    )


@bp.post("/tickets/columns")
@requires(Permission.TICKETS_SEE)
def choose_columns() -> Response:
    with transaction():
        actions.choose_columns(viewer(), request.form.getlist("columns"))
    return redirect(safe_next(request.form.get("back"), address("tickets.list_tickets")), 303)


def _rows(filters: Filters) -> dict[str, Any]:
    after = request.args.get("after") or None
    wanted = queries.matching(viewer(), filters)
    page = queries.tickets_page(wanted, after=after)
    args, may_work = filters.as_args(), viewer().may(Permission.TICKETS_WORK)
    chips = queries.chips_of(viewer(), page.rows)
    names = columns.chosen(beside("list_columns", lambda: columns.own_of(viewer().id)))
    around = _around(filters, names, speaker().language, request.script_root)
    return {
        "filters": filters,
        "rows": rows_of(page.rows, chips, names, may_work=may_work),
        "tabs": _tabs(wanted, around.tabs),
        "said": wanted.said,
        "columns": around.headings,
        "may_work": may_work,
        "src": address("tickets.list_rows", **args, after=after),
        "left": around.left,
        "first": address("tickets.list_tickets", **args) if after else None,
        "next": address("tickets.list_tickets", **args, after=page.next) if page.next else None,
    }


class _Around(NamedTuple):
    """`headings`: see `_headings`. `tabs`: (name, address, whether it is this one, what it counts)."""

    headings: tuple[tuple[str, str, str | None, str | None], ...]
    tabs: tuple[tuple[str, str, bool, tuple[str, ...]], ...]
    left: str


@lru_cache(maxsize=500)
def _around(filters: Filters, names: tuple[str, ...], language: str, _root: str) -> _Around:
    """What stands around the rows of a list, whatever they are."""
    tabs = (
        (name, _list_address(filters, status=status), filters.status == status, included)
        for status, name, included in _choices(language)
    )
    left = address("tickets.left_list", **filters.as_args())
    return _Around(tuple(_headings(filters, names)), tuple(tabs), left)


def _list_address(filters: Filters, **changed: str) -> str:
    return address("tickets.list_tickets", **filters.as_args(**changed))


def _headings(
    filters: Filters, names: Iterable[str]
) -> list[tuple[str, str, str | None, str | None]]:
    """(column, its name, the address that sorts by it, which way it is sorted now) of the person's columns."""
    sort = filters.sort or NEWEST
    words_of = _column_names(speaker().language)
    found: list[tuple[str, str, str | None, str | None]] = []
    for name in names:
        orders = columns.SORTED_BY.get(name)
        if orders is None:
            found.append((name, words_of[name], None, None))
            continue
        first, again = orders
        by_it = _list_address(filters, sort=again if sort == first else first)
        way = ("ascending" if sort in columns.RISING else "descending") if sort in orders else None
        found.append((name, words_of[name], by_it, way))
    return found


def _tabs(
    wanted: Matching, tabs: Iterable[tuple[str, str, bool, tuple[str, ...]]]
) -> tuple[tuple[str, str, bool, str], ...]:
    counts = queries.count_by_status(wanted)
    return tuple(
        (name, to, is_this, _counted(sum(counts[one] for one in included)))
        for name, to, is_this, included in tabs
    )


@cache
def _choices(_language: str) -> list[tuple[str, str, tuple[str, ...]]]:
    return [
        ("", _("Unfinished"), UNFINISHED),
        *((status, words.status_name(status), (status,)) for status in STATUSES),
        (ALL, _("All"), STATUSES),
    ]


@cache
def _column_names(_language: str) -> dict[str, str]:
    return {name: columns.column_name(name) for name in columns.COLUMNS}


def _counted(count: int) -> str:
    return f"{COUNTED_UP_TO}+" if count > COUNTED_UP_TO else str(count)
