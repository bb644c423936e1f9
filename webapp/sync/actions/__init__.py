"""What people do to connections. None commits; each fact is recorded once; the actor is an argument.

Pulling and pushing, which no person does, are in `pull` and `push`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.sync.actions.choosing import decide_conflict
    from webapp.sync.actions.declaring import edit_declaration
    from webapp.sync.actions.owning import set_owner
    from webapp.sync.actions.problems import (
        ignore_quarantined,
        map_value,
        quarantine_step,
        readmit,
        retry_in_background,
        retry_quarantined,
        undecided,
    )
    from webapp.sync.actions.running import pause, request_reread, request_sync, resume
    from webapp.sync.actions.sending import push_now
    from webapp.sync.actions.setup import (
        create_connection,
        edit_connection,
        forget_old_token,
        replace_secret,
    )
    from webapp.sync.actions.unlinking import look_again, unlink
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "create_connection",
    "decide_conflict",
    "edit_connection",
    "edit_declaration",
    "forget_old_token",
    "ignore_quarantined",
    "look_again",
    "map_value",
    "pause",
    "push_now",
    "quarantine_step",
    "readmit",
    "replace_secret",
    "request_reread",
    "request_sync",
    "resume",
    "retry_in_background",
    "retry_quarantined",
    "set_owner",
    "undecided",
    "unlink",
]
