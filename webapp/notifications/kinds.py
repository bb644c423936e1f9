"""What news there are, on which ways they may come, and what is on where nobody has chosen. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.accounts.roles import Permission, permissions_of

# Ways on which news come. `app`: the bell, and a toast as it arrives.
APP, MAIL, PUSH, SOUND = "app", "mail", "push", "sound"
CHANNELS = (APP, MAIL, PUSH, SOUND)

CHANNEL_WORDS: dict[str, Any] = {
    APP: _l("In the app"),
    MAIL: _l("E-mail"),
    PUSH: _l("Push"),
    SOUND: _l("Sound"),
}

(NEW, UPDATED, RESPONSE, MENTION, ASSIGNMENT, REMINDER, INCIDENT, SYSTEM, ACHIEVEMENT, MILESTONE, SOCIAL) = (
    "new", "updated", "response", "mention", "assignment", "reminder", "incident", "system",
    "achievement", "milestone", "social",
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    """`usual`: the ways that are on by default. `needs`: who cannot get it is not asked about it.

    `personal`: it names its reader, so that muting the thing does not silence it. `days`: it vanishes after so many.
    `gathers`: its mails never go one by one.
    """

    name: str
    words: Any
    about: Any
    icon: str
    usual: frozenset[str]
    needs: Permission | None = None
    personal: bool = False
    days: int = 30
    gathers: bool = False

    @property
    def kept(self) -> timedelta:
        return timedelta(days=self.days)


_TICKETS = Permission.TICKETS_SEE
_ALL = frozenset({APP, MAIL, PUSH})
_HERE = frozenset({APP})

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(NEW, _l("New tickets"), _l("Somebody reported something."), "plus", _HERE, _TICKETS),
        Kind(
            UPDATED,
            _l("Changed tickets"),
            _l("A ticket has another status."),
            "refresh-cw",
            _HERE,
        ),
        Kind(
            RESPONSE,
            _l("Responses"),
            _l("Somebody answered, or a reporter wrote."),
            "message-circle",
            frozenset({APP, MAIL}),
        ),
        Kind(
            MENTION,
            _l("Mentions"),
            _l("A colleague named you in a note."),
            "megaphone",
            _ALL,
            _TICKETS,
            personal=True,
        ),
        Kind(
            ASSIGNMENT,
            _l("Assignments"),
            _l("A ticket or a job was given to you."),
            "user-check",
            _ALL,
            personal=True,
        ),
        Kind(
            REMINDER,
            _l("Reminders"),
            _l("A deadline is near or was missed, or a reminder is due."),
            "clock",
            _ALL,
            personal=True,
            gathers=True,
        ),
        Kind(
            INCIDENT,
            _l("Trouble with syncs and deliveries"),
            _l("A connection fails or works again, something could not be sent."),
            "triangle-alert",
            frozenset({APP, MAIL}),
            Permission.SYNC_MANAGE,
            days=90,
        ),
        Kind(
            SYSTEM,
            _l("From the desk itself"),
            _l("Your role changed, an import is done."),
            "settings",
            _HERE,
            days=90,
        ),
        Kind(
            ACHIEVEMENT,
            _l("Achievements"),
            _l("You reached something."),
            "trending-up",
            _HERE,
            days=365,
        ),
        Kind(
            MILESTONE,
            _l("Milestones"),
            _l("A goal was passed on the way."),
            "compass",
            _HERE,
            days=365,
        ),
        Kind(SOCIAL, _l("From people"), _l("Somebody reacts to you."), "users", _HERE),
    )
}


def kinds_of(role: str) -> list[Kind]:
    """What somebody with this role can be told of."""
    held = permissions_of(role)
    return [kind for kind in KINDS.values() if kind.needs is None or kind.needs in held]


def usual_of(role: str, choices: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """kind → ways of a role; `choices` is what an admin chose for it."""
    return {kind.name: _chosen(choices.get(kind.name), kind.usual) for kind in kinds_of(role)}


def wanted_by(
    role: str, usual: Mapping[str, Any], own: Mapping[str, Any]
) -> dict[str, frozenset[str]]:
    """kind → ways of a person: their own choice, else that of their role."""
    return {
        name: _chosen(own.get(name), channels) for name, channels in usual_of(role, usual).items()
    }


def _chosen(choice: Any, otherwise: frozenset[str]) -> frozenset[str]:
    if not isinstance(choice, list):
        return otherwise
    return frozenset(channel for channel in choice if channel in CHANNELS)
