"""How facts about work on tickets are told, besides the plainest ones (`phrases`)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

TABLE: dict[str, tuple[str, str, Any]] = {
    "ticket.watched": ("eye", "grey", _l("%(name)s watches %(what)s")),
    "ticket.watched.no": ("eye-off", "grey", _l("%(name)s no longer watches %(what)s")),
    "ticket.routed": (
        "route",
        "blue",
        _l("Rule %(rule)s handed %(what)s to %(team)s %(assignee)s"),
    ),
    "ticket.merged": ("layers", "purple", _l("%(who)s merged %(what)s into %(other_ref)s")),
    "ticket.merged.no": ("undo-2", "amber", _l("%(who)s took %(what)s out of %(other_ref)s again")),
    "ticket.took_in": ("layers", "purple", _l("%(what)s stands for %(other_ref)s, too")),
    "ticket.took_in.no": ("undo-2", "amber", _l("%(what)s no longer stands for %(other_ref)s")),
    "ticket.related": ("link", "blue", _l("%(who)s linked %(what)s with %(other_ref)s")),
    "ticket.related.no": ("link", "grey", _l("%(who)s took %(what)s and %(other_ref)s apart")),
    "ticket.checklist_changed": (
        "list",
        "grey",
        _l("%(who)s changed the checklist of %(what)s: “%(text)s”"),
    ),
    "ticket.checklist_changed.done": ("check", "green", _l("%(who)s did “%(text)s” of %(what)s")),
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
