"""What the parts on other tickets and on what is to be done show."""

from __future__ import annotations

from typing import Any

from webapp.accounts.guards import viewer
from webapp.accounts.roles import Permission
from webapp.tickets import words
from webapp.tickets.models import Ticket
from webapp.tickets.relating.queries import (
    checklist_of,
    merged_into,
    related_to,
    stands_for,
)


def related_values(ticket: Ticket) -> dict[str, Any]:
    target = stands_for(ticket)
    return {
        "may_work": viewer().may(Permission.TICKETS_WORK),
        "target": target if target.id != ticket.id else None,
        "merged": merged_into(ticket),
        "related": related_to(ticket),
        "kinds": words.relation_choices(),
        "typed": {"kind": "relates", "other": ""},
        "error": "",
    }


def checklist_values(ticket: Ticket) -> dict[str, Any]:
    items = checklist_of(ticket)
    return {
        "may_work": viewer().may(Permission.TICKETS_WORK),
        "items": items,
        "done": sum(item.done_at is not None for item in items),
        "typed": "",
        "error": "",
    }
