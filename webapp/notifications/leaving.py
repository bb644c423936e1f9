"""What leaves the desk for one person: by mail or push, now or, gathered with more, at its time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext

from webapp.accounts.queries import desk
from webapp.core import db, settings
from webapp.core.inserting import insert_new
from webapp.events.types import Fact
from webapp.notifications import joining
from webapp.notifications.crowds import Addressed
from webapp.notifications.joining import Group, Item, Single
from webapp.notifications.kinds import KINDS, MAIL, PUSH
from webapp.notifications.models import WaitingNews
from webapp.notifications.routing import Route
from webapp.tickets.events import TicketNoted, TicketResponded
from webapp.tickets.models import Note, Response

Later = tuple[Addressed, str, datetime]  # on which way, and when
AT_ONCE = 200  # rows in one statement


def leave(
    each: Addressed, way: Route, *, fact: Fact | None, many: bool, now: datetime
) -> list[Later]:
    """What leaves at once is queued; what has to wait is given back, for `wait`.

    `many`: one of a lot that happened at once; a mail or push for each would be too much.
    """
    later = push(each, way, many=many, now=now)
    if way.mail_at is None:
        return later
    if many or way.mail_gathered or way.mail_at > now:
        return [*later, (each, MAIL, way.mail_at)]
    _mail(each, fact)
    return later


def push(each: Addressed, way: Route, *, many: bool, now: datetime) -> list[Later]:
    if way.push_at is None:
        return []
    if many or way.push_gathered or way.push_at > now:
        return [(each, PUSH, way.push_at)]
    from webapp.push.actions import queue_push  # here: it brings the keys of web push

    queue_push(
        each.user.id,
        title=news_title(each.news.kind),
        body=each.text,
        url=each.news.url or "/notifications",
        tag=each.news.thing,
        event_id=each.event_id or None,
    )
    return []


def wait(later: Sequence[Later], *, now: datetime) -> None:
    """Until its time, and with all else that is due to this person then; see `summaries`."""
    rows = [
        {
            "user_id": each.user.id,
            "channel": channel,
            "due_at": due_at,
            "kind": each.news.kind,
            "thing": each.news.thing,
            "title": each.news.title,
            "text": each.text,
            "url": each.news.url,
            "event_id": each.event_id or None,
            "at": now,
        }
        for each, channel, due_at in later
    ]
    for start in range(0, len(rows), AT_ONCE):
        insert_new(WaitingNews, rows[start : start + AT_ONCE])


def news_title(kind: str) -> str:
    """Over a notification on a device: the kind and whose desk it is."""
    return f"{KINDS[kind].words} · {desk().name}"


def _mail(each: Addressed, fact: Fact | None) -> None:
    news, item = each.news, _item(each, fact)
    joining.mail(
        each.user,
        Group(news.thing, news.title, news.url, [item], kind=news.kind),
        single=_single(each, item, fact),
        event_id=each.event_id or None,
    )


def _item(each: Addressed, fact: Fact | None) -> Item:
    """What the mail says of it. A note's words go to those alone whom it names."""
    session = db.session()
    if isinstance(fact, TicketResponded):
        response = session.get_one(Response, fact.response_id)
        return Item(each.text, quote=response.body, author=response.author_name)
    if isinstance(fact, TicketNoted):
        note = session.get_one(Note, fact.note_id)
        return Item(each.text, quote=note.body, author=note.author_name, internal=True)
    return Item(each.text)


def _single(each: Addressed, item: Item, fact: Fact | None) -> Single | None:
    """A response and a mention have mails of their own kind."""
    if not isinstance(fact, TicketResponded | TicketNoted):
        return None
    values = {
        "desk": desk().name,
        "ref": fact.ref,
        "title": fact.title,
        "name": each.user.name,
        "url": settings.current().base_url + each.news.url,
        "text": item.quote,
    }
    if isinstance(fact, TicketNoted):
        summary = gettext("Note on %(ref)s to a colleague whom it names", ref=fact.ref)
        return Single("agent_mention", {**values, "author": item.author}, summary)
    summary = gettext("Reporter's response to the staff of %(ref)s", ref=fact.ref)
    return Single("agent_response", values, summary)
