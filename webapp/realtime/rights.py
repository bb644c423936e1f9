"""Whom a request comes from and which topics it may hear; the rules themselves are in `topics`."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from webapp.accounts import identity
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.realtime import roundtrip
from webapp.realtime.topics import Viewer, asked_for, granted, needs_sign_in
from webapp.tickets.models import Ticket
from webapp.tickets.relating.queries import stands_for

# What opens a kind of topic.
_OPENS = {
    "staff": Permission.TICKETS_SEE,
    "ticket": Permission.TICKETS_SEE,
    "admin": Permission.DESK_MANAGE,
    "connection": Permission.SYNC_MANAGE,
    "outbox": Permission.OUTBOX_MANAGE,
    "claims": Permission.CLAIMS_SEE,
    "bordereau": Permission.CLAIMS_SEE,
    "bulletin": Permission.CLAIMS_SEE,
    "batch": Permission.CLAIMS_SEE,
    "jobs": Permission.JOBS_PLAN,
    "job": Permission.JOBS_PLAN,
}


class SignInNeeded(Exception):
    """Somebody without an account asked for what only people with one hear."""


def viewer() -> Viewer:
    user = identity.person()
    return viewer_who_may(user.id, user.held) if user is not None else Viewer()


def viewer_who_may(user_id: int, held: Collection[Permission]) -> Viewer:
    """Somebody signed in, by all that they may."""
    hears = frozenset(kind for kind, permission in _OPENS.items() if permission in held)
    return Viewer(user_id=user_id, hears=hears)


def topics_of_request(text: str) -> tuple[frozenset[str], int | None]:
    """The topics to listen to, and the user who listens. Raises SignInNeeded or TopicRefused."""
    names = asked_for(text)
    who = viewer()
    if who.user_id is None and needs_sign_in(names):
        raise SignInNeeded
    heard = granted(names, who, followed=_ticket_followed, probed=roundtrip.is_ours)
    return heard, who.user_id


def topics_without_links(text: str, who: Viewer) -> frozenset[str]:
    """The same for somebody who is known already. What a link opens is refused: it takes a look at the database."""
    return granted(asked_for(text), who, followed=lambda _token: None)


def _ticket_followed(token: str) -> int | None:
    """The ticket whose news its reporter hears: where it was merged, the one that stands for it."""
    ticket = db.session().scalar(select(Ticket).where(Ticket.follow_token == token))
    return stands_for(ticket).id if ticket is not None else None
