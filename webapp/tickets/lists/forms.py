"""What people may type about saved views."""

from __future__ import annotations

from typing import Annotated

from flask_babel import gettext
from pydantic import AfterValidator, BaseModel, ConfigDict

from webapp.accounts.roles import ROLES, STAFF
from webapp.tickets.texts import clean_line

LONGEST_NAME = 80


def _name(value: str) -> str:
    value = clean_line(value)
    if not value:
        raise ValueError(gettext("Give it a name."))
    if len(value) > LONGEST_NAME:
        raise ValueError(
            gettext("This is too long: at most %(most)s characters.", most=LONGEST_NAME)
        )
    return value


def roles_with_lists() -> list[str]:
    """Roles that see tickets, so that a list can be their first."""
    return [role for role, permissions in ROLES.items() if STAFF in permissions]


def _role(value: str) -> str:
    if value and value not in roles_with_lists():
        raise ValueError(gettext("Please choose one of the list."))
    return value


class ViewForm(BaseModel):
    """`role`: whose first list it is; "" for nobody's."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    name: Annotated[str, AfterValidator(_name)] = ""
    shared: bool = False
    role: Annotated[str, AfterValidator(_role)] = ""
