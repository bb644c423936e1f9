"""Readings of tickets. Looking one up is authorising: who may not see it is told that it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.tickets.queries.chips import Chips, chips_of
    from webapp.tickets.queries.counting import (
        Figures,
        figures,
        median_first_response,
        new_today,
        open_by_status,
    )
    from webapp.tickets.queries.filters import ALL, Filters
    from webapp.tickets.queries.finding import Matching, conditions, matching
    from webapp.tickets.queries.leaving import (
        HEADINGS,
        all_rows,
        count_all,
        export_file,
        export_for,
        refs_of,
    )
    from webapp.tickets.queries.listing import (
        COUNTED_UP_TO,
        count_by_status,
        count_matching,
        tickets_page,
    )
    from webapp.tickets.queries.offered import (
        active_categories,
        all_categories,
        all_tags,
        all_teams,
        barangays_in_use,
        categories_in_use,
        sources_in_use,
    )
    from webapp.tickets.queries.one import (
        attachment_for,
        attachment_for_reporter,
        conversation_of,
        find_response,
        newest_response_id,
        responses_after,
        ticket_by_follow_token,
        ticket_by_id,
        ticket_for,
    )
    from webapp.tickets.queries.opened import Opened
    from webapp.tickets.queries.organising import tags_like, tags_page, team_choices, teams
    from webapp.tickets.queries.own import own_reports
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "ALL",
    "COUNTED_UP_TO",
    "HEADINGS",
    "Chips",
    "Figures",
    "Filters",
    "Matching",
    "Opened",
    "active_categories",
    "all_categories",
    "all_rows",
    "all_tags",
    "all_teams",
    "attachment_for",
    "attachment_for_reporter",
    "barangays_in_use",
    "categories_in_use",
    "chips_of",
    "conditions",
    "conversation_of",
    "count_all",
    "count_by_status",
    "count_matching",
    "export_file",
    "export_for",
    "figures",
    "find_response",
    "matching",
    "median_first_response",
    "new_today",
    "newest_response_id",
    "open_by_status",
    "own_reports",
    "refs_of",
    "responses_after",
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
