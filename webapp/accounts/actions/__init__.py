"""The only writers of accounts and of the desk's settings. They need an open transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.accounts.actions.people import (
        create_user,
        edit_desk,
        edit_user,
        set_access,
        set_password,
        set_tiles,
        sign_out_everywhere,
    )
else:
    __getattr__ = on_demand(__name__)

__all__ = [
    "create_user",
    "edit_desk",
    "edit_user",
    "set_access",
    "set_password",
    "set_tiles",
    "sign_out_everywhere",
]
