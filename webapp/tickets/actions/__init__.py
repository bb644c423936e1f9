"""The only writers of tickets. None commits; each fact is recorded once, by the actor given."""

from __future__ import annotations

from webapp.tickets.actions.answering import add_note, respond
from webapp.tickets.actions.creating import create_ticket, submit_report
from webapp.tickets.actions.organising import (
    add_tags,
    remove_tags,
    set_due,
    set_priority,
    set_tags,
    set_team,
)
from webapp.tickets.actions.pulled import import_tickets, keep_copy, update_from_upstream
from webapp.tickets.actions.working import assign, change_status, refine_category

__all__ = [
    "add_note",
    "add_tags",
    "assign",
    "change_status",
    "create_ticket",
    "import_tickets",
    "keep_copy",
    "refine_category",
    "remove_tags",
    "respond",
    "set_due",
    "set_priority",
    "set_tags",
    "set_team",
    "submit_report",
    "update_from_upstream",
]
