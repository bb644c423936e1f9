"""Whom each piece of news reaches, by what the database knows: who may see it, who has or watches the ticket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from webapp.accounts.models import User
from webapp.accounts.roles import STAFF, permissions_of
from webapp.core import db
from webapp.events.types import Actor
from webapp.notifications import around, folding, wishes
from webapp.notifications.around import Around
from webapp.notifications.folding import Found
from webapp.notifications.news import News
from webapp.notifications.wishes import Known
from webapp.targets.queries import responsible_for
from webapp.tickets.models import Ticket


@dataclass(slots=True)  # not frozen: a pull makes thousands, and that would take longer
class Addressed:
    """One piece of news for one person. `close`: they have or watch it, or it names them.

    `before`: news of the same batch that this one stands for; they take the same ways.
    """

    news: News
    event_id: int
    user: User
    close: bool
    urgent: bool = False
    before: Sequence[Found] = ()

    @property
    def count(self) -> int:
        return 1 + len(self.before)

    def each(self) -> Iterator[Addressed]:
        """All of them one by one, in order."""
        for event_id, news in self.before:
            yield Addressed(news, event_id, self.user, self.close, self.urgent)
        yield self

    @property
    def text(self) -> str:
        if self.news.moment is None:
            return self.news.text
        local = self.news.moment.astimezone(self.user.zone)
        return self.news.text.replace("{at}", f"{local:%Y-%m-%d %H:%M}")


@dataclass(frozen=True)
class Crowd:
    """Whom all of it reaches, and what is known of each: `staff` of the news, `reporters` of what is public."""

    staff: Sequence[Addressed] = ()
    reporters: Sequence[Addressed] = ()
    known: Mapping[int, Known] = field(default_factory=dict)


Public = Mapping[int, tuple[int, str, str]]  # ticket → event id, kind, words


def crowd_of(found: Sequence[Found], said: Public, *, actor: Actor) -> Crowd:
    """`found`: event id and its news. `said`: what reporters hear. In two statements, however many there are."""
    near = _near({_ticket_id(news) for _, news in found} - {0} | said.keys(), found, said)
    responsible = {
        ticket_id: _responsible(ticket_id)
        for ticket_id in {_ticket_id(news) for _, news in found if news.responsible}
    }
    people = wishes.known_people(
        permissions={news.permission for _, news in found if news.permission is not None},
        ids={
            *(user_id for _, news in found for user_id in news.people),
            *(user_id for ids in responsible.values() for user_id in ids),
        },
        emails={one.email.lower() for key in said for one in near.reports[key]} - {""},
        things={*(news.thing for _, news in found), *(f"ticket:{key}" for key in said)},
    )
    known = {each.user.id: each for each in people}
    staff = _staff(found, known, near, responsible, actor)
    return Crowd(staff, _reporters(said, known, near), known)


def _near(ids: set[int], found: Sequence[Found], said: Public) -> Around:
    """Of one ticket the same that its other reactions see."""
    event_ids = {event_id for event_id, _ in found} | {said[key][0] for key in said}
    if len(ids) == 1 and len(event_ids) == 1:
        return around.of_fact(*event_ids, *ids)
    return around.of(ids, reports=bool(said))


def _staff(
    found: Sequence[Found],
    known: Mapping[int, Known],
    near: Around,
    responsible: Mapping[int, Sequence[int]],
    actor: Actor,
) -> list[Addressed]:
    """Nobody is told what they did themselves."""
    own = actor.id if actor.kind == "user" else None
    by_permission: dict[str, list[User]] = {}
    reached: list[Addressed] = []
    for event_id, news, before in folding.folded(found, _apart(known, near)):
        ticket_id = _ticket_id(news)
        close, urgent = near.close.get(ticket_id, ()), ticket_id in near.urgent
        if news.permission is not None:
            users = by_permission.get(news.permission)
            if users is None:
                users = by_permission[news.permission] = [
                    each.user
                    for each in known.values()
                    if each.user.active and news.permission in permissions_of(each.user.role)
                ]
        else:
            ids = responsible[ticket_id] if news.responsible else news.people
            users = [known[key].user for key in ids if key in known and known[key].user.active]
        reached += [
            Addressed(
                news,
                event_id,
                user,
                news.close or (bool(close) and user.id in close),
                urgent,
                before,
            )
            for user in users
            if own is None or user.id != own or news.to_actor
        ]
    return reached


def _apart(known: Mapping[int, Known], near: Around) -> set[str]:
    """Things whose news do not take the ways of other news to each person: somebody has or watches them, or has
    muted them, or they are urgent."""
    tickets = {*near.close, *near.urgent}
    return {f"ticket:{key}" for key in tickets}.union(*(each.muted for each in known.values()))


def _reporters(said: Public, known: Mapping[int, Known], near: Around) -> list[Addressed]:
    """Those who reported one of these, or one that was merged into it, and have an account. Staff hear of tickets
    anyway."""
    by_email = {
        each.user.email: each.user
        for each in known.values()
        if each.user.active and not each.user.may(STAFF)
    }
    return [
        Addressed(
            News(kind, text, f"/follow/{one.follow_token}", f"ticket:{ticket_id}", mails=False),
            event_id,
            by_email[one.email.lower()],
            close=True,
        )
        for ticket_id, (event_id, kind, text) in said.items()
        for one in near.reports[ticket_id]
        if one.email.lower() in by_email
    ]


def _responsible(ticket_id: int) -> list[int]:
    ticket = db.session().get(Ticket, ticket_id)
    return [user.id for user in responsible_for(ticket)] if ticket is not None else []


def _ticket_id(news: News) -> int:
    kind, _, key = news.thing.partition(":")
    return int(key) if kind == "ticket" else 0
