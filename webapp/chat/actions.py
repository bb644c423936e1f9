"""The only writers of the chat. None commits."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.chat import queries, telling
from webapp.chat.events import (
    ChannelEdited,
    ChannelJoined,
    ChannelMade,
    MessageDeleted,
    MessageEdited,
    MessageSent,
)
from webapp.chat.forms import ChannelForm, MessageForm
from webapp.chat.models import (
    CHANNEL,
    DIRECT,
    Channel,
    Member,
    Message,
    MessageFile,
    MessageVersion,
)
from webapp.core import clock, db
from webapp.core.errors import Conflict, Forbidden, Invalid
from webapp.events.record import record
from webapp.tickets.attachments import StoredFile
from webapp.tickets.composing.mentions import mentioned_in


def make_channel(form: ChannelForm, *, user: User) -> Channel:
    """Whoever makes it is in it. Raises Invalid for a name in use."""
    _check_name(form.name)
    channel = Channel(kind=CHANNEL, created_at=clock.now(), last_id=0, **form.model_dump())
    db.session().add(channel)
    db.session().flush()
    _add(channel, user)
    record(ChannelMade(subject_id=channel.id, name=channel.name), actor=user.actor)
    return channel


def edit_channel(channel: Channel, form: ChannelForm, *, user: User) -> None:
    _check_shared(channel)
    if form.name != channel.name:
        _check_name(form.name)
    changes = {
        name: [getattr(channel, name), value]
        for name, value in form.model_dump().items()
        if getattr(channel, name) != value
    }
    for name, (_old, value) in changes.items():
        setattr(channel, name, value)
    if changes:
        record(
            ChannelEdited(subject_id=channel.id, name=channel.name, changes=changes),
            actor=user.actor,
        )


def archive(channel: Channel, *, away: bool, user: User) -> None:
    """Put away, it can be read and searched, and nothing is said there any more."""
    _check_shared(channel)
    if (channel.archived_at is not None) == away:
        return
    channel.archived_at = clock.now() if away else None
    record(
        ChannelEdited(
            subject_id=channel.id, name=channel.name, changes={"archived": [not away, away]}
        ),
        actor=user.actor,
    )


def direct_channel(user: User, other: User) -> Channel:
    """The one of these two, made when they first write. Raises Invalid for somebody who does not chat."""
    if not other.may(Permission.CHAT_USE):
        raise Invalid(gettext("This person does not use the chat."))
    pair = "-".join(str(key) for key in sorted((user.id, other.id)))
    query = select(Channel).where(Channel.pair == pair)
    found = db.session().scalar(query)
    if found is not None:
        return found
    try:
        with db.session().begin_nested():
            channel = Channel(
                kind=DIRECT, pair=pair, closed=True, created_at=clock.now(), last_id=0
            )
            db.session().add(channel)
            db.session().flush()
    except IntegrityError:  # the other one wrote at the same moment
        return db.session().scalars(query).one()
    for each in {user.id: user, other.id: other}.values():
        _add(channel, each)
    record(ChannelMade(subject_id=channel.id, name=""), actor=user.actor)
    return channel


def join(channel: Channel, person: User, *, user: User) -> None:
    """`user` takes `person` in; a closed channel's members alone do so, its first page checks that."""
    _check_shared(channel)
    if not person.may(Permission.CHAT_USE):
        raise Invalid(gettext("This person does not use the chat."))
    if queries.member(channel, person) is None:
        _add(channel, person)
        _joined(channel, person, user, joined=True)


def leave(channel: Channel, *, user: User) -> None:
    _check_shared(channel)
    row = queries.member(channel, user)
    if row is not None:
        db.session().delete(row)
        db.session().flush()
        _joined(channel, user, user, joined=False)


def send(
    channel: Channel, form: MessageForm, *, user: User, files: Sequence[StoredFile] = ()
) -> Message:
    """Whoever speaks is in the channel from then on. Sent twice with one `client_id`, it is said once."""
    known = select(Message).where(Message.author_id == user.id, Message.client_id == form.client_id)
    if form.client_id and (said := db.session().scalar(known)) is not None:
        return said
    if channel.archived_at is not None:
        raise Conflict(gettext("This channel has been put away: nothing is said there any more."))
    if not form.body and not files:
        words = gettext("Write something, or choose a file.")
        raise Invalid(words, fields={"body": words})
    if queries.member(channel, user) is None:
        _add(channel, user)
    try:
        with db.session().begin_nested():
            message = _written(channel, form, user, files)
    except IntegrityError:  # the same device sent it at the same moment
        return db.session().scalars(known).one()
    _newest(channel, message)
    record(
        MessageSent(
            subject_id=channel.id,
            message_id=message.id,
            name=channel.name,
            mentioned=_mentioned(channel, form.body, user),
            direct=_other_of(channel, user),
        ),
        actor=user.actor,
    )
    return message


def _written(
    channel: Channel, form: MessageForm, user: User, files: Sequence[StoredFile]
) -> Message:
    message = Message(
        channel_id=channel.id,
        author_id=user.id,
        body=form.body,
        reply_to_id=_answered(channel, form.reply_to),
        client_id=form.client_id,
        at=clock.now(),
        files=[
            MessageFile(
                name=file.name,
                content_type=file.content_type,
                size=file.size,
                storage_key=file.storage_key,
                thumb_key=file.thumb_key,
            )
            for file in files
        ],
    )
    db.session().add(message)
    db.session().flush()
    return message


def edit(message: Message, body: str, *, user: User) -> None:
    """What it said before is kept. Raises Forbidden for another's."""
    if message.author_id != user.id or message.deleted_at is not None:
        raise Forbidden(gettext("Only who wrote it can change it."))
    if body != message.body:
        _keep(message)
        message.body, message.edited_at = body, clock.now()
        record(
            MessageEdited(subject_id=message.channel_id, message_id=message.id), actor=user.actor
        )


def delete(message: Message, *, user: User) -> None:
    """By who wrote it, or an admin. Its place stays; its text is kept for admins' trail of versions."""
    if message.author_id != user.id and not user.may(Permission.DESK_MANAGE):
        raise Forbidden(gettext("Only who wrote it, or an admin, can delete it."))
    if message.deleted_at is None:
        _keep(message)
        message.body, message.deleted_at = "", clock.now()
        record(
            MessageDeleted(subject_id=message.channel_id, message_id=message.id), actor=user.actor
        )


def mark_read(message: Message, *, user: User) -> int:
    """Everything up to it has been seen. Gives its number."""
    moved = db.session().execute(
        update(Member)
        .where(
            Member.channel_id == message.channel_id,
            Member.user_id == user.id,
            Member.read_id < message.id,
        )
        .values(read_id=message.id)
    )
    if moved.rowcount:  # type: ignore[attr-defined]
        members = queries.member_ids(message.channel_id)
        telling.tell(members, "chat:read", channel=message.channel_id, user=user.id)
    return message.id


def _add(channel: Channel, person: User) -> None:
    db.session().add(
        Member(
            channel_id=channel.id,
            user_id=person.id,
            joined_at=clock.now(),
            read_id=channel.last_id,
        )
    )
    db.session().flush()


def _newest(channel: Channel, message: Message) -> None:
    """Two may speak at once: the later number stays. What one says oneself is read."""
    db.session().execute(
        update(Channel)
        .where(Channel.id == channel.id, Channel.last_id < message.id)
        .values(last_id=message.id)
        .execution_options(synchronize_session=False)
    )
    db.session().execute(
        update(Member)
        .where(Member.channel_id == channel.id, Member.user_id == message.author_id)
        .where(Member.read_id < message.id)
        .values(read_id=message.id)
        .execution_options(synchronize_session=False)
    )


def _answered(channel: Channel, message_id: int | None) -> int | None:
    if message_id is None:
        return None
    answered = db.session().get(Message, message_id)
    if answered is None or answered.channel_id != channel.id:
        raise Invalid(gettext("What you answer is not in this channel."))
    return answered.id


def _mentioned(channel: Channel, body: str, user: User) -> list[int]:
    """In an open channel anybody who chats can be named; in a closed one, its members."""
    if "@" not in body:
        return []
    known = {each.id: each.name for each in queries.people(user)}
    if channel.closed:
        inside = set(queries.member_ids(channel.id))
        known = {key: name for key, name in known.items() if key in inside}
    return sorted(mentioned_in(body, known))


def _other_of(channel: Channel, user: User) -> list[int]:
    if channel.kind != DIRECT:
        return []
    return [key for key in queries.member_ids(channel.id) if key != user.id]


def _keep(message: Message) -> None:
    db.session().add(MessageVersion(message_id=message.id, body=message.body, at=clock.now()))


def _joined(channel: Channel, person: User, user: User, *, joined: bool) -> None:
    record(
        ChannelJoined(
            subject_id=channel.id,
            name=channel.name,
            user_id=person.id,
            person=person.name,
            joined=joined,
        ),
        actor=user.actor,
    )


def _check_name(name: str) -> None:
    if db.session().scalar(select(Channel.id).where(Channel.name == name)) is not None:
        words = gettext("There is a channel of this name.")
        raise Invalid(words, fields={"name": words})


def _check_shared(channel: Channel) -> None:
    if channel.kind != CHANNEL:
        raise Conflict(gettext("A conversation of two stays between them."))
