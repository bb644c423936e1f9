"""Reactions that mail people about their own accounts. What they are about is safety: nobody can refuse them."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext

from webapp.accounts.events import RecoveryCodeUsed, RefreshTokenReused
from webapp.accounts.queries import desk, get_user
from webapp.core import settings
from webapp.events.models import Event
from webapp.events.types import Fact
from webapp.mail.actions import queue_mail


def mail_account_created(event: Event, _fact: Fact) -> None:
    """On UserCreated by a person: where to sign in. The password never goes by mail. What the desk itself makes at its
    first start is told where it is made."""
    if event.actor_kind != "user":
        return
    _mail(
        "account_created",
        event=event,
        path="/login",
        summary=gettext("To a colleague: they have an account"),
        author=event.actor_name,
        address=get_user(event.subject_id).email,
    )


def mail_token_reused(event: Event, fact: Fact) -> None:
    """On RefreshTokenReused: which device was signed out, and what to do if it was not them."""
    if isinstance(fact, RefreshTokenReused):
        _mail(
            "account_token_reused",
            event=event,
            path="/account/devices",
            summary=gettext("To a person: a device of theirs was signed out"),
            device=fact.device,
        )


def mail_recovery_code_used(event: Event, fact: Fact) -> None:
    """On RecoveryCodeUsed: how many are left, and what to do if it was not them."""
    if isinstance(fact, RecoveryCodeUsed):
        _mail(
            "account_recovery_used",
            event=event,
            path="/account/second-factor",
            summary=gettext("To a person: a recovery code of theirs was used"),
            left=fact.left,
        )


def _mail(template: str, *, event: Event, path: str, summary: str, **values: Any) -> None:
    person = get_user(event.subject_id)
    queue_mail(
        template,
        to_address=person.email,
        to_name=person.name,
        values={
            "desk": desk().name,
            "ref": gettext("Your account"),
            "name": person.name,
            "url": settings.current().base_url + path,
            **values,
        },
        subject=("user", person.id),
        role=f"user:{person.id}",
        summary=summary,
        event_id=event.id,
    )
