"""What is wrong with tickets, as packages above this one know it: they offer their part of the question here."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Select, or_, select

from webapp.outbox.models import Delivery
from webapp.tickets.models import Ticket

# Each gives a SELECT of the keys of tickets that have the problem.
_offered: list[Callable[[], Select[int]]] = []


def install(*ids: Callable[[], Select[int]]) -> None:
    _offered[:] = ids


def has_problem() -> ColumnElement[bool]:
    """Something that leaves for the ticket waits for a person's decision, or what was offered says so."""
    parked = select(Delivery.subject_id).where(
        Delivery.state == "parked", Delivery.subject_kind == "ticket"
    )
    return or_(*(Ticket.id.in_(ids) for ids in (parked, *(each() for each in _offered))))
