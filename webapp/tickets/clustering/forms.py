"""What people may type about clusters."""

from __future__ import annotations

from flask_babel import gettext
from pydantic import BaseModel, ConfigDict, field_validator

from webapp.tickets.forms import Body, Title
from webapp.tickets.states import STATUSES


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


class AnswerForm(BaseModel):
    """One answer, one status, or both, for all tickets of a cluster."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    body: Body = ""
    status: str = ""

    @field_validator("status", mode="after")
    @classmethod
    def _known(cls, status: str) -> str:
        if status and status not in STATUSES:
            raise ValueError(gettext("Choose one of the statuses."))
        return status
