"""Changing how a connection reads and writes: its own declaration instead of the one built in for its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from webapp.core import db
from webapp.core.errors import Invalid
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.sync.actions.running import due_now
from webapp.sync.connectors import registry
from webapp.sync.connectors.declaration import Declaration, parse
from webapp.sync.events import ConnectionEdited
from webapp.sync.models import Connection

SOURCE = (
    "x-source"  # the text as it was written; a declaration leaves keys that begin with x- alone
)


def read_declaration(text: str) -> Declaration:
    """The declaration that somebody typed. Raises Invalid with the field `declaration`."""
    try:
        return parse(text)
    except Invalid as error:
        words = error.message
        raise Invalid(words, fields={"declaration": words}) from None


def edit_declaration(
    connection: Connection, *, text: str, actor: Actor, plan: Mapping[str, Any] | None = None
) -> None:
    """Read and write by `text` from now on; the built-in text takes the connection back to its kind's.

    Everything is read anew, since the same record may now mean something else. `plan`: what a test of this
    very text found out. Raises Invalid.
    """
    declaration = read_declaration(text)
    old = source_of(connection)
    if _same(text, old):
        return
    built_in = _same(text, registry.source(connection.kind))
    connection.declaration = None if built_in else stored(declaration, text)
    if connection.shape not in {shape.name for shape in declaration.shapes}:
        connection.shape = declaration.shapes[0].name
    kept = {name: value for name, value in connection.options.items() if name != "plan"}
    connection.options = kept | ({"plan": dict(plan)} if plan else {})
    connection.cursor, connection.watermark = {}, None
    if connection.state in ("active", "degraded"):
        due_now(connection)
    db.session().flush()
    words = gettext("the built-in one") if built_in else gettext("edited")
    fact = ConnectionEdited(
        subject_id=connection.id, name=connection.name, changes={"declaration": ["", words]}
    )
    record(fact, actor=actor)


def source_of(connection: Connection) -> str:
    """The declaration in use, as text."""
    if connection.declaration:
        return str(connection.declaration.get(SOURCE, ""))
    return registry.source(connection.kind)


def stored(declaration: Declaration, text: str) -> dict[str, Any]:
    """What is kept of a declaration: plain JSON that reads back as the same, and its text."""
    return {**declaration.model_dump(mode="json", by_alias=True, exclude_none=True), SOURCE: text}


def _same(one: str, other: str) -> bool:
    return one.replace("\r\n", "\n").strip() == other.strip()
