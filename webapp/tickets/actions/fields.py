"""A ticket's fields by their names: what each holds, as JSON has it, and how it gets another value. For what changes
many tickets by a plan, and takes it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from webapp.accounts.models import User
from webapp.core import db
from webapp.events.types import Actor
from webapp.tickets.actions.editing import edit_ticket
from webapp.tickets.actions.organising import set_due, set_priority, set_tags, set_team
from webapp.tickets.actions.working import assign, change_status
from webapp.tickets.clustering.actions import put_in
from webapp.tickets.clustering.models import Cluster
from webapp.tickets.models import Team, Ticket
from webapp.tickets.values import as_text

READ: Mapping[str, Callable[[Ticket], Any]] = {
    "status": lambda ticket: ticket.status,
    "assignee": lambda ticket: ticket.assignee_id,
    "team": lambda ticket: ticket.team_id,
    "priority": lambda ticket: ticket.priority,
    "due_at": lambda ticket: as_text(ticket.due_at),
    "category": lambda ticket: ticket.category,
    "cluster": lambda ticket: ticket.cluster_id,
    "tags": lambda ticket: [tag.name for tag in sorted(ticket.tags, key=lambda tag: tag.key)],
}


def set_fields(ticket: Ticket, fields: Mapping[str, Any], *, actor: Actor) -> None:
    """Field → its new value, as READ gives it. Each is a change of its own, with its own event."""
    session = db.session()
    for name, value in fields.items():
        match name:
            case "status":
                change_status(ticket, status=value, actor=actor)
            case "assignee":
                assign(ticket, assignee=session.get(User, value) if value else None, actor=actor)
            case "team":
                set_team(ticket, session.get(Team, value) if value else None, actor=actor)
            case "priority":
                set_priority(ticket, value, actor=actor)
            case "due_at":
                set_due(ticket, datetime.fromisoformat(value) if value else None, actor=actor)
            case "category":
                edit_ticket(ticket, {"category": value}, actor=actor)
            case "cluster":
                put_in(ticket, session.get(Cluster, value) if value else None, actor=actor)
            case "tags":
                set_tags(ticket, value, actor=actor)
