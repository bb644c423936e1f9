"""What happened to people's accounts, as sentences; see `phrases`."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l

TABLE: dict[str, tuple[str, str, Any]] = {
    "user.created": (
        "user-plus",
        "green",
        _l("%(who)s created an account for %(what)s (%(role)s)"),
    ),
    "user.edited": ("pencil", "blue", _l("%(who)s changed the account of %(what)s")),
    "user.edited.self": ("pencil", "blue", _l("%(who)s changed their own account")),
    "user.signed_in": ("user-check", "grey", _l("%(who)s signed in")),
    "user.signed_out": ("log-out", "grey", _l("%(who)s signed out")),
    "user.signed_out.everywhere": ("log-out", "grey", _l("All sessions of %(what)s were ended")),
    "user.device_ended": ("log-out", "grey", _l("%(who)s signed out a device: %(device)s")),
    "user.refresh_token_reused": (
        "triangle-alert",
        "red",
        _l("A device of %(what)s was signed out, as its token came twice: %(device)s"),
    ),
    "user.sign_in_slowed": (
        "shield",
        "amber",
        _l("Signing in as %(what)s was slowed down by %(seconds)s s after wrong passwords"),
    ),
}
