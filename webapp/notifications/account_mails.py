"""Reactions that mail people about their own accounts. What they are about is safety: nobody can refuse them."""

from __future__ import annotations

from flask_babel import gettext

from webapp.accounts.events import RefreshTokenReused
from webapp.accounts.queries import desk, get_user
from webapp.core import settings
from webapp.events.models import Event
from webapp.events.types import Fact
from webapp.mail.actions import queue_mail


def mail_account_created(event: Event, fact: Fact) -> None:
    """On UserCreated by a person: where to sign in. The password never goes by mail. What the desk itself makes at its
    first start is told where it is made."""
    if event.actor_kind != "user":
        return
    user = get_user(fact.subject_id)
    queue_mail(
        "account_created",
        to_address=user.email,
        to_name=user.name,
        values={
            "desk": desk().name,
            "ref": gettext("account"),
            "name": user.name,
            "author": event.actor_name,
            "address": user.email,
            "url": f"{settings.current().base_url}/login",
        },
        subject=("user", user.id),
        role=f"user:{user.id}",
        summary=gettext("To a colleague: they have an account"),
        event_id=event.id,
    )


def mail_token_reused(event: Event, fact: Fact) -> None:
    """On RefreshTokenReused: which device was signed out, and what to do if it was not them."""
    if not isinstance(fact, RefreshTokenReused):
        return
    person = get_user(fact.subject_id)
    queue_mail(
        "account_token_reused",
        to_address=person.email,
        to_name=person.name,
        values={
            "desk": desk().name,
            "ref": gettext("Your account"),
            "name": person.name,
            "device": fact.device,
            "url": f"{settings.current().base_url}/account/devices",
        },
        subject=("user", person.id),
        role=f"user:{person.id}",
        summary=gettext("To a person: a device of theirs was signed out"),
        event_id=event.id,
    )
