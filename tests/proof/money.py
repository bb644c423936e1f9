"""What must hold of money and statuses when both sides are quiet: read from SQL, and from what the upstream was told."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select

from tests.proof.insurer import ClaimsWorld
from tests.proof.invariants import check_machinery, fresh
from webapp.claims.models import Bordereau, Bulletin, Payment
from webapp.claims.states import PAID, REJECTED, bordereau_status
from webapp.core.money import ZERO, exact
from webapp.events.models import Event
from webapp.outbox.models import Attempt, Delivery
from webapp.sync.connections import access_of
from webapp.sync.models import Conflict, Connection, Link, Quarantine

COUNTED = (Bordereau, Bulletin, Payment, Link, Event, Delivery, Attempt, Conflict)


def check_all(world: ClaimsWorld) -> int:
    """Gives the number of bulletins that agree outright, for which no row had to say why not."""
    check_machinery(world.connection_id)
    check_links(world)
    check_purse()
    check_calls(world)
    check_bordereaux()
    return check_agreement(world)


def traces() -> dict[str, int]:
    counts = [
        select(func.count()).select_from(model).scalar_subquery().label(model.__tablename__)
        for model in COUNTED
    ]
    return dict(fresh().execute(select(*counts)).mappings().one())


def check_links(world: ClaimsWorld) -> None:
    """Each bulletin there is here once, in the bordereau in which it lies there, or a row says why not."""
    session = fresh()
    excused = _problems(world.connection_id)
    links = {link.external_id: link for link in _links("bulletin")}
    parents = {link.id: link for link in _links("bordereau")}
    assert session.scalar(select(func.count()).select_from(Bulletin)) == len(links)
    for home, bulletin in world.all_bulletins():
        key = str(bulletin["id"])
        if key in excused:
            continue
        assert key in links, f"bulletin {key} is lost"
        parent = parents[links[key].parent_id]
        assert parent.external_id == home, f"bulletin {key} lies in another bordereau here"
        ours = session.get_one(Bulletin, links[key].local_id)
        assert ours.bordereau_id == parent.local_id


def check_purse() -> None:
    """Without any excuse: at most one live payment, and never more paid than was agreed to."""
    session = fresh()
    for bulletin in session.scalars(select(Bulletin)):
        payments = session.scalars(select(Payment).where(Payment.bulletin_id == bulletin.id)).all()
        paid = sum((each.amount for each in payments if each.state == PAID), ZERO)
        assert sum(each.state != REJECTED for each in payments) <= 1, "two live payments"
        assert paid <= (bulletin.validated_amount or ZERO), "more paid than validated"
        if paid:
            assert bulletin.status == PAID, f"paid and {bulletin.status}"


def check_calls(world: ClaimsWorld) -> None:
    """Each call had one effect at most, payments arrived in their order, and nobody was paid by mistake."""
    session = fresh()
    ids = {
        row.idempotency_key: row
        for row in session.scalars(select(Delivery).where(Delivery.channel == "push"))
    }
    effective = [each for each in world.received if each.status == 200 and not each.replayed]
    keys = [each.body["requestId"] for each in effective]
    assert len(keys) == len(set(keys)), "one request had two effects"
    lanes: dict[str, list[int]] = defaultdict(list)
    told_paid: dict[str, list[Any]] = defaultdict(list)
    for call in effective:
        delivery = ids[call.body["requestId"]]
        lanes[delivery.lane].append(delivery.id)
        if call.path.endswith("/payment") and call.body["status"] == "PAYE":
            told_paid[str(call.body["bulletinId"])].append(exact(call.body["amount"]))
    for lane, order in lanes.items():
        assert order == sorted(order), f"{lane} was told out of order"
    links = {link.external_id: link.local_id for link in _links("bulletin")}
    for external_id, amounts in told_paid.items():
        paid = session.scalars(
            select(Payment.amount).where(
                Payment.bulletin_id == links[external_id], Payment.state == PAID
            )
        ).all()
        assert amounts == list(paid), f"{external_id}: told {amounts}, paid {paid}"


def check_bordereaux() -> None:
    """The status of each follows its bulletins'."""
    session = fresh()
    for row in session.scalars(select(Bordereau)):
        statuses = session.scalars(
            select(Bulletin.status).where(Bulletin.bordereau_id == row.id)
        ).all()
        assert row.status == bordereau_status(row.status, statuses), row.reference


def check_agreement(world: ClaimsWorld) -> int:
    """Status, amounts and payment are the same on both sides, or a row says why not."""
    session, agreed = fresh(), 0
    access = access_of(session.get_one(Connection, world.connection_id)).of_kind("bulletin")
    mapping, excused = access.mapping(), _problems(world.connection_id)
    links = {link.external_id: link for link in _links("bulletin")}
    said = _said(world.connection_id)
    for _home, raw in world.all_bulletins():
        key = str(raw["id"])
        if key in excused:
            continue
        link = links[key]
        if link.id in said:
            continue
        ours = session.get_one(Bulletin, link.local_id)
        fields = mapping.map_record(raw).fields
        assert not link.reread, f"{key} still waits to be read again"
        assert not link.sent_values, f"{key}: {link.sent_values} were not seen back"
        theirs = fields.get("status")  # None: a word that nobody has mapped yet
        assert theirs in (None, ours.status), f"{key}: {ours.status}, {theirs} there"
        assert ours.payable == sum(exact(item["reimbursed"]) for item in raw["items"]), key
        assert ours.total == exact(raw["total"])
        _same_payment(ours, raw, key)
        agreed += 1
    return agreed


def _same_payment(ours: Bulletin, raw: dict[str, Any], key: str) -> None:
    paid = fresh().scalar(
        select(Payment).where(Payment.bulletin_id == ours.id, Payment.state == PAID)
    )
    theirs = raw["payment"] or {}
    if paid is not None:
        assert theirs.get("status") == "PAYE", f"{key} is paid here, {theirs} there"
        assert exact(theirs["amount"]) == paid.amount, f"{key}: {theirs}, {paid.amount} here"
    elif theirs.get("status") == "PAYE":
        assert ours.external_payment == PAID, f"{key} was paid there, and nothing here says so"


def _links(kind: str) -> list[Link]:
    return list(fresh().scalars(select(Link).where(Link.kind == kind)))


def _problems(connection_id: int) -> set[str]:
    return set(
        fresh().scalars(
            select(Quarantine.external_id).where(
                Quarantine.connection_id == connection_id, Quarantine.state != "solved"
            )
        )
    )


def _said(connection_id: int) -> set[int]:
    """Links for which a row says why both sides differ: a conflict, or a delivery that a person must look at."""
    session = fresh()
    found = set(session.scalars(select(Conflict.link_id)))
    lanes = session.scalars(
        select(Delivery.lane).where(
            Delivery.target == f"connection:{connection_id}", Delivery.settled_at.is_(None)
        )
    )
    gone = session.scalars(select(Link.id).where(Link.state == "gone"))
    return found | {int(lane.partition(":")[2]) for lane in lanes} | set(gone)
