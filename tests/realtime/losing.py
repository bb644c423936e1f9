"""How somebody loses a right while their page is open: whatever answers before Flask must notice each way."""

from __future__ import annotations

from webapp.accounts import actions as accounts
from webapp.accounts.actions import devices
from webapp.accounts.models import User
from webapp.accounts.queries import devices_of
from webapp.events.types import Actor

WAYS = ("role", "password", "deactivated", "device", "everywhere")


def lose(person: User, how: str, *, admin: Actor) -> None:
    """Needs an open transaction."""
    if how == "role":
        accounts.edit_user(person, role="reporter", actor=admin)
    elif how == "password":
        accounts.set_password(person, password="another long password", actor=admin)
    elif how == "deactivated":
        accounts.edit_user(person, active=False, actor=admin)
    elif how == "device":
        devices.end(person, devices_of(person)[0], actor=person.actor)
    else:
        assert how == "everywhere"
        accounts.sign_out_everywhere(person, actor=person.actor)
