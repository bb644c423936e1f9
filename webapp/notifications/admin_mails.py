"""Mail to those who manage connections: one per incident and person, never one per run.

That somebody was told is a row of its own; whoever adds it queues the mail in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import delete, func, select

from webapp.accounts.models import User
from webapp.accounts.queries import desk, people_who_may
from webapp.accounts.roles import Permission
from webapp.core import clock, db, settings
from webapp.core.inserting import insert_into
from webapp.events.models import Event
from webapp.events.types import Actor, Fact
from webapp.notifications import joining, leaving, telling
from webapp.notifications.audience import news_of
from webapp.notifications.crowds import Addressed
from webapp.notifications.incidents import Incident, incident_of, mail_values
from webapp.notifications.joining import Group, Item, Single
from webapp.notifications.kinds import INCIDENT, MAIL
from webapp.notifications.models import Told
from webapp.notifications.news import News
from webapp.notifications.routing import Route
from webapp.outbox.events import DeliveryParked
from webapp.outbox.models import Delivery

OURS = "admin_"  # how the templates of these mails begin
KEPT = timedelta(days=400)  # longer than any incident's key can come back


def mail_admins(event: Event, fact: Fact) -> None:
    """Reaction: tell each of them once, in their own time zone, on the ways they chose."""
    actor = Actor(event.actor_kind, event.actor_id, event.actor_name)
    if isinstance(fact, DeliveryParked) and not _is_first_parked(fact.subject_id):
        return
    told = [
        (incident, _addressed(incident, person, event.id))
        for person, incident in _incidents(event, fact, actor)
    ]
    people = [each for _, each in told]
    in_bell = news_of(fact, actor=actor) is not None  # it has words of its own there
    routes = telling.routes(people) if in_bell else telling.show(people, actor)
    for incident, each in told:
        _mail_on(routes[each.user.id], each, incident)


def _incidents(event: Event, fact: Fact, actor: Actor) -> Iterator[tuple[User, Incident]]:
    now = clock.now()
    for person in people_who_may(Permission.SYNC_MANAGE):
        found = incident_of(fact, actor=actor, event_id=event.id, now=now, zone=person.zone)
        if found is not None and first_told(found.key, person, now=now):
            yield person, found


def _addressed(incident: Incident, person: User, event_id: int) -> Addressed:
    thing = "{}:{}".format(*incident.thread)
    news = News(INCIDENT, incident.title, incident.url, thing, failed=incident.bad)
    return Addressed(news, event_id, person, close=True)


def _mail_on(way: Route, each: Addressed, incident: Incident) -> None:
    """At once, unless they rest or want a digest."""
    now, news = clock.now(), each.news
    leaving.wait(leaving.push(each, way, many=False, now=now), now=now)
    if way.mail_at is None:
        return
    if way.mail_gathered or way.mail_at > now:
        leaving.wait([(each, MAIL, way.mail_at)], now=now)
        return
    name, base_url = desk().name, settings.current().base_url
    values = mail_values(incident, desk=name, name=each.user.name, base_url=base_url)
    summary = gettext("To an admin: %(title)s", title=incident.title)
    item = Item(incident.title, quote=" ".join(filter(None, (incident.text, incident.advice))))
    joining.mail(
        each.user,
        Group(news.thing, news.title, news.url, [item], kind=news.kind),
        single=Single(f"{OURS}incident", values, summary),
        event_id=each.event_id,
    )


def first_told(incident: str, person: User, *, now: datetime) -> bool:
    """Write down that they are told. False: they were already, by whichever worker."""
    added = db.session().scalar(
        insert_into(Told)
        .values(incident=incident, user_id=person.id, at=now)
        .on_conflict_do_nothing(index_elements=["incident", "user_id"])
        .returning(Told.id)
    )
    return added is not None


def forget_old() -> None:
    db.session().execute(delete(Told).where(Told.at < clock.now() - KEPT))


def _is_first_parked(delivery_id: int) -> bool:
    """Others that are parked there were told of already; and a mail of ours must not cause the next one."""
    parked = db.session().get_one(Delivery, delivery_id)
    others = db.session().scalar(
        select(func.count()).where(
            Delivery.target == parked.target,
            Delivery.state == "parked",
            Delivery.settled_at.is_(None),
            Delivery.id != delivery_id,
        )
    )
    return not others and not parked.kind.startswith(OURS)
