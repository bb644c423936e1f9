"""What people do to connections. None commits; each fact is recorded once; the actor is an argument.

Pulling and pushing, which no person does, are in `pull` and `push`.
"""

from __future__ import annotations

from webapp.sync.actions.declaring import edit_declaration
from webapp.sync.actions.problems import ignore_quarantined, map_value, retry_quarantined
from webapp.sync.actions.running import pause, request_sync, resume
from webapp.sync.actions.setup import (
    create_connection,
    edit_connection,
    forget_old_token,
    replace_secret,
)

__all__ = [
    "create_connection",
    "edit_connection",
    "edit_declaration",
    "forget_old_token",
    "ignore_quarantined",
    "map_value",
    "pause",
    "replace_secret",
    "request_sync",
    "resume",
    "retry_quarantined",
]
