"""How facts about work on tickets are told, besides the plainest ones (`phrases`)."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

TABLE: dict[str, tuple[str, str, Any]] = {
    "reply.changed": ("reply", "grey", _l("%(who)s changed the saved reply “%(name)s”")),
    "reply.changed.made": ("reply", "green", _l("%(who)s wrote the saved reply “%(name)s”")),
    "reply.changed.removed": ("reply", "amber", _l("%(who)s removed the saved reply “%(name)s”")),
}
