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

# What is told with one call, by its fields; amounts are only read.
CONCERNS = {
    **dict.fromkeys(("status", "rejection_text"), "status"),
    **{f"payment_{name}": "payment" for name in ("status", "amount", "on", "reference", "by")},
    **dict.fromkeys(("items", "total"), "amounts"),
}
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
    """Status, amounts and payment are the same on both sides. What differs, a row that is open now must say of this
    very bulletin and this very concern."""
    session, agreed = fresh(), 0
    access = access_of(session.get_one(Connection, world.connection_id)).of_kind("bulletin")
    mapping, unread = access.mapping(), _problems(world.connection_id)
    links = {link.external_id: link for link in _links("bulletin")}
    said = _said(world.connection_id)
    for _home, raw in world.all_bulletins():
        key = str(raw["id"])
        if key in unread and key not in links:
            continue  # it never came in, so that nobody can have paid it
        link = links[key]
        ours = session.get_one(Bulletin, link.local_id)
        differs = _same_payment(ours, raw, unread=key in unread)
        if key not in unread:
            fields = mapping.map_record(raw).fields
            assert not link.reread, f"{key} still waits to be read again"
            differs |= _same_record(ours, raw, theirs=fields.get("status"))
            differs |= {name: f"{name} was not seen back" for name in link.sent_values}
        for field, why in differs.items():
            told_with = CONCERNS.get(field, field)
            if field == "status" and ours.status == PAID:
                told_with = "payment"  # which makes it paid there
            assert (link.id, told_with) in said, f"{key}: {why}, and nothing says so"
        agreed += not differs and key not in unread
    return agreed


def _same_record(ours: Bulletin, raw: dict[str, Any], *, theirs: str | None) -> dict[str, str]:
    """field → how it differs. `theirs`: None for a word that nobody has mapped yet."""
    found = {}
    if theirs not in (None, ours.status):
        found["status"] = f"{ours.status} here, {theirs} there"
    owed = sum(exact(item["reimbursed"]) for item in raw["items"])
    if ours.payable != owed or ours.total != exact(raw["total"]):
        found["items"] = f"{ours.payable} of {ours.total} here, {owed} of {raw['total']} there"
    return found


def _same_payment(ours: Bulletin, raw: dict[str, Any], *, unread: bool) -> dict[str, str]:
    """The same sum has been paid on both sides. Theirs may be unknown here only where their record is `unread`."""
    paid = fresh().scalars(
        select(Payment.amount).where(Payment.bulletin_id == ours.id, Payment.state == PAID)
    )
    here, payment = sum(paid, ZERO), raw["payment"] or {}
    there = exact(payment["amount"]) if payment.get("status") == "PAYE" else ZERO
    if here == there or (not here and (unread or ours.external_payment == PAID)):
        return {}
    return {"payment_status": f"{here} paid here, {there} there"}


def paid_on_both_sides(world: ClaimsWorld) -> int:
    """Bulletins that were paid here, and the insurer holds that sum."""
    links = {link.external_id: link.local_id for link in _links("bulletin")}
    session, found = fresh(), 0
    for _home, raw in world.all_bulletins():
        payment = raw["payment"] or {}
        if payment.get("status") == "PAYE" and str(raw["id"]) in links:
            amount = session.scalar(
                select(Payment.amount).where(
                    Payment.bulletin_id == links[str(raw["id"])], Payment.state == PAID
                )
            )
            found += amount == exact(payment["amount"])
    return found


def _links(kind: str) -> list[Link]:
    return list(fresh().scalars(select(Link).where(Link.kind == kind)))


def _problems(connection_id: int) -> set[str]:
    """Bulletins whose record could not be applied as it is now."""
    return set(
        fresh().scalars(
            select(Quarantine.external_id).where(
                Quarantine.connection_id == connection_id,
                Quarantine.kind == "bulletin",
                Quarantine.state == "open",
            )
        )
    )


def _said(connection_id: int) -> set[tuple[int, str]]:
    """(link, concern) of which a row that is open now says why both sides differ: a person is asked which value
    counts, or must look at a delivery."""
    session = fresh()
    asked = session.execute(select(Conflict.link_id, Conflict.field).where(Conflict.decision == ""))
    found = {(link, CONCERNS.get(field, field)) for link, field in asked}
    waiting = session.execute(
        select(Delivery.lane, Delivery.kind).where(
            Delivery.target == f"connection:{connection_id}", Delivery.settled_at.is_(None)
        )
    )
    return found | {(int(lane.partition(":")[2]), kind) for lane, kind in waiting}
