"""The rows of a list: each is drawn once for as long as it says the same, whoever looks who has the same columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache, cached_property
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from webapp.core import clock
from webapp.core.kept import Asked, drawn_each
from webapp.tickets.lists import columns
from webapp.tickets.queries import Chips
from webapp.tickets.queries.listing import Listed
from webapp.tickets.states import UNFINISHED


class _Around:
    """What the rows of one list share: worded once, and only where one of them must be drawn."""

    def __init__(self, names: tuple[str, ...], *, may_work: bool) -> None:
        self.names, self.may_work, self.now = names, may_work, clock.now()

    @cached_property
    def values(self) -> dict[str, Any]:
        badges: Any = current_app.jinja_env.get_template("ui/badge.html").module
        before, after = _("Tick %(what)s", what="{}").split("{}")
        return {
            "may_work": self.may_work,
            "now": lambda: self.now,  # the same that the keys are made by
            "base": url_for("tickets.list_tickets"),
            "tick": (before, after),
            "columns": [(name, columns.column_name(name)) for name in self.names],
            "badge_of": cache(badges.status_badge),
        }


def rows_of(
    tickets: Sequence[Listed],
    chips: Mapping[int, Chips | None],
    names: tuple[str, ...],
    *,
    may_work: bool,
) -> Markup:
    """`names`: of the columns."""
    around = _Around(names, may_work=may_work)
    rows = [_row(ticket, chips[ticket.id], around) for ticket in tickets]
    return Markup("").join(drawn_each("tickets/_row.html", rows))


def _row(ticket: Listed, own: Chips | None, around: _Around) -> Asked:
    looks = own.looks if own else None
    key = (*ticket, _late(ticket, around.now), looks, around.names, around.may_work)
    return key, lambda _marks: {**around.values, "ticket": ticket, "own": own}


def _late(ticket: Listed, now: datetime) -> tuple[bool, ...] | None:
    """Of what is said to be late, which: time alone changes it. None: of nothing."""
    if ticket.status not in UNFINISHED:
        return None
    due_at, respond_by, resolve_by = ticket.due_at, ticket.respond_by, ticket.resolve_by
    return (
        due_at is not None and due_at < now,
        respond_by is not None and respond_by < now,
        resolve_by is not None and resolve_by < now,
    )
