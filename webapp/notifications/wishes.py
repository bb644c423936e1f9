"""What people chose, as the rules of routing need it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.among import among
from webapp.notifications.kinds import wanted_by
from webapp.notifications.models import (
    TOAST_SECONDS,
    MailRefusal,
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


def wishes_of(people: Sequence[User]) -> dict[int, Wishes]:
    """Of each of them, in one question."""
    query = (
        select(User.id, NoticeSettings, NoticeDefault.choices)
        .outerjoin(NoticeSettings, NoticeSettings.user_id == User.id)
        .outerjoin(NoticeDefault, NoticeDefault.role == User.role)
        .where(User.id.in_([user.id for user in people]))
    )
    found = {key: (own, usual) for key, own, usual in db.session().execute(query)}
    wishes = {}
    for user in people:
        own, usual = found.get(user.id, (None, None))
        wishes[user.id] = _wishes(user, own or unchosen(user.id), usual or {})
    return wishes


def defaults() -> dict[str, Mapping[str, Any]]:
    """role → what an admin chose for it."""
    return {row.role: row.choices for row in db.session().scalars(select(NoticeDefault))}


def muted(user_ids: Collection[int], things: Collection[str]) -> dict[tuple[int, str], Muted]:
    query = select(Muting).where(among(Muting.thing, things), Muting.user_id.in_(user_ids))
    return {(row.user_id, row.thing): Muted(row.mail_only) for row in db.session().scalars(query)}


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


def refuses_mail(thing: str, *, role: str) -> bool:
    """Whether somebody without an account ended the mails about it."""
    return db.session().get(MailRefusal, (thing, role)) is not None


def _wishes(user: User, chosen: NoticeSettings, usual: Mapping[str, Any]) -> Wishes:
    return Wishes(
        ways=wanted_by(user.role, usual, chosen.choices),
        zone=user.zone,
        quiet=Quiet(chosen.quiet_from, chosen.quiet_to) if chosen.quiet else None,
        digest=chosen.digest,
        everything=chosen.everything,
        toasts=chosen.toasts,
        urgent_sound=chosen.urgent_sound,
    )
