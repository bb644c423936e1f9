"""Mail to people without an account: never two about one ticket within five minutes, as in `joining`.

What comes while a mail of that thread has not left joins it. What comes after one has left waits until five minutes are
over, and gathers more. A confirmation of a report always leaves by itself, and counts. Two statuses in a row are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update

from webapp.core import clock, db
from webapp.mail.actions import queue_mail
from webapp.mail.kinds import KINDS
from webapp.mail.models import MailMessage
from webapp.notifications import joining
from webapp.notifications.unsubscribing import end_of
from webapp.outbox.models import Delivery
from webapp.tickets.models import Ticket

JOINED = "reporter_news"
MOST_ITEMS = 20
NEVER_LEFT = ("superseded", "cancelled")


@dataclass(frozen=True)
class Outsider:
    """`role`: reporter or follower:12, as in the mail's lane."""

    role: str
    address: str
    name: str = ""


@dataclass(frozen=True)
class Piece:
    """`own`: what its template says besides `shared`, which all about that ticket say. `alone`: no other joins it."""

    template: str
    shared: Mapping[str, Any]
    own: Mapping[str, Any]
    summary: str
    auto_submitted: str = "auto-generated"
    alone: bool = False


def mail(ticket: Ticket, who: Outsider, piece: Piece, *, event_id: int) -> None:
    """In a mail of its own, or in the one that has not left yet. Needs an open transaction."""
    last = None if piece.alone else _last(ticket, who)
    if last is not None and "items" in last.payload and last.settled_at is None:
        waiting = joining.unsent(last.id, holding="items")
        if waiting is not None:
            _join(waiting, piece)
            return
    queue_mail(
        piece.template,
        to_address=who.address,
        to_name=who.name,
        values={**piece.shared, **piece.own},
        subject=("ticket", ticket.id),
        role=who.role,
        summary=piece.summary,
        event_id=event_id,
        auto_submitted=piece.auto_submitted,
        unsubscribe=end_of(piece.template, who.role, thing=f"ticket:{ticket.id}"),
        items=() if piece.alone else [_item(piece)],
        not_before=max(clock.now(), joining.free_after(last)) if last is not None else None,
    )


def _last(ticket: Ticket, who: Outsider) -> Delivery | None:
    """The newest mail of this thread to this person, locked."""
    return db.session().scalar(
        select(Delivery)
        .join(MailMessage, MailMessage.delivery_id == Delivery.id)
        .where(
            MailMessage.thread == f"ticket:{ticket.id}:{who.role}",
            MailMessage.recipient == who.address.strip().lower(),
            Delivery.state.not_in(NEVER_LEFT),
        )
        .order_by(MailMessage.id.desc())
        .limit(1)
        .with_for_update(of=Delivery)
    )


def _join(waiting: Delivery, piece: Piece) -> None:
    items = together([*waiting.payload["items"], _item(piece)])
    one = len(items) == 1
    template = items[0]["template"] if one else JOINED
    said = items[0] if one else {"items": items[-MOST_ITEMS:], "more": len(items[:-MOST_ITEMS])}
    personal = any(not KINDS[item["template"]].automatic for item in items)
    waiting.kind, waiting.summary = template, piece.summary
    if not one:
        waiting.summary = gettext("News to the reporter of %(ref)s", ref=piece.shared["ref"])
    waiting.payload = {
        **waiting.payload,
        "template": template,
        "values": {**piece.shared, **said},
        "items": items,
        "auto_submitted": "" if personal else piece.auto_submitted,
    }
    # What the person wrote meanwhile belongs before it in the thread.
    db.session().execute(
        update(MailMessage)
        .where(MailMessage.delivery_id == waiting.id)
        .values(created_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _item(piece: Piece) -> dict[str, Any]:
    return {"template": piece.template, **piece.own}


def together(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """In order; of statuses in a row the first old one and the last new one. Pure."""
    found: list[dict[str, Any]] = []
    for item in items:
        if found and "new_status" in item and "new_status" in found[-1]:
            found[-1] = {**found[-1], "new_status": item["new_status"]}
        else:
            found.append(dict(item))
    return found
