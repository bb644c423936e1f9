"""Readings of tickets. Looking one up is authorising: who may not see it is told that it is not."""

from __future__ import annotations

from webapp.tickets.queries.figures import (
    Figures,
    figures,
    median_first_response,
    new_today,
    open_by_status,
)
from webapp.tickets.queries.listing import (
    ALL,
    COUNTED_UP_TO,
    Filters,
    active_categories,
    categories_in_use,
    count_by_status,
    sources_in_use,
    tickets_page,
)
from webapp.tickets.queries.one import (
    attachment_for,
    conversation_of,
    find_response,
    known_refinements,
    ticket_by_follow_token,
    ticket_by_id,
    ticket_for,
)

__all__ = [
    "ALL",
    "COUNTED_UP_TO",
    "Figures",
    "Filters",
    "active_categories",
    "attachment_for",
    "categories_in_use",
    "conversation_of",
    "count_by_status",
    "figures",
    "find_response",
    "known_refinements",
    "median_first_response",
    "new_today",
    "open_by_status",
    "sources_in_use",
    "ticket_by_follow_token",
    "ticket_by_id",
    "ticket_for",
    "tickets_page",
]
