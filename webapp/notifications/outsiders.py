"""Mail to people without an account: never two about one ticket within five minutes, as in `joining`.

What comes while a mail of that thread has not left joins it. What comes after one has left waits until five minutes are
over, and gathers more. A confirmation of a report always leaves by itself, and counts. Two statuses in a row are one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from flask_babel import gettext
from sqlalchemy import ColumnElement, literal_column, select, update
from sqlalchemy.orm import aliased

from webapp.core import clock, db
from webapp.mail.kinds import KINDS
from webapp.mail.models import MailMessage
from webapp.notifications import joining
from webapp.notifications.unsubscribing import end_of
from webapp.outbox.models import Delivery

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


class Last(NamedTuple):
    """The newest mail of a thread to a person. `joins`: more may be said in it while it has not left."""

    id: int
    settled_at: datetime | None
    not_before: datetime
    joins: bool


LAST = (
    Delivery.id,
    Delivery.settled_at,
    Delivery.not_before,
    Delivery.payload["items"].as_string().is_not(None),
)  # the columns of a Last


# Written out: SQLAlchemy puts values of an IN into the statement anew each time.
_WRITTEN: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in NEVER_LEFT]


def newest(thread: Any, recipient: Any) -> ColumnElement[int | None]:
    """The key of the newest delivery of a thread to an address, as a column of another statement."""
    sent = aliased(Delivery)
    return (
        select(MailMessage.delivery_id)
        .join(sent, sent.id == MailMessage.delivery_id)
        .where(
            MailMessage.thread == thread,
            MailMessage.recipient == recipient,
            sent.state.not_in(_WRITTEN),
        )
        .order_by(MailMessage.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def last_of(ticket_id: int, who: Outsider) -> Last | None:
    thread, recipient = f"ticket:{ticket_id}:{who.role}", who.address.strip().lower()
    query = select(*LAST).where(Delivery.id == newest(thread, recipient))
    row = db.session().execute(query).one_or_none()
    return Last(*row) if row else None


def mail(ticket_id: int, who: Outsider, piece: Piece, *, event_id: int, last: Last | None) -> None:
    """In a mail of its own, or in the one that has not left yet. Needs an open transaction. `last`: as `last_of`."""
    if piece.alone:
        last = None
    if last is not None and last.joins and last.settled_at is None:
        waiting = joining.unsent(last.id, holding="items")
        if waiting is not None:
            _join(waiting, piece)
            return
    free = joining.free_after(last.settled_at, last.not_before) if last is not None else None
    from webapp.mail.actions import queue_mail  # here: it brings all that mails are made with

    queue_mail(
        piece.template,
        to_address=who.address,
        to_name=who.name,
        values={**piece.shared, **piece.own},
        subject=("ticket", ticket_id),
        role=who.role,
        summary=piece.summary,
        event_id=event_id,
        auto_submitted=piece.auto_submitted,
        unsubscribe=end_of(piece.template, who.role, thing=f"ticket:{ticket_id}"),
        items=() if piece.alone else [_item(piece)],
        not_before=max(clock.now(), free) if free is not None else None,
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
