"""Whom each piece of news reaches, by what the database knows: who may see it, who has or watches the ticket."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select

from webapp.accounts.models import User
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import STAFF, Permission
from webapp.core import db
from webapp.core.among import among
from webapp.events.types import Actor
from webapp.notifications.news import News
from webapp.targets.queries import responsible_for
from webapp.tickets.models import Ticket
from webapp.tickets.relating.models import ticket_watcher
from webapp.tickets.states import URGENT


@dataclass(slots=True)  # not frozen: a pull makes thousands, and that would take longer
class Addressed:
    """One piece of news for one person. `close`: they have or watch it, or it names them."""

    news: News
    event_id: int
    user: User
    close: bool
    urgent: bool = False

    @property
    def text(self) -> str:
        if self.news.moment is None:
            return self.news.text
        local = self.news.moment.astimezone(self.user.zone)
        return self.news.text.replace("{at}", f"{local:%Y-%m-%d %H:%M}")


@dataclass
class _Tickets:
    """What is asked of the tickets of one batch."""

    urgent: set[int] = field(default_factory=set)
    close: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))  # ticket → people


def addressed(found: Sequence[tuple[int, News]], *, actor: Actor) -> list[Addressed]:
    """`found`: event id and its news. Nobody is told what they did themselves."""
    tickets = _tickets({_ticket_id(news) for _, news in found} - {0})
    crowd = _Crowd()
    own = actor.id if actor.kind == "user" else None
    reached: list[Addressed] = []
    for event_id, news in found:
        ticket_id = _ticket_id(news)
        close, urgent = tickets.close.get(ticket_id, ()), ticket_id in tickets.urgent
        reached += [
            Addressed(
                news, event_id, user, news.close or (bool(close) and user.id in close), urgent
            )
            for user in crowd.of(news, ticket_id)
            if own is None or user.id != own or news.to_actor
        ]
    return reached


def reporters_accounts(ticket_ids: Collection[int]) -> list[tuple[int, str, User]]:
    """Those who reported one of these, or one that was merged into it, and have an account: ticket, follow token, who.
    Staff hear of tickets anyway."""
    stands_for = _stands_for(ticket_ids)
    query = (
        select(Ticket.id, Ticket.follow_token, User)
        .join(User, User.email == func.lower(Ticket.reporter_email))
        .where(among(Ticket.id, stands_for), Ticket.reporter_email != "", User.active.is_(True))
        .order_by(Ticket.id, User.id)
    )
    return [
        (stands_for[ticket_id], token, user)
        for ticket_id, token, user in db.session().execute(query)
        if not user.may(STAFF)
    ]


class _Crowd:
    """People, each asked for once."""

    def __init__(self) -> None:
        self._by_permission: dict[Permission, Sequence[User]] = {}

    def of(self, news: News, ticket_id: int) -> Sequence[User]:
        if news.permission is not None:
            return self._who_may(news.permission)
        if news.responsible:
            ticket = db.session().get(Ticket, ticket_id)
            return responsible_for(ticket) if ticket is not None else []
        users = [db.session().get(User, user_id) for user_id in news.people]
        return [user for user in users if user is not None and user.active]

    def _who_may(self, permission: Permission) -> Sequence[User]:
        if permission not in self._by_permission:
            self._by_permission[permission] = people_who_may(permission)
        return self._by_permission[permission]


def _ticket_id(news: News) -> int:
    kind, _, key = news.thing.partition(":")
    return int(key) if kind == "ticket" else 0


def _tickets(ids: set[int]) -> _Tickets:
    found = _Tickets()
    if not ids:
        return found
    session = db.session()
    query = select(Ticket.id, Ticket.priority, Ticket.assignee_id).where(among(Ticket.id, ids))
    for ticket_id, priority, assignee_id in session.execute(query):
        if priority == URGENT:
            found.urgent.add(ticket_id)
        if assignee_id is not None:
            found.close[ticket_id].add(assignee_id)
    stands_for = _stands_for(ids)
    watching = select(ticket_watcher).where(among(ticket_watcher.c.ticket_id, stands_for))
    for ticket_id, user_id in session.execute(watching):
        found.close[stands_for[ticket_id]].add(user_id)
    return found


def _stands_for(ticket_ids: Collection[int]) -> dict[int, int]:
    """These, and all that were merged into them: which of these stands for it."""
    found = {ticket_id: ticket_id for ticket_id in ticket_ids}
    level: Collection[int] = ticket_ids
    while level:
        query = select(Ticket.id, Ticket.merged_into_id).where(among(Ticket.merged_into_id, level))
        merged = {
            row[0]: found[row[1] or 0] for row in db.session().execute(query) if row[0] not in found
        }
        found |= merged
        level = merged.keys()
    return found
