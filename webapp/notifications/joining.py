"""Mail to people of the desk: never two about one thing within five minutes.

The row in `mailed_news` names the last one, and is locked first, so that two facts at the same moment see each other.
What comes while that mail has not left joins it. What comes later waits until five minutes are over, and gathers more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import delete, select

from webapp.accounts.models import User
from webapp.accounts.queries import desk
from webapp.core import clock, db, settings
from webapp.core.inserting import insert_into
from webapp.mail.actions import queue_mail
from webapp.notifications.models import MailedNews
from webapp.notifications.unsubscribing import unsubscribe_url
from webapp.outbox.models import Attempt, Delivery

APART = timedelta(minutes=5)
KEPT = timedelta(days=1)  # of a row that says when the last mail left
JOINED = "agent_news"
INTERNAL = (
    "agent_mention"  # as what a mail with a note's words counts: an answer to it stays inside
)
MOST_ITEMS = 20  # of one thing in one mail
_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Item:
    """One sentence of a mail, and what somebody wrote. `internal`: it quotes a note."""

    text: str
    quote: str = ""
    author: str = ""
    internal: bool = False


@dataclass(frozen=True)
class Group:
    """What a mail says about one thing. `more`: how many items it leaves out; `kind`: of the first."""

    thing: str
    title: str
    url: str
    items: Sequence[Item]
    more: int = 0
    kind: str = ""


@dataclass(frozen=True)
class Single:
    """A mail of one template for one piece of news."""

    template: str
    values: Mapping[str, Any]
    summary: str


def mail(
    user: User, group: Group, *, single: Single | None = None, event_id: int | None = None
) -> Delivery:
    """One piece of news, in a mail of its own or in the one that has not left yet. Needs an open transaction.

    `single`: how the mail looks while it says this alone.
    """
    last = last_mail(user, group.thing)
    waiting = unsent(last.delivery_id)
    if waiting is not None:
        _join(waiting, group)
        return waiting
    delivery = queue([group], user, single=single, event_id=event_id)
    delivery.not_before = max(clock.now(), free_at(last))
    last.delivery_id, last.at = delivery.id, clock.now()
    return delivery


def last_mail(user: User, thing: str) -> MailedNews:
    """The row of this person and thing, locked, made where there is none."""
    session = db.session()
    insert = insert_into(MailedNews).values(user_id=user.id, thing=thing, at=_NEVER)
    session.execute(insert.on_conflict_do_nothing())
    return session.get_one(
        MailedNews, (user.id, thing), with_for_update=True, populate_existing=True
    )


def has_unsent(last: MailedNews) -> bool:
    return unsent(last.delivery_id) is not None


def free_at(last: MailedNews) -> datetime:
    """From when on another mail about it may leave."""
    found = db.session().get(Delivery, last.delivery_id or 0)
    if found is None:
        return last.at + APART
    return free_after(found.settled_at, found.not_before)


def free_after(settled_at: datetime | None, not_before: datetime) -> datetime:
    """From when on another mail about the same may leave."""
    return (settled_at or max(not_before, clock.now())) + APART


def forget_old() -> int:
    found = db.session().execute(delete(MailedNews).where(MailedNews.at < clock.now() - KEPT))
    return int(getattr(found, "rowcount", 0))


def queue(
    groups: Sequence[Group],
    user: User,
    *,
    single: Single | None = None,
    event_id: int | None = None,
) -> Delivery:
    """The mail that says all this. Of one thing it belongs to that thing's thread."""
    first, one = groups[0], len(groups) == 1
    kind, _, key = first.thing.partition(":")
    how = single or Single(JOINED, _joined_values(groups, user), _summary(groups))
    delivery = queue_mail(
        how.template,
        to_address=user.email,
        to_name=user.name,
        values=how.values,
        subject=(kind, int(key)) if one and key.isdigit() else ("user", user.id),
        role=f"user:{user.id}",
        summary=how.summary,
        event_id=event_id,
        unsubscribe=_end_of(groups, user),
        bulk=not one,
    )
    delivery.payload = {**delivery.payload, "groups": [asdict(group) for group in groups]}
    return delivery


def _end_of(groups: Sequence[Group], user: User) -> str:
    """One click ends the mails about the one thing; of a summary, those of all kinds."""
    if len(groups) > 1:
        return unsubscribe_url(user, "")
    thing = groups[0].thing
    return unsubscribe_url(user, groups[0].kind, "" if thing.startswith("kind:") else thing)


def _summary(groups: Sequence[Group]) -> str:
    if len(groups) > 1 or not groups[0].title:
        return gettext("A summary of news to a colleague")
    return gettext("News to a colleague: %(title)s", title=groups[0].title.split(" ")[0])


def unsent(delivery_id: int | None, *, holding: str = "groups") -> Delivery | None:
    """That mail, locked, if nobody has tried to send it and its payload lists what it says."""
    if delivery_id is None:
        return None
    tried = select(Attempt.id).where(Attempt.delivery_id == delivery_id).exists()
    query = select(Delivery).where(
        Delivery.id == delivery_id,
        Delivery.settled_at.is_(None),
        Delivery.state.in_(("pending", "held")),
        ~tried,
    )
    found = db.session().scalar(query.with_for_update().execution_options(populate_existing=True))
    return found if found is not None and holding in found.payload else None


def _join(waiting: Delivery, group: Group) -> None:
    groups = [_group(each) for each in waiting.payload["groups"]]
    for place, known in enumerate(groups):
        if known.thing == group.thing:
            items = [*known.items, *group.items]
            left_out = max(0, len(items) - MOST_ITEMS)
            groups[place] = Group(
                known.thing,
                known.title,
                known.url,
                items[left_out:],
                known.more + left_out,
                known.kind,
            )
            break
    else:
        groups.append(group)
    user_id = waiting.lane.rpartition(":")[2]
    user = db.session().get_one(User, int(user_id))
    if any(item.internal for each in groups for item in each.items):
        waiting.kind = INTERNAL
    waiting.payload = {
        **waiting.payload,
        "template": JOINED,
        "values": _joined_values(groups, user),
        "groups": [asdict(each) for each in groups],
        "unsubscribe": _end_of(groups, user),
        "bulk": len(groups) > 1,
    }


def _group(raw: dict[str, Any]) -> Group:
    return Group(**{**raw, "items": [Item(**item) for item in raw["items"]]})


def _joined_values(groups: Sequence[Group], user: User) -> dict[str, Any]:
    base, one = settings.current().base_url, len(groups) == 1
    first = groups[0]
    ref, _, title = first.title.partition(" ")
    number = sum(len(each.items) + each.more for each in groups)
    return {
        "desk": desk().name,
        "name": user.name,
        "number": number,
        "ref": ref if one and first.thing.startswith("ticket:") else "",
        "title": (title or first.items[0].text) if one else "",
        "groups": [{**asdict(each), "url": base + each.url} for each in groups],
        "url": base + (first.url if one else "/notifications"),
        "preferences": f"{base}/me/notifications",
    }
