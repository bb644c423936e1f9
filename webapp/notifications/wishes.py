"""What people chose, as the rules of routing need it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import and_, or_, select

from webapp.accounts.models import User
from webapp.accounts.queries import who_may
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.among import among_given, given
from webapp.core.entities import Entities
from webapp.notifications.kinds import wanted_by
from webapp.notifications.models import (
    TOAST_SECONDS,
    Muting,
    NoticeDefault,
    NoticeSettings,
)
from webapp.notifications.routing import Muted, Quiet, Wishes
from webapp.tickets.models import Ticket


def settings_of(user: User) -> NoticeSettings:
    """What they chose; a fresh, unsaved row where they never did."""
    found = db.session().get(NoticeSettings, user.id)
    return found or unchosen(user.id)


def unchosen(user_id: int) -> NoticeSettings:
    return NoticeSettings(
        user_id=user_id,
        choices={},
        everything=True,
        toasts=True,
        toast_seconds=TOAST_SECONDS,
        urgent_sound=True,
        quiet=False,
        quiet_from=22 * 60,
        quiet_to=7 * 60,
        digest="off",
    )


class _Chosen(NamedTuple):
    """Of a person's settings what decides on their ways."""

    choices: Mapping[str, Any]
    everything: bool
    toasts: bool
    urgent_sound: bool
    quiet: bool
    quiet_from: int
    quiet_to: int
    digest: str


@dataclass(frozen=True)
class Known:
    """A person, and all that decides on which ways they are told of some things. `muted`: thing → how."""

    user: User
    wishes: Wishes
    muted: Mapping[str, Muted]


def known_of(people: Collection[User], things: Collection[str]) -> dict[int, Known]:
    """Of these people and things, in one question."""
    ids = {user.id for user in people}
    return {each.user.id: each for each in known_people(ids=ids, things=things)}


def known_people(
    *,
    permissions: Collection[Permission] = (),
    ids: Collection[int] = (),
    emails: Collection[str] = (),
    things: Collection[str] = (),
) -> list[Known]:
    """Active people who hold one of `permissions`, those with a key of `ids`, and active ones with an address of
    `emails`, by name: in one question."""
    if not (permissions or ids or emails):
        return []
    dialect = db.session().get_bind().dialect.name
    query = _statement(frozenset(permissions), bool(ids), bool(emails), dialect)
    values = {"things": given(things, dialect)}
    values |= {"ids": given(ids, dialect)} if ids else {}
    values |= {"emails": given(emails, dialect)} if emails else {}
    known: dict[int, Known] = {}
    muted: dict[int, dict[str, Muted]] = defaultdict(dict)
    for user, usual, thing, mail_only, *own in query.all(values):
        if thing is not None:
            muted[user.id][thing] = Muted(mail_only)
        if user.id not in known:
            chosen = _unchosen() if own[0] is None else _Chosen._make(own)
            known[user.id] = Known(user, _wishes(user, chosen, usual or {}), muted[user.id])
    return list(known.values())


@cache
def _statement(
    permissions: frozenset[Permission], of_ids: bool, of_emails: bool, dialect: str
) -> Entities:
    """Made once: it is worded longer than it runs."""
    asked = [who_may(permission) for permission in sorted(permissions)]
    if of_ids:
        asked.append(among_given(User.id, "ids", dialect))
    if of_emails:
        asked.append(and_(User.active.is_(True), among_given(User.email, "emails", dialect)))
    silent = and_(Muting.user_id == User.id, among_given(Muting.thing, "things", dialect))
    own = [getattr(NoticeSettings, name) for name in _Chosen._fields]
    return Entities(
        User,
        NoticeDefault.choices,
        Muting.thing,
        Muting.mail_only,
        *own,
        more=lambda query: (
            query.select_from(User)
            .outerjoin(NoticeSettings, NoticeSettings.user_id == User.id)
            .outerjoin(NoticeDefault, NoticeDefault.role == User.role)
            .outerjoin(Muting, silent)
            .where(or_(*asked))
            .order_by(User.name, User.id)
        ),
    )


def defaults() -> dict[str, Mapping[str, Any]]:
    """role → what an admin chose for it."""
    return {row.role: row.choices for row in db.session().scalars(select(NoticeDefault))}


def muting_of(user: User, thing: str) -> Muting | None:
    return db.session().get(Muting, (user.id, thing))


def mutings_of(user: User) -> Sequence[Muting]:
    query = select(Muting).where(Muting.user_id == user.id).order_by(Muting.thing)
    return db.session().scalars(query).all()


def muted_tickets(user: User) -> list[tuple[Muting, Ticket]]:
    """Those that they may still see."""
    if not user.may(Permission.TICKETS_SEE):
        return []
    mutings = {muting.thing: muting for muting in mutings_of(user)}
    ids = [int(thing.partition(":")[2]) for thing in mutings if thing.startswith("ticket:")]
    query = select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id)
    return [(mutings[f"ticket:{ticket.id}"], ticket) for ticket in db.session().scalars(query)]


@cache
def _unchosen() -> _Chosen:
    usual = unchosen(0)
    return _Chosen._make(getattr(usual, name) for name in _Chosen._fields)


def _wishes(user: User, chosen: _Chosen, usual: Mapping[str, Any]) -> Wishes:
    return Wishes(
        ways=wanted_by(user.role, usual, chosen.choices),
        zone=user.zone,
        quiet=Quiet(chosen.quiet_from, chosen.quiet_to) if chosen.quiet else None,
        digest=chosen.digest,
        everything=chosen.everything,
        toasts=chosen.toasts,
        urgent_sound=chosen.urgent_sound,
    )
