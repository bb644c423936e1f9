"""Reports like the one that is being written, and those who follow one instead. They never see whose it is."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import gettext
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select

from webapp.core import clock, db, settings
from webapp.core.errors import Invalid, NotFound
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.clustering import comparing
from webapp.tickets.clusters import Case, Likeness
from webapp.tickets.models import Ticket
from webapp.tickets.portal.events import TicketFollowed
from webapp.tickets.portal.models import Follower
from webapp.tickets.texts import shorten

if TYPE_CHECKING:
    from webapp.tickets.forms import ReportForm

MOST_SHOWN = 3
HANDLE_COUNTS_S = 24 * 3600
_ADDRESS = re.compile(r"\S+@\S+")
_NUMBER = re.compile(r"\+?\d[\d\s().-]{5,}\d")


@dataclass(frozen=True)
class Alike:
    """An unfinished report that looks like the one being written. `handle` names it to us alone, for a day."""

    ticket: Ticket
    likeness: Likeness
    handle: str


def alike_reports(form: ReportForm) -> list[Alike]:
    """The likest first; none once the form was taken already."""
    session = db.session()
    sent = select(Ticket.id).where(Ticket.submission_key == form.submission_key).limit(1)
    if form.submission_key and session.scalar(sent):
        return []
    case = Case(
        text=f"{form.title}\n{form.description}",
        category=form.category,
        barangay=form.barangay,
        lat=None if form.lat is None else float(form.lat),
        lng=None if form.lng is None else float(form.lng),
        at=clock.now(),
    )
    found = comparing.alike_to(case)[:MOST_SHOWN]
    return [
        Alike(session.get_one(Ticket, number), likeness, _signer().dumps(number))
        for number, likeness in found
    ]


def follow_instead(handle: str, *, email: str) -> Follower:
    """Asks the address whether it wants to hear of it; asked twice it is one follower. Raises Invalid."""
    try:
        ticket = db.session().get(Ticket, _signer().loads(handle, max_age=HANDLE_COUNTS_S))
    except BadData:
        ticket = None
    if ticket is None:
        raise Invalid(gettext("This page is too old. Send the form once more."))
    if not email:
        words = gettext("Tell us where to write to.")
        raise Invalid(words, fields={"follow_email": words})
    follower = _of(ticket, email)
    fact = TicketFollowed(
        subject_id=ticket.id, ref=ticket.ref, title=ticket.title, follower_id=follower.id
    )
    record(fact, actor=Actor("reporter", ticket.id, gettext("Follower")))
    return follower


def confirm(follower: Follower) -> None:
    """The address is theirs, and they want to hear of it."""
    follower.confirmed_at = follower.confirmed_at or clock.now()
    db.session().flush()


def stop(follower: Follower) -> None:
    db.session().delete(follower)
    db.session().flush()


def follower_by_token(token: str, *, lock: bool = False) -> tuple[Follower, Ticket]:
    """Whoever holds the token. Raises NotFound."""
    query = select(Follower).where(Follower.token == token)
    found = db.session().scalar(query.with_for_update() if lock else query)
    if found is None:
        raise NotFound(gettext("Nobody follows anything under this address any more."))
    return found, db.session().get_one(Ticket, found.ticket_id)


def confirmed_followers(ticket_ids: Sequence[int]) -> Sequence[Follower]:
    query = select(Follower).where(
        Follower.ticket_id.in_(ticket_ids), Follower.confirmed_at.is_not(None)
    )
    return db.session().scalars(query.order_by(Follower.id)).all()


def public_title(ticket: Ticket) -> str:
    """What it is about, without addresses and telephone numbers that somebody wrote into it."""
    return shorten(_NUMBER.sub("…", _ADDRESS.sub("…", ticket.title)), limit=120)


def _of(ticket: Ticket, email: str) -> Follower:
    session = db.session()
    known = select(Follower).where(Follower.ticket_id == ticket.id, Follower.email == email)
    follower = session.scalar(known)
    if follower is None:
        follower = Follower(
            ticket_id=ticket.id,
            email=email,
            token=secrets.token_urlsafe(32),
            created_at=clock.now(),
        )
        session.add(follower)
        session.flush()
    return follower


def _signer() -> URLSafeTimedSerializer:
    secret = settings.current().secret_key.get_secret_value()
    return URLSafeTimedSerializer(secret, salt="tickets.portal.following")
