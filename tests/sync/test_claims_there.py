"""Bordereaux and bulletins of a real TUNICLAIM over HTTP: read with what belongs to them, worked here, sent back."""

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from tests.fakes.upstreams import Fault, tuniclaim_server
from tests.sync.conftest import counted
from tests.sync.test_push import send
from webapp.accounts.models import User
from webapp.claims.actions import change_bulletin_status, make_batch, move_batch
from webapp.claims.models import Bordereau, Bulletin, Client, DuplicatePair, PaymentBatch
from webapp.core import db
from webapp.outbox.models import Delivery
from webapp.sync.models import Link, Quarantine


@pytest.fixture
def tunis():
    with tuniclaim_server(bordereaux=6) as server:
        yield server


@pytest.fixture
def pulled(people, tunis, connect, run):
    connection_id = connect(tunis, kind="tuniclaim", name="TUNICLAIM", shape="contract")
    assert run(connection_id).state == "ok"
    return connection_id


def count(model, *which):
    db.session().rollback()
    return db.session().scalar(select(func.count()).select_from(model).where(*which))


def person(name):
    return db.session().scalars(select(User).where(User.name == name)).one().actor


def there(tunis, external_id):
    return tunis.upstream.claims.bulletin(int(external_id))


def open_bulletin():
    """One that TUNICLAIM has received, and its id there."""
    db.session().rollback()
    row = (
        db.session()
        .execute(
            select(Bulletin, Link)
            .join(Link, (Link.local_id == Bulletin.id) & (Link.local_kind == "bulletin"))
            .where(
                Bulletin.status == "received",
                ~Bulletin.id.in_(select(DuplicatePair.first_id)),
                ~Bulletin.id.in_(select(DuplicatePair.second_id)),
            )
            .order_by(Bulletin.id)
            .limit(1)
        )
        .one()
    )
    return row[0].id, row[1].external_id


def move(bulletin_id, *statuses, by="Andres", **more):
    for status in statuses:
        with db.transaction() as session:
            row = session.get_one(Bulletin, bulletin_id)
            change_bulletin_status(row, status=status, actor=person(by), **more)


def test_everything_there_is_here_once_and_adds_up(tunis, pulled, run):
    claims = tunis.upstream.claims
    rows = claims.page(since=None, number=0, size=200)
    assert count(Bordereau) == len(rows)
    bad = count(Quarantine, Quarantine.state == "open")
    assert count(Bulletin) + bad == sum(row["bulletinCount"] for row in rows)
    assert count(Client) == len({row["client"]["code"] for row in rows})
    assert count(Link, Link.kind == "bulletin", Link.parent_id.is_(None)) == 0
    assert count(Link, Link.children_due.is_(True)) == 0
    before = counted()
    again = run(pulled)
    assert (again.created, again.updated, again.quarantined) == (0, 0, 0)
    assert counted() == before


def test_amounts_are_exact_whether_they_come_as_text_or_as_numbers(tunis, pulled):
    for bulletin, link in db.session().execute(
        select(Bulletin, Link).join(
            Link, (Link.local_id == Bulletin.id) & (Link.local_kind == "bulletin")
        )
    ):
        theirs = there(tunis, link.external_id)
        assert bulletin.total == Decimal(str(theirs["total"])).quantize(Decimal("0.001"))
        assert bulletin.payable == sum(Decimal(str(item["reimbursed"])) for item in theirs["items"])


def test_the_children_of_a_changed_parent_alone_are_asked_for(tunis, pulled, run):
    bulletin_id, external_id = open_bulletin()
    tunis.calls.clear()
    tunis.upstream.claims.edit_bulletin(int(external_id), careDate="2026-01-15")
    assert run(pulled).updated == 1
    asked = [call.path for call in tunis.calls if call.path.endswith("/bulletins")]
    assert len(asked) == 1
    assert (
        str(db.session().get_one(Bulletin, bulletin_id, populate_existing=True).care_date)
        == "2026-01-15"
    )


def test_a_status_goes_there_step_by_step_with_its_reason(tunis, pulled, run):
    bulletin_id, external_id = open_bulletin()
    move(bulletin_id, "in_progress")
    move(bulletin_id, "rejected", rejection_code="not_covered", rejection_text="Hors nomenclature")
    send(pulled)
    theirs = there(tunis, external_id)
    assert (theirs["status"], theirs["rejectionReason"]) == ("REJETE", "Hors nomenclature")
    kinds = (
        db.session()
        .scalars(
            select(Delivery.state).where(
                Delivery.channel == "push", Delivery.subject_kind == "bulletin"
            )
        )
        .all()
    )
    assert kinds == ["sent", "sent"]
    before = counted()
    assert run(pulled).updated == 0
    assert counted() == before, "it comes back and changes nothing"


def test_a_bordereau_follows_its_bulletins_there_as_well(tunis, pulled):
    bulletin_id, _ = open_bulletin()
    bordereau_id = db.session().get_one(Bulletin, bulletin_id).bordereau_id
    with db.transaction() as session:
        for row in session.scalars(select(Bulletin).where(Bulletin.bordereau_id == bordereau_id)):
            if row.status == "received":
                change_bulletin_status(row, status="in_progress", actor=person("Andres"))
    send(pulled)
    link = (
        db.session()
        .scalars(select(Link).where(Link.local_kind == "bordereau", Link.local_id == bordereau_id))
        .one()
    )
    row = db.session().get_one(Bordereau, bordereau_id, populate_existing=True)
    assert row.status == "in_progress"
    assert tunis.upstream.claims.get(int(link.external_id))["status"] == "EN_COURS"


def payments_sent():
    db.session().rollback()
    return (
        db.session()
        .scalars(select(Delivery).where(Delivery.kind == "payment").order_by(Delivery.id))
        .all()
    )


def pay(bulletin_id, *, reference="VIR 1"):
    with db.transaction() as session:
        bulletin = session.get_one(Bulletin, bulletin_id)
        client = session.get_one(Client, bulletin.client_id)
        batch = make_batch(client, [bulletin_id], actor=person("Fina"))
    return batch.id


def move_pay(batch_id, *steps, reference="VIR 1"):
    from datetime import date

    for to in steps:
        with db.transaction() as session:
            row = session.get_one(PaymentBatch, batch_id)
            given = {"reference": reference} if to == "paid" else {}
            move_batch(row, to=to, actor=person("Fina"), on=date(2026, 12, 1), **given)


def test_each_step_of_a_payment_goes_there_in_order_and_makes_it_paid(tunis, pulled, run):
    bulletin_id, external_id = open_bulletin()
    move(bulletin_id, "in_progress", "validated")
    batch_id = pay(bulletin_id)
    move_pay(batch_id, "scheduled", "processing", "paid")
    send(pulled)
    theirs = there(tunis, external_id)
    payable = db.session().get_one(Bulletin, bulletin_id, populate_existing=True).validated_amount
    assert theirs["status"] == "PAYE"
    assert theirs["payment"] == {
        "status": "PAYE",
        "amount": str(payable),
        "paidAt": "2026-12-01",
        "virementReference": "VIR 1",
    }
    sent = (
        db.session()
        .scalars(select(Delivery).where(Delivery.kind == "payment").order_by(Delivery.id))
        .all()
    )
    assert [each.payload["payment_status"] for each in sent] == [
        "pending",
        "scheduled",
        "processing",
        "paid",
    ]
    assert {each.state for each in sent} == {"sent"}
    assert run(pulled).quarantined == 0
    assert db.session().get_one(Bulletin, bulletin_id, populate_existing=True).status == "paid"


def test_a_payment_whose_answer_was_lost_is_read_back_and_not_paid_twice(tunis, pulled):
    bulletin_id, external_id = open_bulletin()
    move(bulletin_id, "in_progress", "validated")
    batch_id = pay(bulletin_id)
    move_pay(batch_id, "scheduled", "processing")
    send(pulled)  # all but the last step
    move_pay(batch_id, "paid")
    tunis.script(Fault("lost", method="PUT"))
    send(pulled)
    send(pulled)
    assert there(tunis, external_id)["payment"]["status"] == "PAYE"
    last = payments_sent()[-1]
    assert (last.state, last.attempt_count) == ("sent", 2)
    paid = [
        call for call in tunis.received if call.body.get("status") == "PAYE" and not call.replayed
    ]
    assert len(paid) == 1


@pytest.mark.parametrize("same", [True, False])
def test_what_the_upstream_paid_meanwhile_is_settled_where_the_amounts_match_and_parked_where_not(
    tunis, pulled, same
):
    first, first_there = open_bulletin()
    move(first, "in_progress", "validated")
    send(pulled)
    amount = str(db.session().get_one(Bulletin, first, populate_existing=True).validated_amount)
    batch_id = pay(first)
    move_pay(batch_id, "scheduled", "processing")
    send(pulled)
    amount = amount if same else "1.000"
    payment = {
        "status": "PAYE",
        "amount": amount,
        "paidAt": "2026-11-30",
        "virementReference": "THEIRS",
    }
    tunis.upstream.claims.edit_bulletin(int(first_there), status="PAYE", payment=payment)
    move_pay(batch_id, "paid")
    send(pulled)
    last = payments_sent()[-1]
    assert last.state == ("sent" if same else "parked")
    assert there(tunis, first_there)["payment"]["virementReference"] == "THEIRS"
