"""Mail to those who manage connections: one per incident and person, never one per run.

That somebody was told is a row of its own; whoever adds it queues the mail in the same transaction.
"""

from __future__ import annotations

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
from webapp.mail.actions import queue_mail
from webapp.notifications.incidents import Incident, incident_of, mail_values
from webapp.notifications.models import Told
from webapp.notifications.unsubscribing import end_of
from webapp.outbox.events import DeliveryParked
from webapp.outbox.models import Delivery

OURS = "admin_"  # how the templates of these mails begin
KEPT = timedelta(days=400)  # longer than any incident's key can come back


def mail_admins(event: Event, fact: Fact) -> None:
    """Reaction: tell each of them once, in their own time zone."""
    if isinstance(fact, DeliveryParked) and not _is_first_parked(fact.subject_id):
        return
    actor, now = Actor(event.actor_kind, event.actor_id, event.actor_name), clock.now()
    for person in people_who_may(Permission.SYNC_MANAGE):
        found = incident_of(fact, actor=actor, event_id=event.id, now=now, zone=person.zone)
        if found is not None and first_told(found.key, person, now=now):
            _mail(person, found, event_id=event.id)


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


def _mail(person: User, incident: Incident, *, event_id: int) -> None:
    name, base_url = desk().name, settings.current().base_url
    queue_mail(
        OURS + "incident",
        to_address=person.email,
        to_name=person.name,
        values=mail_values(incident, desk=name, name=person.name, base_url=base_url),
        subject=incident.thread,
        role=f"user:{person.id}",
        summary=gettext("To an admin: %(title)s", title=incident.title),
        event_id=event_id,
        unsubscribe=end_of(f"{OURS}incident", person),
    )


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
