"""Readings of what people have prepared to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import bindparam, func, or_, select

from webapp.accounts.models import User
from webapp.accounts.queries import desk
from webapp.core import db, settings
from webapp.core.errors import NotFound
from webapp.tickets.composing.models import Draft, SavedReply, Sending
from webapp.tickets.models import Ticket

MOST_REPLIES = 30  # offered at once
_SENDINGS = (
    select(Sending, User.name)
    .join(User, User.id == Sending.user_id)
    .where(Sending.ticket_id == bindparam("ticket_id"))
    .order_by(Sending.id)
)


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


def draft_of(ticket: Ticket, user_id: int) -> Draft | None:
    """What this person has begun to write on it."""
    own = (Draft.ticket_id == ticket.id, Draft.user_id == user_id)
    return db.session().scalar(select(Draft).where(*own))


def sendings_of(ticket: Ticket) -> Sequence[tuple[Sending, str]]:
    """Answers on their way, each with its author's name, oldest first."""
    found = db.session().execute(_SENDINGS, {"ticket_id": ticket.id})
    return [(sending, name) for sending, name in found]


def sending_on(ticket: Ticket, sending_id: int) -> Sending | None:
    sending = db.session().get(Sending, sending_id)
    return sending if sending is not None and sending.ticket_id == ticket.id else None


def due_sendings(now: datetime) -> Sequence[int]:
    """Keys of the answers whose time has come."""
    query = select(Sending.id).where(Sending.release_at <= now).order_by(Sending.id)
    return db.session().scalars(query).all()
