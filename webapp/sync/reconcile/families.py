"""What belongs to a record beside ours: bulletins of a bordereau, inside its record or at a place of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import astuple, replace
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from webapp.core import db
from webapp.sync.connections import Access, Sleep, shape_of
from webapp.sync.connectors.mapping import CompiledMapping
from webapp.sync.connectors.paths import read
from webapp.sync.models import Connection, Link
from webapp.sync.pull import children
from webapp.sync.pull.children import Family
from webapp.sync.pull.scope import Scope
from webapp.sync.reconcile.models import OPEN
from webapp.sync.reconcile.noting import Asked, Tally, note


def apart(access: Access) -> tuple[str, ...]:
    """The kinds that stand at a place of their own."""
    shape = shape_of(access.declaration, access.shape, access.options)
    return tuple(kind for kind, child in shape.children.items() if child.path is not None)


def fetched(access: Access, scope: Scope, parents: Sequence[int], *, sleep: Sleep) -> list[Family]:
    """All children that stand at a place of their own, of these parents. Raises RemoteError."""
    there = replace(scope, children=apart(access))
    return children.families(access, there, parents, sleep=sleep)


def inside(
    access: Access, scope: Scope, found: Sequence[Any], mapping: CompiledMapping
) -> list[Family]:
    """Those that came within records of the list, of the records that are linked here."""
    shape = shape_of(access.declaration, access.shape, access.options)
    places = {kind: child.inside for kind, child in shape.children.items() if child.inside}
    if not places:
        return []
    came = {mapping.find_id(raw): raw for raw in found}
    session = db.session()
    connection = session.get_one(Connection, scope.connection_id)
    links = session.scalars(
        select(Link).where(
            Link.connection_id == scope.connection_id,
            Link.kind == scope.kind,
            Link.external_id.in_([name for name in came if name]),
        )
    ).all()
    families = []
    for kind, place in places.items():
        own = access.of_kind(kind)
        own_mapping = own.mapping()
        for link in links:
            rows = read(came[link.external_id], place)
            items = rows if isinstance(rows, list) else ()
            child = children.child_scope(connection, own, scope, link)
            families.append(Family(child, own_mapping, items))
    return families


def next_parents(scope: Scope, *, extent: str, after: int) -> Sequence[int]:
    """The links of the next few records; of those `open`, where one of the family is."""
    query = select(Link.id).where(
        Link.connection_id == scope.connection_id,
        Link.kind == scope.kind,
        Link.state != "gone",
        Link.id > after,
    )
    if extent == OPEN:
        child = aliased(Link)
        is_open = select(child.id).where(child.parent_id == Link.id, child.upstream_open.is_(True))
        query = query.where(or_(Link.upstream_open.is_(True), is_open.exists()))
    return db.session().scalars(query.order_by(Link.id).limit(children.AT_ONCE)).all()


def note_all(families: Iterable[Family], comparison_id: int, *, asked: Asked) -> Tally:
    """As `note`; what a parent does not show any more is missing there. One whose place was not found is no case
    here: its own record is compared by itself."""
    tally = Tally()
    for family in families:
        if not family.lost:
            tally = _sum(tally, _note(family, comparison_id, asked))
    return tally


def _note(family: Family, comparison_id: int, asked: Asked) -> Tally:
    shown = {family.mapping.find_id(raw) for raw in family.items}
    ours = db.session().scalars(
        select(Link.external_id).where(
            Link.parent_id == family.parent_id,
            Link.kind == family.scope.kind,
            Link.state != "gone",
            Link.applied_fetch_seq <= asked.seq,
        )
    )
    missing = [each for each in ours if each not in shown]
    tally = Tally()
    for items, is_last in family.parts():
        gone = missing if is_last else ()
        mapping = family.mapping
        found = note(family.scope, comparison_id, items, gone, mapping=mapping, asked=asked)
        tally = _sum(tally, found)
    return tally


def _sum(one: Tally, other: Tally) -> Tally:
    return Tally(*(a + b for a, b in zip(astuple(one), astuple(other), strict=True)))
