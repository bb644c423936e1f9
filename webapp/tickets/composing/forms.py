"""What people may type where they prepare answers."""

from __future__ import annotations

from typing import Annotated, Literal

from flask_babel import gettext
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from webapp.tickets.composing import placeholders
from webapp.tickets.forms import Body, SubmissionKey
from webapp.tickets.states import STATUSES


def _filled_by_something(text: str) -> str:
    if not text:
        raise ValueError(gettext("Write the reply first."))
    if unknown := placeholders.unknown_in(text):
        raise ValueError(
            gettext(
                "Nothing fills %(unknown)s. There is: %(known)s.",
                unknown=", ".join(f"{{{{ {name} }}}}" for name in unknown),
                known=", ".join(f"{{{{ {name} }}}}" for name in placeholders.KNOWN),
            )
        )
    return text


class ReplyForm(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    name: str = Field(min_length=1, max_length=120)
    body: Annotated[Body, AfterValidator(_filled_by_something)] = ""
    shared: bool = False


class DraftForm(BaseModel):
    """What stands in the composer. A status that is none is left out: it is only kept, not set."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    body: Body = ""
    mode: Literal["answer", "note"] = "answer"
    status: Annotated[str, AfterValidator(lambda text: text if text in STATUSES else "")] = ""
    seen_response_id: Annotated[int, Field(ge=0, lt=2**63)] = 0
    submission_key: SubmissionKey = None
