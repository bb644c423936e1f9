"""What people may type about clusters."""

from __future__ import annotations

from flask_babel import gettext
from pydantic import BaseModel, ConfigDict, field_validator

from webapp.tickets.forms import Title


class ClusterForm(BaseModel):
    """A new one; without a title it gets the oldest ticket's."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    title: Title = ""


class RenameForm(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    title: Title = ""

    @field_validator("title", mode="after")
    @classmethod
    def _given(cls, title: str) -> str:
        if not title:
            raise ValueError(gettext("Give it a title."))
        return title
