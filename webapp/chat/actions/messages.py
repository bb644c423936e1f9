"""What is said, changed, deleted and read."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.chat import queries, telling
from webapp.chat.actions.channels import add_member
from webapp.chat.events import (
    MessageDeleted,
    MessageEdited,
    MessageSent,
)
from webapp.chat.forms import MessageForm
from webapp.chat.models import (
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
        add_member(channel, user)
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
