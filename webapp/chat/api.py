"""The JSON API of the chat (docs/api.md)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import get_user
from webapp.accounts.roles import Permission
from webapp.chat import actions, queries
from webapp.chat.forms import MessageForm, MessageIn
from webapp.chat.models import Message
from webapp.core import api
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import number_from, parse

bp = Blueprint("chat_api", __name__, url_prefix="/api/chat")

Answer = tuple[Response, int]


@bp.get("")
@requires(Permission.CHAT_USE)
def listed() -> Answer:
    """The person's channels; with ?channel= that one's messages, ?before= and ?limit= for older ones."""
    channel_id = number_from(request.args.get("channel"))
    if channel_id is None:
        channels = [
            {
                "id": each.channel.id,
                "kind": each.channel.kind,
                "name": each.name,
                "topic": each.channel.topic,
                "joined": each.joined,
                "unreadCount": each.unread,
            }
            for each in queries.channels_of(viewer())
        ]
        page, following = api.page_of(channels)
        unread = queries.unread_count(viewer())
        return api.listed("channels", page, next_by=("skip", following), unreadCount=unread), 200
    channel = queries.channel_for(viewer(), channel_id)
    rows, more = queries.messages_of(
        channel,
        before=number_from(request.args.get("before")),
        limit=api.limit(usual=queries.PAGE, most=100),
    )
    reads = {each.user_id: each.read_id for each in queries.members_of(channel)}
    older = min((row.id for row in rows), default=None) if more else None
    shown = [_shown(row, reads) for row in rows]
    return api.listed("messages", shown, next_by=("before", older), hasMore=more), 200


@bp.post("")
@requires(Permission.CHAT_USE)
def send() -> Answer:
    """Into a channel (`channelId`) or to a person (`userId`). Sent twice with one `clientId`, it is said once."""
    form = parse(MessageIn, api.sent())
    if (form.channel is None) == (form.person is None):
        words = _("Say channelId or userId, one of them.")
        raise Invalid(words, fields={"channelId": words})
    said = MessageForm(body=form.body, reply_to=form.reply_to, client_id=form.client_id)
    with transaction():
        if form.channel is not None:
            channel = queries.channel_for(viewer(), form.channel)
        else:
            channel = actions.direct_channel(viewer(), get_user(form.person or 0))
        message = actions.send(channel, said, user=viewer())
    return jsonify(message=_shown(message, {})), 201


@bp.put("/<int:message_id>/read")
@requires(Permission.CHAT_USE)
def read(message_id: int) -> Answer:
    """Everything in its channel up to this message has been seen."""
    with transaction():
        message = queries.message_for(viewer(), message_id)
        actions.mark_read(message, user=viewer())
    return jsonify(channelId=message.channel_id, readUpTo=message.id), 200


def _shown(row: Message, reads: dict[int, int]) -> dict[str, Any]:
    return {
        "id": row.id,
        "channelId": row.channel_id,
        "userId": row.author_id,
        "name": row.author.name,
        "body": row.body,
        "replyTo": row.reply_to_id,
        "clientId": row.client_id,
        "createdAt": row.at.isoformat(),
        "editedAt": row.edited_at.isoformat() if row.edited_at else None,
        "deleted": row.deleted_at is not None,
        "files": [
            {"id": file.id, "name": file.name, "type": file.content_type, "size": file.size}
            for file in row.files
        ],
        "readBy": sorted(
            user_id
            for user_id, read_id in reads.items()
            if read_id >= row.id and user_id != row.author_id
        ),
    }
