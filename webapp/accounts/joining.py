"""Who may come in by themselves, and how long a link in a mail is good. Pure."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

CLOSED, INVITED, DOMAINS, OPEN = "closed", "invited", "domains", "open"
WAYS = (CLOSED, INVITED, DOMAINS, OPEN)  # of joining

INVITE, SIGNUP, RESET = "invite", "signup", "reset"
LASTS = {INVITE: timedelta(days=7), SIGNUP: timedelta(days=1), RESET: timedelta(hours=1)}
MOST_AN_HOUR = 5  # mails of one kind to one address


def may_sign_up(way: str, domains: Collection[str], domain: str) -> bool:
    """Whether somebody with an address at `domain` may ask for an account."""
    return way == OPEN or (way == DOMAINS and domain in domains)


def takes_invitations(way: str) -> bool:
    return way != CLOSED
