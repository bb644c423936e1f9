"""The only writers of accounts and of the desk's settings. They need an open transaction."""

from webapp.accounts.actions.people import (
    create_user,
    edit_desk,
    edit_user,
    set_access,
    set_password,
    set_tiles,
    sign_out_everywhere,
)

__all__ = [
    "create_user",
    "edit_desk",
    "edit_user",
    "set_access",
    "set_password",
    "set_tiles",
    "sign_out_everywhere",
]
