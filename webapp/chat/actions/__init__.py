"""The only writers of the chat. None commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.chat.actions.channels import (
        archive,
        direct_channel,
        edit_channel,
        join,
        leave,
        make_channel,
    )
    from webapp.chat.actions.messages import delete, edit, mark_read, send
else:
    __getattr__ = on_demand(__name__)

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
