"""A call that carries a change of ours to the upstream."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from webapp.sync.connectors.declaration.access import Auth
from webapp.sync.connectors.declaration.part import CallPath, Name, Part, Paths


class Duplicate(Part):
    """An answer that means: this had been done before. It counts as success."""

    status: int = Field(ge=200, le=599)
    contains: str = ""


class PushCall(Part):
    """Templates hold {id}, {parent}, {version}, {idempotency_key}, the options and the pushed values by name.

    A template that is nothing but one placeholder keeps the value's type ({id:int}: as a whole number), and is left
    out where there is no value. `idempotent`: repeating it is harmless, no reading first. `coalesce`: changes that
    have not been tried yet become one, the last; without it each goes its own way, as it was when it was made.
    `again`: what a pull shows to differ from ours is sent once more; without it only what people do is sent.
    """

    title: str
    # The local fields that it carries: it is sent when one of them changes. A field has one call at most.
    fields: tuple[Name, ...] = Field(min_length=1)
    # Fields whose values it needs besides, and that do not make it leave.
    along: tuple[Name, ...] = ()
    # The fields by which their record is known to hold our change already; empty: all that it carries.
    confirmed_by: tuple[Name, ...] = ()
    method: Literal["POST", "PUT", "PATCH", "DELETE"]
    path: CallPath
    params: dict[str, str] = Field(default_factory=dict)
    headers: dict[str, str] = Field(default_factory=dict)
    encoding: Literal["json", "form"] = "json"
    body: dict[str, Any] = Field(default_factory=dict)
    values: dict[str, Name] = Field(
        default_factory=dict
    )  # local field → the value map that translates it
    auth: Auth | None = None  # where it differs from the reading calls
    success: tuple[int, ...] = ()  # empty: any 2xx
    duplicate: tuple[Duplicate, ...] = ()
    idempotent: bool = False
    coalesce: bool = True
    again: bool = True
    answer: Paths | None = None  # where the answer holds the changed record
    scope: str | None = None
    needs_secret: bool = False
    extension: bool = False  # not part of the standard that this connector speaks
