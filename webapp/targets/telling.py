"""Mail about deadlines: one to a person for all that became due at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from flask_babel import gettext

from webapp.accounts.models import User
from webapp.accounts.queries import desk
from webapp.core import settings
from webapp.mail.actions import queue_mail
from webapp.tickets.models import Ticket

SHOWN = 20


class Due(Protocol):
    @property
    def ticket(self) -> Ticket: ...

    @property
    def kind(self) -> str: ...

    @property
    def deadline(self) -> datetime: ...

    @property
    def missed(self) -> bool: ...


def mail_deadlines(person: User, dues: Sequence[Due]) -> None:
    first = dues[0]
    missed = sum(due.missed for due in dues)
    queue_mail(
        "agent_deadlines",
        to_address=person.email,
        to_name=person.name,
        values={
            "desk": desk().name,
            "name": person.name,
            "ref": first.ticket.ref if len(dues) == 1 else gettext("Deadlines"),
            "missed": missed,
            "near": len(dues) - missed,
            "lines": [_line(due, person) for due in dues[:SHOWN]],
            "more": max(0, len(dues) - SHOWN),
            "url": settings.current().base_url
            + (f"/tickets/{first.ticket.ref}" if len(dues) == 1 else "/tickets"),
        },
        subject=("ticket", first.ticket.id),
        role=f"user:{person.id}",
        summary=gettext("Deadlines to %(name)s", name=person.name),
    )


def _line(due: Due, person: User) -> dict[str, Any]:
    return {
        "ref": due.ticket.ref,
        "title": due.ticket.title,
        "kind": due.kind,
        "missed": due.missed,
        "at": due.deadline.astimezone(person.zone).strftime("%Y-%m-%d %H:%M"),
    }
