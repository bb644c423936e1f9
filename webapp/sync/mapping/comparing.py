"""What a record would change here if it were read now: the pull's own rules, without writing anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from webapp.core.errors import AppError
from webapp.sync import merge
from webapp.sync.connections import Access, decided_values
from webapp.sync.connectors.declaration import Declaration
from webapp.sync.models import Connection, Link
from webapp.sync.pull import deciding
from webapp.sync.pull.opening import scope_of
from webapp.sync.pull.rows import Row, why
from webapp.sync.pull.scope import Scope
from webapp.sync.subjects import Local

CREATE, UPDATE, SAME, SKIP, WRONG = "create", "update", "same", "skip", "wrong"


@dataclass(frozen=True)
class Change:
    """`ours`: what our record says, `theirs`: what it would say. `asks`: a person would be asked."""

    field: str
    ours: Any
    theirs: Any
    asks: bool = False


@dataclass(frozen=True)
class Compared:
    """What one record comes to. `reason`: why it cannot be read, without its values."""

    what: str
    changes: tuple[Change, ...] = ()
    reason: str = ""


def access_by(connection: Connection, declaration: Declaration) -> Access:
    """As access_of, by another declaration and without the token: for payloads that are here."""
    shapes = {shape.name for shape in declaration.shapes}
    return Access(
        declaration=declaration,
        shape=connection.shape if connection.shape in shapes else declaration.shapes[0].name,
        base_url=connection.base_url,
        allow_http=connection.allow_http,
        options=dict(connection.options or {}),
        decided=decided_values(connection.id),
    )


def scope_by(connection: Connection, access: Access) -> Scope:
    return replace(scope_of(connection, access), pushed={})


def compare(scope: Scope, row: Row, link: Link | None, local: Local | None) -> Compared:
    """`link` and `local` are None for a record that is new here."""
    if link is None or local is None:
        return _new(scope, row)
    try:
        remote = scope.subject.canonical(scope.subject.check(row.fields))
    except (ValidationError, AppError, ValueError, TypeError) as error:
        return Compared(WRONG, reason=why(error))
    present = scope.subject.present(local, tuple(remote))
    changes = [
        found
        for field, theirs in remote.items()
        if (
            found := _change(
                scope, row, (link, local), field, ours=present.get(field), theirs=theirs
            )
        )
    ]
    return Compared(UPDATE if changes else SAME, tuple(changes))


def _new(scope: Scope, row: Row) -> Compared:
    if row.withdrawn:
        return Compared(SKIP)
    try:
        scope.new(row.external_id, row.fields)
    except (ValidationError, AppError, ValueError, TypeError) as error:
        return Compared(WRONG, reason=why(error))
    return Compared(CREATE)


def _change(
    scope: Scope, row: Row, pair: tuple[Link, Local], field: str, *, ours: Any, theirs: Any
) -> Change | None:
    link, record = pair
    if field in scope.subject.additive:
        before = link.base.get(field)
        return Change(field, before, theirs) if before != theirs else None
    merged = merge.merge_field(
        base=scope.reads_as(field, link.base.get(field, ours)),
        local=scope.reads_as(field, ours),
        remote=scope.reads_as(field, theirs),
        owner=deciding.owner(scope, record, field, row.updated_at),
        sent=[scope.reads_as(field, each) for each in link.sent_values.get(field, ())],
    )
    asks = merged.conflict and not merged.winner
    return Change(field, ours, theirs, asks) if merged.take or asks else None
