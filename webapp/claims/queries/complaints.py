"""Which tickets are about which bulletins."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import defer, joinedload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.claims.duplicates import same_number
from webapp.claims.models import Bulletin, Complaint
from webapp.core import db
from webapp.tickets.models import Ticket

MATCHES = 8
SHORTEST = 3  # characters that are looked for


def complaints_of(bulletin: Bulletin) -> Sequence[Ticket]:
    """The tickets that are about it, the newest first."""
    query = (
        select(Ticket)
        .join(Complaint, Complaint.ticket_id == Ticket.id)
        .where(Complaint.bulletin_id == bulletin.id)
        .options(defer(Ticket.description))
        .order_by(Complaint.id.desc())
    )
    return db.session().scalars(query).all()


def bulletin_complained_of(ticket: Ticket) -> Bulletin | None:
    """The bulletin that a ticket is about."""
    query = (
        select(Bulletin)
        .join(Complaint, Complaint.bulletin_id == Bulletin.id)
        .where(Complaint.ticket_id == ticket.id)
    )
    return db.session().scalar(query.options(joinedload(Bulletin.client)))


def bulletins_named(user: User, words: str) -> Sequence[Bulletin]:
    """At most MATCHES bulletins whose number begins with `words`, or of the member with this number, by number."""
    key = same_number(words)
    if len(key) < SHORTEST or not user.may(Permission.CLAIMS_SEE):
        return []
    query = select(Bulletin).where(
        or_(
            Bulletin.number_key.startswith(key, autoescape=True),
            Bulletin.member_number == words.strip(),
        )
    )
    query = query.options(joinedload(Bulletin.client)).order_by(Bulletin.number_key, Bulletin.id)
    return db.session().scalars(query.limit(MATCHES)).all()


def bulletins_with_number(user: User, number: str) -> Sequence[Bulletin]:
    """Those with exactly this number, however it is written: usually one."""
    key = same_number(number)
    if not key or not user.may(Permission.CLAIMS_SEE):
        return []
    query = select(Bulletin).where(Bulletin.number_key == key).options(joinedload(Bulletin.client))
    return db.session().scalars(query.order_by(Bulletin.id).limit(MATCHES)).all()
