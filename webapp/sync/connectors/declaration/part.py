"""What all parts of a declaration have in common: nothing is guessed, nothing unknown is let through."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Part(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", populate_by_name=True)


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


# One path may be written without the brackets of a list.
Paths = Annotated[tuple[str, ...], BeforeValidator(_as_tuple), Field(min_length=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
CallPath = Annotated[str, Field(pattern=r"^/[^\s?#]*$", description="a path that begins with /")]
