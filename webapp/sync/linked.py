"""A record of ours at its upstreams, for its own page: where it stands there, whose its fields are, how far our
changes got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from webapp.core import db
from webapp.outbox.models import Delivery
from webapp.sync import merge, subjects
from webapp.sync.connections import declared
from webapp.sync.models import Conflict, Connection, Link
from webapp.sync.push.queueing import lane, told, wanted
from webapp.sync.subjects import Local, Subject

_OWNERS = {merge.LOCAL: "ours"}  # as a declaration says it


@dataclass(frozen=True)
class Pushed:
    """The newest delivery of one concern. `words`: what it carries; `before`: how many wait to go ahead of it."""

    words: str
    delivery: Delivery
    before: int


@dataclass(frozen=True)
class Linked:
    """One record at one upstream. `owners`: whose a field is → the fields; `conflicts`: about which fields
    somebody is asked."""

    row: Link
    connection: Connection
    pushes: Sequence[Pushed]
    owners: Sequence[tuple[str, Sequence[str]]]
    conflicts: Sequence[str]


def links_of(kind: str, local: Local) -> list[Linked]:
    """The upstreams that have this record of ours."""
    rows = db.session().execute(
        select(Link, Connection)
        .join(Connection, Connection.id == Link.connection_id)
        .where(Link.local_kind == kind, Link.local_id == local.id)
        .order_by(Link.id)
    )
    subject = subjects.of(kind)
    return [
        Linked(
            link,
            connection,
            _pushes(subject, link, connection),
            _owners(subject, link, connection, local),
            _conflicts(subject, link),
        )
        for link, connection in rows.all()
    ]


def _pushes(subject: Subject, link: Link, connection: Connection) -> list[Pushed]:
    """Of each call its newest delivery, the newest first."""
    mine = (Delivery.target == connection.target, Delivery.lane == lane(link.id))
    session = db.session()
    calls = session.execute(
        select(
            func.max(Delivery.id),
            func.count().filter(Delivery.settled_at.is_(None)),
        )
        .where(*mine)
        .group_by(Delivery.kind)
    )
    still_open = {row[0]: int(row[1]) for row in calls}
    rows = session.scalars(
        select(Delivery).where(Delivery.id.in_(still_open)).order_by(Delivery.id.desc())
    )
    return [
        Pushed(
            ": ".join(told(subject, wanted(each))),
            each,
            still_open[each.id] - (each.settled_at is None),
        )
        for each in rows
    ]


def _owners(
    subject: Subject, link: Link, connection: Connection, local: Local
) -> list[tuple[str, list[str]]]:
    """Of the fields that both sides keep; the upstream's own words for one are nobody else's."""
    theirs_alone = {name for names in subject.told.values() for name in names}
    found: dict[str, list[str]] = {}
    for name, rule in declared(connection, link.kind).shape.fields.items():
        if name not in theirs_alone and name not in subject.additive:
            usual = subject.usual_owner(local, name)
            owner = rule.owner or _OWNERS.get(usual, usual)
            found.setdefault(owner, []).append(subject.label(name))
    return sorted(found.items())


def _conflicts(subject: Subject, link: Link) -> list[str]:
    fields = db.session().scalars(
        select(Conflict.field)
        .where(Conflict.link_id == link.id, Conflict.decision == "")
        .order_by(Conflict.id)
    )
    return [subject.label(field) for field in fields]
