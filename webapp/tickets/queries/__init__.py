"""Readings of tickets. Looking one up is authorising: who may not see it is told that it is not."""

from __future__ import annotations

from webapp.tickets.queries.chips import Chips, chips_of
from webapp.tickets.queries.figures import (
    Figures,
    figures,
    median_first_response,
    new_today,
    open_by_status,
)
from webapp.tickets.queries.leaving import (
    HEADINGS,
    all_rows,
    count_all,
    export_file,
    export_for,
)
from webapp.tickets.queries.listing import (
    ALL,
    COUNTED_UP_TO,
    Filters,
    active_categories,
    categories_in_use,
    conditions,
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
from webapp.tickets.queries.organising import tags_like, tags_page, team_choices, teams

__all__ = [
    "ALL",
    "COUNTED_UP_TO",
    "HEADINGS",
    "Chips",
    "Figures",
    "Filters",
    "active_categories",
    "all_rows",
    "attachment_for",
    "categories_in_use",
    "chips_of",
    "conditions",
    "conversation_of",
    "count_all",
    "count_by_status",
    "export_file",
    "export_for",
    "figures",
    "find_response",
    "known_refinements",
    "median_first_response",
    "new_today",
    "open_by_status",
    "sources_in_use",
    "tags_like",
    "tags_page",
    "team_choices",
    "teams",
    "ticket_by_follow_token",
    "ticket_by_id",
    "ticket_for",
    "tickets_page",
]
