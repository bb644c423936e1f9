"""Readings of a list of tickets."""

from __future__ import annotations

from sqlalchemy import func, select

from webapp.bulk.models import TODO, BulkItem
from webapp.core import db
from webapp.tickets.models import Ticket


def with_address(bulk_id: int) -> int:
    """How many reporters of those on the list can be mailed."""
    mine = (BulkItem.bulk_id == bulk_id) & (BulkItem.state == TODO)
    query = (
        select(func.count()).select_from(BulkItem).join(Ticket, Ticket.id == BulkItem.subject_id)
    )
    return db.session().scalar(query.where(mine, Ticket.reporter_email != "")) or 0
