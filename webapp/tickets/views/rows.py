"""The rows of a list: each is drawn once for as long as it says the same, whoever looks who has the same columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from markupsafe import Markup

from webapp.core import clock
from webapp.core.kept import drawn
from webapp.tickets.lists import columns
from webapp.tickets.queries import Chips
from webapp.tickets.queries.listing import Listed
from webapp.tickets.states import UNFINISHED


def rows_of(
    tickets: Sequence[Listed],
    chips: Mapping[int, Chips | None],
    names: tuple[str, ...],
    *,
    may_work: bool,
) -> Markup:
    """`names`: of the columns."""
    now = clock.now()
    rows = [_row(ticket, chips[ticket.id], names, may_work, now) for ticket in tickets]
    return Markup("".join(rows))  # noqa: S704 - of templates


def _row(
    ticket: Listed, own: Chips | None, names: tuple[str, ...], may_work: bool, now: datetime
) -> Markup:
    looks = own.looks if own else None
    key = (*ticket, _late(ticket, now), looks, names, may_work)
    return drawn("tickets/_row.html", key, partial(_values, ticket, own, names, may_work, now))


def _late(ticket: Listed, now: datetime) -> tuple[bool, ...] | None:
    """Of what is said to be late, which: time alone changes it. None: of nothing."""
    if ticket.status not in UNFINISHED:
        return None
    return tuple(
        at is not None and at < now for at in (ticket.due_at, ticket.respond_by, ticket.resolve_by)
    )


def _values(
    ticket: Listed,
    own: Chips | None,
    names: Iterable[str],
    may_work: bool,
    now: datetime,
    _marks: Any,
) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "own": own,
        "may_work": may_work,
        "now": lambda: now,  # the same that the key was made by
        "base": url_for("tickets.list_tickets"),
        "tick": _("Tick %(what)s", what=ticket.ref),
        "columns": [(name, columns.column_name(name)) for name in names],
    }
