"""Changing how a connection reads and writes: its own declaration instead of the one built in for its kind.

Each saved declaration is a version with its diff; going back to one saves it once more.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.core import clock, db
from webapp.core.errors import Invalid, NotFound
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.sync.actions.running import due_now
from webapp.sync.connections import shape_of
from webapp.sync.connectors import registry
from webapp.sync.connectors.declaration import Declaration, parse
from webapp.sync.connectors.mapping import compile_mapping
from webapp.sync.connectors.registry import declaration_for
from webapp.sync.connectors.values import inward
from webapp.sync.events import MappingSaved
from webapp.sync.mapping import document
from webapp.sync.mapping.models import DeclarationVersion
from webapp.sync.models import Connection, ValueMap
from webapp.sync.values import kind_of

# The text as it was written; a declaration leaves keys that begin with x- alone.
SOURCE = "x-source"
LONGEST_DIFF = 20_000  # characters, in the audit trail

# What happens to what is here already, once a declaration is saved.
REREAD, APPLY, LATER = "reread", "apply", "later"


def read_declaration(text: str) -> Declaration:
    """The declaration that somebody typed. Raises Invalid with the field `declaration`."""
    try:
        found = parse(text)
        for shape in found.shapes:
            compile_mapping(found, shape)
    except Invalid as error:
        words = error.message
        raise Invalid(words, fields={"declaration": words}) from None
    except ValueError as error:  # a path that is none
        words = gettext("The declaration is not right. %(said)s", said=str(error))
        raise Invalid(words, fields={"declaration": words}) from None
    return found


def edit_declaration(
    connection: Connection,
    *,
    text: str,
    actor: Actor,
    plan: Mapping[str, Any] | None = None,
    how: str = "edited",
    source_n: int | None = None,
    based_on: int | None = None,
    then: str = REREAD,
    absorbs: Collection[tuple[str, str]] = (),
) -> DeclarationVersion | None:
    """Read and write by `text` from now on; the built-in text takes the connection back to its kind's.

    `plan`: what a test of this very text found out. `based_on`: the version that the person saw (0 before the
    first). `absorbs`: (field, their value) pairs decided at this desk that stand in `text` now, or no more.
    `then`: `reread` fetches everything anew, since the same record may now mean something else.
    None when nothing differs. Raises Invalid.
    """
    declaration = read_declaration(text)
    old = source_of(connection)
    if same_text(text, old):
        return None
    newest = newest_version(connection.id)
    _check_seen(based_on, newest)
    is_built_in = same_text(text, registry.source(connection.kind))
    _keep_plan(connection, declaration, plan)
    connection.declaration = None if is_built_in else stored(declaration, text)
    if connection.shape not in {shape.name for shape in declaration.shapes}:
        connection.shape = declaration.shapes[0].name
    if then == REREAD:
        connection.cursor, connection.watermark = {}, None
        if connection.state in ("active", "degraded"):
            due_now(connection)
    db.session().flush()
    _forget_mapped(connection, declaration, absorbs=absorbs)
    version = _keep_version(
        connection, old, text, newest=newest, how=how, source_n=source_n, by=actor.name
    )
    fact = MappingSaved(
        subject_id=connection.id,
        name=connection.name,
        number=version.n,
        how=how,
        diff=version.diff[:LONGEST_DIFF],
    )
    record(fact, actor=actor)
    return version


def _check_seen(based_on: int | None, newest: int) -> None:
    if based_on is not None and based_on != newest:
        words = gettext("Somebody else has saved the mapping meanwhile. Load the page anew.")
        raise Invalid(words, fields={"": words})


def roll_back(connection: Connection, *, n: int, actor: Actor, then: str = REREAD) -> int:
    """Read and write by an earlier version again; gives the number of the new one. Raises NotFound."""
    version = version_of(connection.id, n)
    made = edit_declaration(
        connection, text=version.text, actor=actor, how="rolled_back", source_n=n, then=then
    )
    return made.n if made else newest_version(connection.id)


def version_of(connection_id: int, n: int) -> DeclarationVersion:
    """Raises NotFound."""
    found = db.session().scalar(
        select(DeclarationVersion).where(
            DeclarationVersion.connection_id == connection_id, DeclarationVersion.n == n
        )
    )
    if found is None:
        raise NotFound(gettext("There is no such version of the mapping."))
    return found


def newest_version(connection_id: int) -> int:
    """0 where the mapping was never changed."""
    query = select(func.max(DeclarationVersion.n)).where(
        DeclarationVersion.connection_id == connection_id
    )
    return db.session().scalar(query) or 0


def source_of(connection: Connection) -> str:
    """The declaration in use, as text."""
    if connection.declaration:
        return str(connection.declaration.get(SOURCE, ""))
    return registry.source(connection.kind)


def stored(declaration: Declaration, text: str) -> dict[str, Any]:
    """What is kept of a declaration: plain JSON that reads back as the same, and its text."""
    return {**declaration.model_dump(mode="json", by_alias=True, exclude_none=True), SOURCE: text}


def same_text(one: str, other: str) -> bool:
    return _tidy(one) == _tidy(other)


def diff_of(old: str, new: str) -> str:
    """What changed, line by line, as `diff -u` writes it.

    Both laid out alike, so that the form's way of writing is no difference; as they are written where no more
    than that has changed.
    """
    return _lines_between(_laid_out(old), _laid_out(new)) or _lines_between(old, new)


def _lines_between(old: str, new: str) -> str:
    lines = difflib.unified_diff(_tidy(old).splitlines(), _tidy(new).splitlines(), lineterm="", n=2)
    return "\n".join(list(lines)[2:])  # without the names of two files that are none


def _laid_out(text: str) -> str:
    try:
        return document.laid_out(parse(text))
    except Invalid:  # saved by an older desk
        return text


def _keep_version(
    connection: Connection,
    old: str,
    text: str,
    *,
    newest: int,
    how: str,
    source_n: int | None,
    by: str,
) -> DeclarationVersion:
    """The new version; at the first change, what was before it becomes a version, too."""
    if newest == 0:
        first = DeclarationVersion(
            connection_id=connection.id,
            n=1,
            text=_tidy(old),
            how="built_in",
            by="",
            at=connection.created_at,
        )
        db.session().add(first)
        newest = 1
    version = DeclarationVersion(
        connection_id=connection.id,
        n=newest + 1,
        text=_tidy(text),
        diff=diff_of(old, text),
        how=how,
        source_n=source_n,
        by=by,
        at=clock.now(),
    )
    db.session().add(version)
    db.session().flush()
    return version


def _keep_plan(
    connection: Connection, declaration: Declaration, plan: Mapping[str, Any] | None
) -> None:
    """What a test found out stays as long as the ways to choose from are the same."""
    options = connection.options or {}
    present = options.get("plan")
    if plan is None and present is not None:
        before = declaration_for(connection.kind, connection.declaration)
        name = str(present.get("shape", ""))
        plan = present if _ways(before, name) == _ways(declaration, name) else None
    kept = {name: value for name, value in options.items() if name != "plan"}
    connection.options = kept | ({"plan": dict(plan)} if plan else {})


def _ways(declaration: Declaration, name: str) -> Any:
    """What a plan chooses from."""
    try:
        shape = declaration.shape(name)
    except KeyError:
        return None
    return shape.auth, shape.list.paging, shape.list.incremental


def _forget_mapped(
    connection: Connection, declaration: Declaration, *, absorbs: Collection[tuple[str, str]]
) -> None:
    """Values that were waiting to be mapped and that the declaration knows now; and those it has taken over."""
    rows = db.session().scalars(select(ValueMap).where(ValueMap.connection_id == connection.id))
    for row in rows:
        if (row.field, row.upstream) in absorbs:
            db.session().delete(row)
        if row.local is not None:
            continue
        kind, field = kind_of(row.field)
        own = declaration.of_kind(kind) if kind else declaration
        shape = shape_of(own, connection.shape, connection.options or {})
        rule = shape.fields.get(field)
        if rule is None or rule.values is None:
            continue
        if inward(shape.values[rule.values], {})(row.upstream) is not None:
            db.session().delete(row)
    db.session().flush()


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip() + "\n"
