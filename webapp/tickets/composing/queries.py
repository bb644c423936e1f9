"""Readings of what people have prepared to say."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import func, or_, select

from webapp.accounts.models import User
from webapp.accounts.queries import desk
from webapp.core import db, settings
from webapp.core.errors import NotFound
from webapp.tickets.composing.models import SavedReply
from webapp.tickets.models import Ticket

MOST_REPLIES = 30  # offered at once


def replies_for(user: User, words: str = "", *, limit: int | None = None) -> Sequence[SavedReply]:
    """A person's own and everybody's, by name; those whose name or text holds `words`, names first."""
    query = select(SavedReply).where(
        or_(SavedReply.owner_id == user.id, SavedReply.owner_id.is_(None))
    )
    order = [func.lower(SavedReply.name), SavedReply.id]
    if words:
        in_name = SavedReply.name.icontains(words, autoescape=True)
        query = query.where(or_(in_name, SavedReply.body.icontains(words, autoescape=True)))
        order.insert(0, in_name.desc())
    return db.session().scalars(query.order_by(*order).limit(limit)).all()


def reply_for(user: User, reply_id: int) -> SavedReply:
    """Raises NotFound, also for another person's."""
    reply = db.session().get(SavedReply, reply_id)
    if reply is None or reply.owner_id not in (None, user.id):
        raise NotFound(gettext("There is no such saved reply."))
    return reply


def placeholder_values(ticket: Ticket, agent: User) -> dict[str, str]:
    """What fills the places of a saved reply. Public things only: it is going to be an answer."""
    return {
        "reporter": ticket.reporter_name,
        "ref": ticket.ref,
        "title": ticket.title,
        "agent": agent.name,
        "desk": desk().name,
        "follow_link": f"{settings.current().base_url}/follow/{ticket.follow_token}",
    }
