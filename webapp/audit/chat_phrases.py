"""How facts of the chat are told. What was said stays in the channel."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

TABLE: dict[str, tuple[str, str, Any]] = {
    "chat.channel_made": ("message-square", "green", _l("%(who)s opened a channel %(name)s")),
    "chat.channel_edited": ("message-square", "grey", _l("%(who)s changed the channel %(name)s")),
    "chat.channel_joined": (
        "user-plus",
        "grey",
        _l("%(person)s came into or left the channel %(name)s, by %(who)s"),
    ),
    "chat.sent": ("message-square", "grey", _l("%(who)s wrote in %(what)s")),
    "chat.edited": ("pencil", "grey", _l("%(who)s changed a message in %(what)s")),
    "chat.deleted": ("trash-2", "amber", _l("%(who)s deleted a message in %(what)s")),
}
