"""A declaration tried on the latest records that are stored, without saving anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from webapp.core import clock, db
from webapp.core.errors import AppError
from webapp.sync.connectors.declaration import Declaration
from webapp.sync.connectors.mapping import CompiledMapping
from webapp.sync.mapping.comparing import WRONG, Compared, access_by, compare, scope_by
from webapp.sync.models import Connection, Link, Quarantine
from webapp.sync.pull.rows import read
from webapp.sync.pull.scope import Scope
from webapp.sync.subjects import Local

LATEST = 20  # linked records
TROUBLED = 5  # records that could not be read so far


@dataclass(frozen=True)
class Tried:
    """One stored record by the draft: `fields` as ours would get them; `ref` of the present one."""

    external_id: str
    payload: Any
    fields: Mapping[str, Any]
    unmapped: Sequence[tuple[str, str]]
    compared: Compared
    ref: str = ""


@dataclass(frozen=True)
class Preview:
    records: tuple[Tried, ...]

    @property
    def counts(self) -> dict[str, int]:
        return dict(Counter(each.compared.what for each in self.records))

    @property
    def reasons(self) -> list[tuple[str, int]]:
        found = Counter(e.compared.reason for e in self.records if e.compared.what == WRONG)
        return found.most_common()

    @property
    def unmapped(self) -> list[tuple[str, str]]:
        return list(dict.fromkeys(pair for each in self.records for pair in each.unmapped))


def preview(
    connection: Connection, declaration: Declaration, *, kind: str = "", problem: int | None = None
) -> Preview:
    """The records of one kind. `problem`: the entry that the person came for, shown before all others. Raises Invalid
    for a time zone that is none."""
    access = access_by(connection, declaration).of_kind(kind or declaration.record)
    scope, mapping = scope_by(connection, access), access.mapping()
    known = [
        _tried(scope, mapping, link.payload, link=link, local=local, name=link.external_id)
        for link, local in _latest(scope)
    ]
    entries = _troubled(scope)
    first = db.session().get(Quarantine, problem) if problem else None
    if first is not None and (first.connection_id, first.kind) == (connection.id, scope.kind):
        entries = [first, *(entry for entry in entries if entry.id != first.id)]
    troubled = [_tried(scope, mapping, entry.payload, name=entry.external_id) for entry in entries]
    together = (*troubled, *known) if problem else (*known, *troubled)
    return Preview(together)


def preview_of(payloads: Sequence[Any], mapping: CompiledMapping, scope: Scope) -> Preview:
    """The same for records of a sample, of which nothing is here yet."""
    found = [
        _tried(scope, mapping, payload, name=mapping.find_id(payload) or f"{n}.")
        for n, payload in enumerate(payloads[:LATEST], start=1)
    ]
    return Preview(tuple(found))


def _tried(
    scope: Scope,
    mapping: CompiledMapping,
    payload: Any,
    *,
    name: str,
    link: Link | None = None,
    local: Local | None = None,
) -> Tried:
    reading = read([payload], mapping, now=clock.now())
    if not reading.rows:
        reason = reading.bad[0].reason if reading.bad else ""
        return Tried(name, payload, {}, (), Compared(WRONG, reason=reason), _ref(scope, local))
    row = reading.rows[0]
    try:
        compared = compare(scope, row, link, local)
    except AppError as error:
        compared = Compared(WRONG, reason=error.message)
    return Tried(name, payload, row.fields, row.unmapped, compared, _ref(scope, local))


def _ref(scope: Scope, local: Local | None) -> str:
    return scope.subject.face(local).ref if local is not None else ""


def _latest(scope: Scope) -> Sequence[tuple[Link, Local]]:
    found = db.session().scalars(
        select(Link)
        .where(
            Link.connection_id == scope.connection_id,
            Link.kind == scope.kind,
            Link.payload.is_not(None),
        )
        .order_by(Link.applied_fetch_seq.desc(), Link.id.desc())
        .limit(LATEST)
    )
    links = [link for link in found if link.payload]
    locals_ = scope.subject.load([link.local_id for link in links])
    return [(link, locals_[link.local_id]) for link in links if link.local_id in locals_]


def _troubled(scope: Scope) -> Sequence[Quarantine]:
    query = (
        select(Quarantine)
        .where(
            Quarantine.connection_id == scope.connection_id,
            Quarantine.kind == scope.kind,
            Quarantine.state == "open",
        )
        .order_by(Quarantine.last_seen_at.desc(), Quarantine.id.desc())
        .limit(TROUBLED)
    )
    return db.session().scalars(query).all()
