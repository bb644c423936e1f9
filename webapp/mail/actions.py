"""Queueing mail: the message's identity is settled with the change that causes it, its text when it leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import update

from webapp.core import clock, db, secrets, settings
from webapp.core.errors import Misconfigured
from webapp.mail.compose import sender_address
from webapp.mail.kinds import KINDS
from webapp.mail.models import MailMessage
from webapp.mail.threads import new_message_id
from webapp.outbox import queue
from webapp.outbox.models import Delivery

TARGET = "mail"


def queue_mail(
    template: str,
    *,
    to_address: str,
    to_name: str,
    values: Mapping[str, Any],
    subject: tuple[str, int],
    role: str,
    summary: str,
    event_id: int | None = None,
    auto_submitted: str = "auto-generated",
    unsubscribe: str = "",
    sealed: Mapping[str, str] | None = None,
    bulk: bool = False,
    items: Sequence[Mapping[str, Any]] = (),
    not_before: datetime | None = None,
) -> Delivery:
    """One mail to one person about one record, in the open transaction.

    `role` (reporter, user:4 …) and the record name the thread and the lane: mails of a thread leave in order, and an
    address that refuses mail blocks nobody else's. `values` are the template's, JSON only. `summary` names nobody.
    `sealed`: values that nobody may read in the outbox. `unsubscribe`: whose POST ends such mails, for a notice.
    `bulk`: this one gathers much, whatever its kind is otherwise. `items`: what it says, where more may join it.
    """
    hidden, joinable = dict(sealed or {}), {"items": list(items)} if items else {}
    KINDS[template].check({**values, **hidden})
    lane = f"{subject[0]}:{subject[1]}:{role}"
    delivery = queue.put(
        channel="mail",
        target=TARGET,
        lane=lane,
        kind=template,
        subject=subject,
        payload={
            "template": template,
            "to_address": to_address,
            "to_name": to_name,
            "values": dict(values),
            "sealed": _sealed(template, hidden),
            "auto_submitted": auto_submitted,
            "unsubscribe": unsubscribe,
            "bulk": bulk,
            **joinable,
        },
        summary=summary,
        event_id=event_id,
        not_before=not_before,
    )
    _note(delivery, lane=lane, to_address=to_address)
    return delivery


def _note(delivery: Delivery, *, lane: str, to_address: str) -> None:
    """The identity of the message, from now on."""
    db.session().add(
        MailMessage(
            delivery_id=delivery.id,
            thread=lane,
            recipient=to_address.strip().lower(),
            message_id=new_message_id(_domain()),
            created_at=clock.now(),
        )
    )


def _sealed(template: str, hidden: Mapping[str, str]) -> dict[str, str]:
    return {
        name: secrets.seal(value, context=f"mail {template} {name}")
        for name, value in hidden.items()
    }


def readdress(delivery: Delivery) -> None:
    """The delivery's address was corrected: its thread goes on under the new one. Needs an open transaction."""
    address = str(delivery.payload["to_address"]).strip().lower()
    db.session().execute(
        update(MailMessage)
        .where(MailMessage.delivery_id == delivery.id)
        .values(recipient=address)
        .execution_options(synchronize_session=False)
    )


def _domain() -> str:
    """Of our sender. A wrong setting must not stop the change that is being mailed about."""
    try:
        return sender_address(settings.current().mail_default_sender).rpartition("@")[2]
    except Misconfigured:
        return "localhost"
