"""Background entry points. Safe to run twice, and at once: a row says who was told."""

from __future__ import annotations

from flask_babel import gettext

from webapp.accounts.models import User
from webapp.accounts.queries import desk, people_who_may
from webapp.accounts.roles import Permission
from webapp.core import clock, db, settings
from webapp.mail.actions import queue_mail
from webapp.notifications import actions, admin_mails, joining, summaries
from webapp.notifications.stuck import Part, digest_day, stuck
from webapp.notifications.unsubscribing import end_of


def tick() -> None:
    """Every ten seconds: what waited for its time."""
    summaries.send_due()


def prune() -> dict[str, int]:
    """Notices that have expired, and rows that only say when the last mail left."""
    with db.transaction():
        return {"notices": actions.forget_expired(), "mailed_news": joining.forget_old()}


def send_digests() -> None:
    """From 08:00 on in each admin's zone, once a day and only if something is stuck then."""
    with db.transaction():
        now = clock.now()
        due = [
            person
            for person in people_who_may(Permission.SYNC_MANAGE)
            if (day := digest_day(now, person.zone))
            and admin_mails.first_told(f"digest:{day}", person, now=now)
        ]
        parts = stuck() if due else []
        if due:
            admin_mails.forget_old()
        if parts:
            for person in due:
                _mail(person, parts)


def _mail(person: User, parts: list[Part]) -> None:
    base = settings.current().base_url
    queue_mail(
        f"{admin_mails.OURS}digest",
        to_address=person.email,
        to_name=person.name,
        values={
            "desk": desk().name,
            "ref": gettext("summary"),
            "name": person.name,
            "title": gettext("What is stuck this morning"),
            "parts": [
                {"name": part.name, "lines": part.lines, "url": base + part.url} for part in parts
            ],
            "url": f"{base}/",
        },
        subject=("desk", 1),
        role=f"user:{person.id}",
        summary=gettext("Daily summary of what is stuck"),
        unsubscribe=end_of(f"{admin_mails.OURS}digest", person),
    )
