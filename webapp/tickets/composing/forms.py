"""What people may type where they prepare answers."""

from __future__ import annotations

from typing import Annotated

from flask_babel import gettext
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from webapp.tickets.composing import placeholders
from webapp.tickets.forms import Body


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
