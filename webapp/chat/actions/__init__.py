"""The only writers of the chat. None commits."""

from webapp.chat.actions.channels import (
    archive,
    direct_channel,
    edit_channel,
    join,
    leave,
    make_channel,
)
from webapp.chat.actions.messages import delete, edit, mark_read, send

__all__ = [
    "archive",
    "delete",
    "direct_channel",
    "edit",
    "edit_channel",
    "join",
    "leave",
    "make_channel",
    "mark_read",
    "send",
]
