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
    "user.token_made": (
        "key-round",
        "blue",
        _l("%(who)s made a personal token: %(name)s …%(last4)s (%(scopes)s)"),
    ),
    "user.token_revoked": (
        "key-round",
        "grey",
        _l("%(who)s revoked a personal token: %(name)s …%(last4)s"),
    ),
    "user.second_factor_set": ("shield", "green", _l("%(who)s set up a second factor")),
    "user.second_factor_removed": (
        "shield",
        "amber",
        _l("%(who)s removed the second factor of %(what)s"),
    ),
    "user.recovery_codes_made": ("shield", "blue", _l("%(who)s made new recovery codes")),
    "user.recovery_code_used": (
        "shield",
        "amber",
        _l("%(who)s signed in with a recovery code (left: %(left)s)"),
    ),
    "user.invitation_sent": ("mail", "blue", _l("%(who)s invited %(email)s (%(role)s)")),
    "user.invitation_withdrawn": (
        "mail",
        "grey",
        _l("%(who)s withdrew the invitation of %(email)s"),
    ),
    "user.joined": ("user-plus", "green", _l("%(who)s joined, by the link that was mailed")),
    "user.password_reset_asked": (
        "key-round",
        "grey",
        _l("A link for a new password was mailed to %(what)s"),
    ),
    "user.sign_in_slowed": (
        "shield",
        "amber",
        _l("Signing in as %(what)s was slowed down by %(seconds)s s after wrong passwords"),
    ),
}
