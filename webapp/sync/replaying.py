"""Stored payloads read again, without a fetch: after a value was mapped, after a mapping was corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from webapp.core import clock, db
from webapp.events.types import Actor
from webapp.sync import subjects
from webapp.sync.connections import Access, access_of, declared
from webapp.sync.connectors.declaration import Shape
from webapp.sync.models import Connection, Link
from webapp.sync.pull import changing
from webapp.sync.pull.opening import scope_of
from webapp.sync.pull.rows import read
from webapp.sync.pull.scope import Scope, Tally
from webapp.sync.values import kind_of

VALUES, QUARANTINE = "values.replay", "quarantine.retry"


def holding(
    connection: Connection, field: str, upstream: str, *, most: int
) -> list[tuple[int, str]]:
    """(link's id, "") of the stored records that carry that value.

    Where ours keep a field as it reads there, they say which. Of any other field only the payload knows: all that
    are stored are read again, and those without the value stay as they are.
    """
    kind, field = kind_of(field)
    found = declared(connection, kind)
    subject = subjects.of(found.declaration.target)
    query = select(Link.id).where(
        Link.connection_id == connection.id,
        Link.local_kind == subject.kind,
        Link.payload.is_not(None),
    )
    local_ids = subject.holding(field, upstream) if _is_kept(found.shape, field) else None
    if local_ids is not None:
        query = query.where(Link.local_id.in_(local_ids))
    return [(link_id, "") for link_id in db.session().scalars(query.order_by(Link.id).limit(most))]


def own_access(access: Access, kind: str, parent_id: int | None) -> Access:
    """What it takes to read and send records of one kind; `parent_id`: the link that they belong to."""
    if parent_id is None:
        return access.of_kind(kind)
    return access.of_kind(kind, parent=db.session().get_one(Link, parent_id).external_id)


def own_scope(connection: Connection, access: Access, parent_id: int | None) -> Scope:
    """As scope_of, for records that belong to the record of the link `parent_id`."""
    scope = scope_of(connection, access)
    if parent_id is None:
        return scope
    parent = db.session().get_one(Link, parent_id)
    return replace(scope, parent_link=parent.id, parent_local=parent.local_id)


def _is_kept(shape: Shape, field: str) -> bool:
    """Whether ours hold the very value that the table of this field is asked for."""
    meant, kept = shape.fields.get(field), shape.fields.get(f"external_{field}")
    if meant is None or kept is None:
        return False
    return (meant.from_, meant.join, meant.transforms) == (kept.from_, kept.join, kept.transforms)


def replay_step(link_id: int, _args: Mapping[str, Any], _actor: Actor) -> str:
    replay(link_id)
    return ""


def replay(link_id: int, *, access: Access | None = None) -> bool:
    """Read one record again as it came last. True when ours changed. `access`: its connection's."""
    session = db.session()
    link = session.get(Link, link_id)
    if link is None or not link.payload:
        return False
    connection = session.get_one(Connection, link.connection_id)
    access = own_access(access or access_of(connection), link.kind, link.parent_id)
    now, tally = clock.now(), Tally()
    reading = read([link.payload], access.mapping(), now=now)
    # As of when it was read: should we have pushed since, the record is asked for anew instead.
    scope = own_scope(connection, access, link.parent_id)
    changing.change(scope, reading.rows, seq=link.applied_fetch_seq, now=now, tally=tally)
    return bool(tally.updated)
