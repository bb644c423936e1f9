"""What people may type about clusters."""

from __future__ import annotations

from typing import Annotated

from flask_babel import gettext
from pydantic import BaseModel, ConfigDict

from webapp.tickets.forms import Title, given


class ClusterForm(BaseModel):
    """A new one; without a title it gets the oldest ticket's."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    title: Title = ""


class RenameForm(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    title: Annotated[Title, given(lambda: gettext("Give it a title."))] = ""
