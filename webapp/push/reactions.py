"""What sign-ins and sign-outs mean for devices."""

from __future__ import annotations

from webapp.accounts.events import DeviceEnded, UserEdited, UserSignedIn, UserSignedOut
from webapp.events.models import Event
from webapp.events.types import SYSTEM, Fact
from webapp.push import actions


def forget_devices(_event: Event, fact: Fact) -> None:
    """Whoever signs out is told nothing there any more; where all sessions ended, nowhere."""
    match fact:
        case UserSignedOut(everywhere=True):
            actions.forget_devices(fact.subject_id, browser=None, actor=SYSTEM)
        case UserSignedOut() | DeviceEnded() if fact.browser:
            actions.forget_devices(fact.subject_id, browser=fact.browser, actor=SYSTEM)
        case UserEdited() if {"role", "active", "password"} & fact.changes.keys():
            # Where the person changed their own password they stay signed in.
            actions.forget_devices(fact.subject_id, browser=None, keep=fact.browser, actor=SYSTEM)


def forget_others(_event: Event, fact: Fact) -> None:
    """The browser is somebody else's now."""
    if isinstance(fact, UserSignedIn) and fact.browser:
        actions.forget_others(fact.browser, than=fact.subject_id)
