"""Tickets whose link to an upstream is in trouble, for the list of tickets (tickets.troubles)."""

from __future__ import annotations

from sqlalchemy import Select, select, text

from webapp.sync.models import Conflict, Link


def missing_ids() -> Select[int]:
    """Those that their upstream withdrew or no longer has."""
    # In the words of the partial index, which a bound value would not be known to fit.
    missing = text("link.state IN ('gone', 'withdrawn')")
    return select(Link.local_id).where(Link.local_kind == "ticket", missing)


def conflicting_ids() -> Select[int]:
    """Those with a field that both sides changed and nobody has decided."""
    undecided = select(Conflict.link_id).where(text("conflict.decision = ''"))
    return select(Link.local_id).where(Link.local_kind == "ticket", Link.id.in_(undecided))
