"""Invariants 1-8 of sync.md section 3, read from SQL; and, where the upstream can be asked, both sides compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from webapp.claims.models import Bordereau, Bulletin
from webapp.core import db
from webapp.events.models import Event
from webapp.outbox.models import FINAL_STATES, Attempt, Delivery
from webapp.sync.connections import access_of
from webapp.sync.models import Conflict, Connection, Link, Quarantine, Run
from webapp.tickets.models import Ticket

# What a link may lead to, and by what the upstream knows it.
OURS: dict[str, tuple[Any, Any]] = {
    "ticket": (Ticket, Ticket.control_number),
    "bordereau": (Bordereau, Bordereau.reference),
    "bulletin": (Bulletin, Bulletin.number),
}
PARTS = ("created", "updated", "unchanged", "deferred", "skipped", "quarantined")


def fresh() -> Any:
    """A session that sees what is committed."""
    session = db.session()
    session.rollback()
    session.expire_all()
    return session


def check_books(connection_id: int) -> None:
    """Whatever SQL alone can say after everything came to rest: invariants 2, 3, 4 and 7, and leases given back."""
    _nothing_doubled(connection_id)
    check_machinery(connection_id)


def check_machinery(connection_id: int) -> None:
    """Invariants 3, 4 and 7, whatever kind of records it is."""
    _nothing_waits_in_vain(connection_id)
    _order_is_kept(connection_id)
    _runs_add_up(connection_id)
    connection = fresh().get_one(Connection, connection_id)
    assert connection.lease_token is None, "a lease that nobody gives back"


def _nothing_doubled(connection_id: int) -> None:
    """For each kind of record: as many links, records there, rows here, and beginnings in the audit trail."""
    found = fresh().execute(
        select(Link.local_kind, func.count(), *map(_distinct, (Link.external_id, Link.local_id)))
        .where(Link.connection_id == connection_id)
        .group_by(Link.local_kind)
    )
    for kind, links, theirs, ours in found.all():
        assert theirs == ours == links, f"a record has two links, or a {kind} has two records"
        _as_many(connection_id, kind, links)


def _as_many(connection_id: int, kind: str, links: int) -> None:
    model, name = OURS[kind]
    mine = model.source == f"connection:{connection_id}"
    births = select(func.count()).where(
        Event.type == f"{kind}.created", Event.subject_id.in_(select(model.id).where(mine))
    )
    rows, names, born = (
        fresh()
        .execute(select(func.count(), _distinct(name), births.scalar_subquery()).where(mine))
        .one()
    )
    assert rows == names == links, f"each {kind}, its name and its link must be as many"
    assert born == rows, f"each {kind} is created once in the audit trail"


def _distinct(column: Any) -> Any:
    return func.count(func.distinct(column))


def _nothing_waits_in_vain(connection_id: int) -> None:
    session = fresh()
    target = f"connection:{connection_id}"
    for delivery in session.scalars(select(Delivery).where(Delivery.target == target)):
        if delivery.state in FINAL_STATES:
            assert delivery.settled_at is not None
        else:
            assert delivery.settled_at is None
            assert delivery.state != "sending", f"delivery {delivery.id} is with a dead worker"
            assert delivery.not_before is not None
            if delivery.state in ("held", "parked"):
                assert delivery.reason, f"delivery {delivery.id} waits and does not say why"
    left_open = (
        select(func.count())
        .select_from(Attempt)
        .join(Delivery)
        .where(Delivery.target == target, Attempt.outcome == "")
    )
    assert session.scalar(left_open) == 0, "an attempt without an end"


def _order_is_kept(connection_id: int) -> None:
    """Successful attempts of a lane happen in the order of its deliveries."""
    rows = fresh().execute(
        select(Delivery.lane, Delivery.id, Attempt.id)
        .join(Attempt, Attempt.delivery_id == Delivery.id)
        .where(Delivery.target == f"connection:{connection_id}", Attempt.outcome == "sent")
        .order_by(Attempt.id)
    )
    lanes: dict[str, list[int]] = defaultdict(list)
    for lane, delivery_id, _attempt in rows:
        lanes[lane].append(delivery_id)
    for lane, order in lanes.items():
        assert order == sorted(order), f"{lane} was sent out of order"
        assert len(order) == len(set(order)), f"a delivery of {lane} succeeded twice"


def _runs_add_up(connection_id: int) -> None:
    for run in fresh().scalars(select(Run).where(Run.connection_id == connection_id)):
        assert run.fetched == sum(getattr(run, part) for part in PARTS), f"run {run.id}"
        assert run.state != "running", f"run {run.id} has no end"
        assert run.ended_at is not None


def check_both_sides(connection_id: int, theirs: Sequence[Mapping[str, Any]]) -> None:
    """Invariant 1 and agreement: every record is here or a row says why not; values agree, or a delivery waits."""
    session = fresh()
    access = access_of(session.get_one(Connection, connection_id))
    reads, mapping = access.projection()["status"], access.mapping()
    links = {
        link.external_id: link
        for link in session.scalars(select(Link).where(Link.connection_id == connection_id))
    }
    problems = set(
        session.scalars(
            select(Quarantine.external_id).where(
                Quarantine.connection_id == connection_id, Quarantine.state != "solved"
            )
        )
    )
    waiting = set(session.scalars(select(Delivery.lane).where(Delivery.settled_at.is_(None))))
    for raw in theirs:
        link = links.get(raw["id"])
        if raw["id"] in problems:
            continue
        if link is None:
            assert raw["deleted"], f"{raw['id']} is lost"
            continue
        _agrees(link, session.get_one(Ticket, link.local_id), raw, mapping, reads, waiting)


def _agrees(
    link: Link, ticket: Ticket, raw: Mapping[str, Any], mapping: Any, reads: Any, waiting: set[str]
) -> None:
    fields = mapping.map_record(raw).fields
    assert ticket.category == fields["category"], f"{link.external_id} is out of date"
    assert link.state == ("withdrawn" if raw["deleted"] else "linked")
    assert not link.reread, f"{link.external_id} still waits to be read again"
    if f"link:{link.id}" in waiting or fields.get("status") is None:
        return
    assert reads[ticket.status] == reads[fields["status"]], f"{link.external_id} disagrees"
    assert reads[link.base["status"]] == reads[fields["status"]], f"{link.external_id}: base"
    assert link.sent_values == {}, f"{link.external_id}: sent values were not seen back"


def conflicts(connection_id: int) -> int:
    query = (
        select(func.count())
        .select_from(Conflict)
        .join(Link)
        .where(Link.connection_id == connection_id)
    )
    return int(fresh().scalar(query) or 0)


def traces() -> dict[str, int]:
    """How many rows there are of all that must not grow when nothing happens."""
    counts = [
        select(func.count()).select_from(model).scalar_subquery().label(model.__tablename__)
        for model in (
            *(model for model, _ in OURS.values()),
            Link,
            Event,
            Delivery,
            Attempt,
            Conflict,
        )
    ]
    return dict(fresh().execute(select(*counts)).mappings().one())
