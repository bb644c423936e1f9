"""Channels and who is in them."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.chat import queries
from webapp.chat.events import (
    ChannelEdited,
    ChannelJoined,
    ChannelMade,
)
from webapp.chat.forms import ChannelForm
from webapp.chat.models import (
    CHANNEL,
    DIRECT,
    Channel,
    Member,
)
from webapp.core import clock, db
from webapp.core.errors import Conflict, Invalid
from webapp.events.record import record


def make_channel(form: ChannelForm, *, user: User) -> Channel:
    """Whoever makes it is in it. Raises Invalid for a name in use."""
    _check_name(form.name)
    channel = Channel(kind=CHANNEL, created_at=clock.now(), last_id=0, **form.model_dump())
    db.session().add(channel)
    db.session().flush()
    add_member(channel, user)
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
        add_member(channel, each)
    record(ChannelMade(subject_id=channel.id, name=""), actor=user.actor)
    return channel


def join(channel: Channel, person: User, *, user: User) -> None:
    """`user` takes `person` in; a closed channel's members alone do so, its first page checks that."""
    _check_shared(channel)
    if not person.may(Permission.CHAT_USE):
        raise Invalid(gettext("This person does not use the chat."))
    if queries.member(channel, person) is None:
        add_member(channel, person)
        _joined(channel, person, user, joined=True)


def leave(channel: Channel, *, user: User) -> None:
    _check_shared(channel)
    row = queries.member(channel, user)
    if row is not None:
        db.session().delete(row)
        db.session().flush()
        _joined(channel, user, user, joined=False)


def add_member(channel: Channel, person: User) -> None:
    db.session().add(
        Member(
            channel_id=channel.id,
            user_id=person.id,
            joined_at=clock.now(),
            read_id=channel.last_id,
        )
    )
    db.session().flush()


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
