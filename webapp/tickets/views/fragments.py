"""Parts of a ticket's page, and of what the search box finds, that packages above this one own: they offer them here,
and say for whom."""

from __future__ import annotations

from collections.abc import Callable

from flask import current_app, url_for

from webapp.core.web import address
from webapp.tickets.models import Ticket

_offered: dict[str, tuple[str, Callable[[], bool]]] = {}
_searched: dict[str, tuple[str, Callable[[], bool]]] = {}


def offer(name: str, endpoint: str, *, shown: Callable[[], bool] = lambda: True) -> None:
    """A part that loads itself from `endpoint`, which takes `ticket_id`. `shown`: to the person asking."""
    _offered[name] = (endpoint, shown)


def offer_search(name: str, endpoint: str, *, shown: Callable[[], bool]) -> None:
    """What else the words of the search box find: a part that loads itself from `endpoint`, which takes `q`."""
    _searched[name] = (endpoint, shown)


def of_search(q: str) -> list[tuple[str, str]]:
    """(name, address) of what the person asking is shown; nothing where no words were typed."""
    return [
        (name, address(endpoint, q=q))
        for name, (endpoint, shown) in _searched.items()
        if q and endpoint in current_app.view_functions and shown()
    ]


def of_ticket(ticket: Ticket) -> list[tuple[str, str]]:
    """(name, address) of what the person asking is shown."""
    return [
        (name, url_for(endpoint, ticket_id=ticket.id))
        for name, (endpoint, shown) in _offered.items()
        if endpoint in current_app.view_functions and shown()
    ]
