"""Readings of the chat, always for somebody: what a person may not see is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.accounts.models import User
from webapp.accounts.queries import people_who_may
from webapp.accounts.roles import Permission
from webapp.chat.models import CHANNEL, Channel, Member, Message, MessageFile
from webapp.core import db
from webapp.core.errors import NotFound

PAGE = 50
FOUND = 50


@dataclass(frozen=True, slots=True)
class Listed:
    """A channel as it stands in somebody's list. `name`: of a direct one, the other person's."""

    channel: Channel
    name: str
    unread: int
    joined: bool


def _open_to(user: User) -> ColumnElement[bool]:
    mine = select(Member.channel_id).where(Member.user_id == user.id)
    return or_(Channel.id.in_(mine), and_(Channel.kind == CHANNEL, Channel.closed.is_(False)))


def channel_for(user: User, channel_id: int) -> Channel:
    """Raises NotFound for one that the person may not see as for none."""
    found = db.session().scalar(select(Channel).where(Channel.id == channel_id, _open_to(user)))
    if found is None:
        raise NotFound("There is no such channel.")
    return found


def member(channel: Channel, user: User) -> Member | None:
    return db.session().get(Member, (channel.id, user.id))


def member_ids(channel_id: int) -> list[int]:
    query = select(Member.user_id).where(Member.channel_id == channel_id)
    return list(db.session().scalars(query.order_by(Member.user_id)))


def hearers(channel_id: int) -> list[int]:
    """Whose pages show the channel: its members', and of an open one those of all who chat."""
    channel = db.session().get_one(Channel, channel_id)
    if channel.closed:
        return member_ids(channel_id)
    return [each.id for each in people_who_may(Permission.CHAT_USE)]


def members_of(channel: Channel) -> Sequence[Member]:
    query = select(Member).join(User).where(Member.channel_id == channel.id, User.active.is_(True))
    return db.session().scalars(query.options(joinedload(Member.user)).order_by(User.name)).all()


def channels_of(user: User) -> list[Listed]:
    """All that the person may see: those with news first, then by the newest message."""
    unread = {row[0]: row[1] for row in db.session().execute(_unread(user))}
    joined = set(unread) | set(
        db.session().scalars(select(Member.channel_id).where(Member.user_id == user.id))
    )
    query = select(Channel).where(_open_to(user), Channel.archived_at.is_(None))
    rows = db.session().scalars(query.order_by(Channel.last_id.desc(), Channel.id)).all()
    names = _names(user, [row.id for row in rows if row.kind != CHANNEL])
    listed = [
        Listed(row, names.get(row.id, row.name), unread.get(row.id, 0), row.id in joined)
        for row in rows
    ]
    return sorted(listed, key=lambda each: (not each.unread, not each.joined))


def name_of(channel: Channel, user: User) -> str:
    return channel.name or _names(user, [channel.id]).get(channel.id, "")


def unread_count(user: User) -> int:
    """Of messages in all channels that the person is in."""
    return sum(count for _channel, count in db.session().execute(_unread(user)))


def _unread(user: User):  # type: ignore[no-untyped-def]
    return (
        select(Member.channel_id, func.count(Message.id))
        .join(Channel, Channel.id == Member.channel_id)
        .join(Message, and_(Message.channel_id == Member.channel_id, Message.id > Member.read_id))
        .where(Member.user_id == user.id, Channel.last_id > Member.read_id)
        .where(Message.author_id != user.id, Message.deleted_at.is_(None))
        .group_by(Member.channel_id)
    )


def _names(user: User, channel_ids: Sequence[int]) -> dict[int, str]:
    """Of direct channels: whom the person writes to there (themselves, in notes to self)."""
    if not channel_ids:
        return {}
    query = select(Member.channel_id, User.id, User.name).join(User)
    found: dict[int, str] = {}
    for channel_id, user_id, name in db.session().execute(
        query.where(Member.channel_id.in_(channel_ids))
    ):
        if user_id != user.id or channel_id not in found:
            found[channel_id] = name
    return found


def messages_of(
    channel: Channel, *, before: int | None = None, limit: int = PAGE
) -> tuple[list[Message], bool]:
    """The newest messages (older than `before`), oldest first; and whether there are older ones."""
    query = select(Message).where(Message.channel_id == channel.id)
    if before:
        query = query.where(Message.id < before)
    loaded = query.options(
        joinedload(Message.author),
        joinedload(Message.reply_to).joinedload(Message.author),
        selectinload(Message.files),
    )
    rows = list(db.session().scalars(loaded.order_by(Message.id.desc()).limit(limit + 1)))
    return list(reversed(rows[:limit])), len(rows) > limit


def message_for(user: User, message_id: int) -> Message:
    query = select(Message).join(Channel).where(Message.id == message_id, _open_to(user))
    found = db.session().scalar(query)
    if found is None:
        raise NotFound("There is no such message.")
    return found


def file_for(user: User, file_id: int) -> MessageFile:
    file = db.session().get(MessageFile, file_id)
    if file is None or message_for(user, file.message_id).deleted_at is not None:
        raise NotFound("There is no such file.")
    return file


def search(user: User, words: str) -> Sequence[Message]:
    """Messages that hold all of these words, the newest first."""
    query = select(Message).join(Channel).where(_open_to(user), Message.deleted_at.is_(None))
    for word in words.split()[:8]:
        query = query.where(func.lower(Message.body).contains(word.lower(), autoescape=True))
    shown = query.options(joinedload(Message.author), joinedload(Message.channel))
    return db.session().scalars(shown.order_by(Message.id.desc()).limit(FOUND)).all()


def people(user: User) -> list[User]:
    """Those whom one can write to."""
    return [each for each in people_who_may(Permission.CHAT_USE) if each.id != user.id]
