"""Who may call the demo MyNaga. These tokens open nothing but an invented city on this machine."""

from dataclasses import dataclass
from datetime import UTC, datetime

READ, WRITE = "reports:read", "reports:write"
FULL_TOKEN = "mynaga-demo-desk-7f3a"


@dataclass(frozen=True)
class Account:
    """The holder of a token: what it may do, until when, and whether it was taken back."""

    name: str
    scopes: tuple[str, ...]
    expires: datetime | None = None
    revoked: bool = False


def demo_accounts() -> dict[str, Account]:
    """Token → account, one for each thing that can be wrong with a token."""
    past = datetime(2026, 1, 31, 16, 0, tzinfo=UTC)
    return {
        FULL_TOKEN: Account("Naga City Demo Desk", (READ, WRITE)),
        "mynaga-demo-reader-52c1": Account("Barangay Observer (reads only)", (READ,)),
        "mynaga-demo-nothing-90be": Account("Newly Registered Office", ()),
        "mynaga-demo-expired-11d8": Account("Retired Desk", (READ, WRITE), expires=past),
        "mynaga-demo-revoked-e04f": Account("Former Contractor", (READ, WRITE), revoked=True),
    }
