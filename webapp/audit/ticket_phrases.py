"""How facts about work on tickets are told, besides the plainest ones (`phrases`)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

TABLE: dict[str, tuple[str, str, Any]] = {
    "ticket.watched": ("eye", "grey", _l("%(name)s watches %(what)s")),
    "ticket.watched.no": ("eye-off", "grey", _l("%(name)s no longer watches %(what)s")),
    "ticket.answer_held": ("hourglass", "grey", _l("%(who)s is about to answer %(what)s")),
    "ticket.answer_called_back": (
        "undo-2",
        "amber",
        _l("%(who)s called an answer to %(what)s back"),
    ),
    "reply.changed": ("reply", "grey", _l("%(who)s changed the saved reply “%(name)s”")),
    "reply.changed.made": ("reply", "green", _l("%(who)s wrote the saved reply “%(name)s”")),
    "reply.changed.removed": ("reply", "amber", _l("%(who)s removed the saved reply “%(name)s”")),
}
