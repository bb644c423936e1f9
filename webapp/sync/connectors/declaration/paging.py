"""How a list is walked through, and how only what changed is asked for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from webapp.sync.connectors.declaration.part import Part, Paths

TimeFormat = Literal["iso", "iso_z", "date", "epoch", "epoch_ms"]


class _Proved(Part):
    # Used only after the probe has found that this server honours it.
    prove: bool = False


class NoPaging(_Proved):
    kind: Literal["none"]


class _Sized(_Proved):
    size_param: str | None = None
    size: int = Field(100, ge=1, le=1000)


class CursorPaging(_Sized):
    kind: Literal["cursor"]
    param: str
    next: Paths
    required: bool = False  # an answer without it is an error, not the end


class NumberPaging(_Sized):
    kind: Literal["page_number"]
    param: str = "page"
    first: int = Field(1, ge=0)
    # A page may hold fewer records than asked for and not be the last, unless the declaration says so.
    ends: Literal["empty", "short"] = "empty"


class OffsetPaging(_Sized):
    kind: Literal["offset"]
    param: str = "offset"
    ends: Literal["empty", "short"] = "empty"


class LinkPaging(_Sized):
    """`next`: where the body holds the next address; without it the Link header is read."""

    kind: Literal["link"]
    next: Paths | None = None


class WindowPaging(_Proved):
    """Slices of time, halved when one is saturated (holds exactly as many records as a known cap)."""

    kind: Literal["window"]
    from_param: str
    to_param: str
    format: TimeFormat = "iso_z"
    first_days: float = Field(7, gt=0)
    max_days: float = Field(90, gt=0)
    min_seconds: int = Field(1, ge=1)
    saturated_at: tuple[int, ...] = (20, 25, 50, 100, 200, 500, 1000)
    earliest: str = "2010-01-01"


Paging = Annotated[
    NoPaging | CursorPaging | NumberPaging | OffsetPaging | LinkPaging | WindowPaging,
    Field(discriminator="kind"),
]


class UpdatedSince(_Proved):
    """The server filters by update time, inclusive."""

    kind: Literal["updated_since"]
    param: str
    format: TimeFormat = "iso_z"


class CreatedWindow(_Proved):
    """The server filters by creation time only: new records by window, open ones asked for again.

    `repoll`: `ids` asks for them by id, `window` widens the window back to the oldest open one.
    """

    kind: Literal["created_window"]
    from_param: str
    to_param: str | None = None
    format: TimeFormat = "iso_z"
    max_days: float | None = Field(None, gt=0)
    repoll: Literal["ids", "window"] = "ids"
    id_param: str | None = None
    batch: int = Field(50, ge=1, le=500)


class FullList(_Proved):
    kind: Literal["full"]


Incremental = Annotated[UpdatedSince | CreatedWindow | FullList, Field(discriminator="kind")]
