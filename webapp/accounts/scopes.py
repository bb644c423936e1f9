"""What a personal token may do, at most; its person's role decides the rest. Pure."""

from __future__ import annotations

from collections.abc import Collection

from webapp.accounts.roles import Permission

READ, WRITE, ADMIN = "read", "write", "admin"
SCOPES = (READ, WRITE, ADMIN)

# Without the scope `admin` a token holds none of these, whoever made it.
MANAGING = frozenset(
    {
        Permission.SYNC_MANAGE,
        Permission.OUTBOX_MANAGE,
        Permission.AUDIT_SEE,
        Permission.DESK_MANAGE,
        Permission.VIEWS_SHARE,
    }
)
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def needed_for(method: str) -> str:
    return READ if method in _READING else WRITE


def withheld(scopes: Collection[str]) -> frozenset[Permission]:
    return frozenset() if ADMIN in scopes else MANAGING
