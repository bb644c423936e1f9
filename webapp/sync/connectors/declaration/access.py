"""How one gets in, whose token it is, and the calls that read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from webapp.sync.connectors.declaration.paging import Incremental, Paging
from webapp.sync.connectors.declaration.part import CallPath, Part, Paths

Kind = Literal[
    "unauthorized",
    "forbidden",
    "not_found",
    "gone",
    "rate_limited",
    "conflict",
    "rejected",
    "server",
]


class Auth(Part):
    """`basic` takes a secret written as user:password; `form` puts it into the body of a push."""

    kind: Literal["bearer", "header", "query", "form", "basic", "none"]
    name: str = ""
    prefix: str = ""

    @model_validator(mode="after")
    def _named(self) -> Auth:
        if self.kind in ("header", "query", "form") and not self.name:
            raise ValueError(f"the kind {self.kind} needs a name (of the header or parameter)")
        return self


class Whoami(Part):
    """The call that says whose token it is and what it may do."""

    path: CallPath
    account: Paths
    scopes: str | None = None
    expires_at: str | None = None


class ErrorRule(Part):
    """An error inside a 200: the text at `path` is one of `equals`, or holds `contains`; or is there at all."""

    path: str
    equals: tuple[str, ...] = ()
    contains: str = ""
    kind: Kind
    message: str = ""


class CodeMeaning(Part):
    kind: Kind
    message: str


class ErrorCodes(Part):
    """The upstream's own error codes: where they stand and what they mean."""

    path: Paths
    meanings: dict[str, CodeMeaning]


class ListCall(Part):
    path: CallPath
    params: dict[str, str] = Field(default_factory=dict)
    items: Paths  # "" is the whole answer; the first path that leads to a list is taken
    paging: tuple[Paging, ...] = Field(min_length=1)
    incremental: tuple[Incremental, ...] = Field(min_length=1)
    total: str | None = None
    etag: bool = False

    @model_validator(mode="after")
    def _one_is_certain(self) -> ListCall:
        for name, options in (("paging", self.paging), ("incremental", self.incremental)):
            if all(option.prove for option in options):
                raise ValueError(
                    f"{name} needs one entry without `prove`, used when none is proved"
                )
        return self


class GetCall(Part):
    """How one record is read. `among`: the answer lists several, and the one with the id is taken."""

    path: CallPath  # holds {id}, unless the record stands `among` others
    among: bool = False
    params: dict[str, str] = Field(default_factory=dict)
    item: Paths = ("",)
