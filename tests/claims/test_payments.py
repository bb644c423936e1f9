"""Money: nothing is paid twice, nothing without four eyes, nothing that a person still has to decide."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.claims import make
from tests.conftest import PATIENCE_S
from webapp.claims.actions import (
    apply_answer,
    change_bulletin_status,
    decide_duplicate,
    edit_batch,
    edit_claim_settings,
    make_batch,
    move_batch,
    take_out,
)
from webapp.claims.actions.payments.answering import Outcome
from webapp.claims.forms import ClaimSettingsForm
from webapp.claims.models import (
    Bordereau,
    Bulletin,
    Client,
    DuplicatePair,
    Payment,
    PaymentBatch,
)
from webapp.core import db
from webapp.core.errors import AppError, Conflict, IllegalTransition, Invalid
from webapp.events.models import Event
from webapp.events.types import Actor

pytestmark = pytest.mark.usefixtures("people")
D = Decimal
DAY = date(2026, 12, 1)


def validated(count: int = 1, **fields: Any) -> list[Bulletin]:
    found = make.make_bulletins(count, **fields)
    return [make.validate(each, by=make.person("Andres")) for each in found]


def pay(bulletins: Sequence[Bulletin], *, by: str = "Fina", **options: Any) -> PaymentBatch:
    with db.transaction() as session:
        client = session.get_one(Client, bulletins[0].client_id)
        ids = [each.id for each in bulletins]
        return make_batch(client, ids, actor=make.person(by), **options)


def move(
    batch: PaymentBatch, *steps: str, by: str = "Fina", reference: str = "VIR 77"
) -> PaymentBatch:
    for to in steps:
        with db.transaction() as session:
            row = session.get_one(PaymentBatch, batch.id, with_for_update=True)
            given = {"reference": reference} if to == "paid" else {}
            move_batch(row, to=to, actor=make.person(by), on=DAY, **given)
    return db.session().get_one(PaymentBatch, batch.id, populate_existing=True)


def fresh(bulletin: Bulletin) -> Bulletin:
    return db.session().get_one(Bulletin, bulletin.id, populate_existing=True)


def payments(batch: PaymentBatch) -> list[Payment]:
    query = select(Payment).where(Payment.batch_id == batch.id).order_by(Payment.id)
    return list(db.session().scalars(query.execution_options(populate_existing=True)))


def test_from_validated_to_paid() -> None:
    one, two = validated(2)
    batch = pay([one, two])
    assert (batch.state, batch.count, batch.total) == ("pending", 2, D("120.000"))
    batch = move(batch, "scheduled", "processing", "paid")
    assert (batch.state, batch.reference, batch.processed_by) == ("paid", "VIR 77", "Fina")
    assert [(p.state, p.paid_on, p.amount) for p in payments(batch)] == [("paid", DAY, D(60))] * 2
    assert {fresh(each).status for each in (one, two)} == {"paid"}
    assert (
        db.session().get_one(Bordereau, one.bordereau_id, populate_existing=True).status
        == "processed"
    )
    told = db.session().scalars(
        select(Event)
        .where(Event.type == "bulletin.payment_changed", Event.subject_id == one.id)
        .order_by(Event.id)
    )
    assert [e.data["new"] for e in told] == ["pending", "scheduled", "processing", "paid"]


def test_it_pays_the_validated_amount_whatever_the_items_say() -> None:
    [bulletin] = make.make_bulletins(1)
    make.validate(bulletin, by=make.person("Andres"), amount="59.999")
    assert pay([bulletin]).total == D("59.999")


def test_what_came_validated_can_be_paid_by_anybody_with_the_right() -> None:
    [bulletin] = make.make_bulletins(1, status="validated")
    assert (bulletin.validated_amount, bulletin.validated_by_id) == (D(60), None)
    assert pay([bulletin]).total == D(60)


def test_nobody_pays_what_they_validated_unless_the_desk_allows_it() -> None:
    [bulletin] = make.make_bulletins(1)
    make.validate(bulletin, by=make.person("Fina"))
    with pytest.raises(Conflict, match="somebody else has to pay it"):
        pay([bulletin])
    batch = pay([bulletin], by="Amihan")
    with pytest.raises(Conflict, match="somebody else"):
        move(batch, "scheduled")
    move(batch, "scheduled", "processing", by="Amihan")
    with pytest.raises(Conflict, match="somebody else"):
        move(batch, "paid")
    with db.transaction():
        edit_claim_settings(ClaimSettingsForm(enabled=True), actor=make.person("Amihan"))
    assert move(batch, "paid").state == "paid"


def test_what_is_not_validated_flagged_or_changed_since_is_named_with_the_reason() -> None:
    [unvalidated] = make.make_bulletins(1)
    one, two = validated(2, member_number="M-5")
    with pytest.raises(Conflict) as error:
        pay([unvalidated, one])
    assert f"{unvalidated.number}: It is not validated." in error.value.message
    assert f"{one.number}: It may be a duplicate" in error.value.message
    with db.transaction() as session:
        pair = session.scalars(select(DuplicatePair)).one()
        decide_duplicate(pair, decision="second", actor=make.person("Fina"))
    with pytest.raises(Conflict, match="found to be a duplicate"):
        pay([two])
    with db.transaction() as session:
        session.get_one(Bulletin, one.id).payable = D("61.000")
    with pytest.raises(Conflict, match="validate it again"):
        pay([one])


def test_a_bulletin_is_in_one_live_payment_and_free_again_when_that_was_rejected() -> None:
    [bulletin] = validated()
    first = pay([bulletin])
    with pytest.raises(Conflict, match="in a payment already"):
        pay([bulletin])
    move(first, "rejected")
    assert fresh(bulletin).status == "validated"
    second = pay([bulletin])
    move(second, "scheduled", "processing", "paid", reference="VIR 78")
    with pytest.raises(Conflict, match="in a payment already"):
        pay([bulletin])
    assert [p.state for p in payments(first) + payments(second)] == ["rejected", "paid"]


def test_the_database_itself_refuses_a_second_live_payment() -> None:
    [bulletin] = validated()
    make.live_payment(bulletin)
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        make.live_payment(bulletin)


def test_two_clerks_pay_the_same_bulletin_at_the_same_moment_and_one_reads_why(app: Flask) -> None:
    bulletins = validated(3)
    client_id, ids = bulletins[0].client_id, [each.id for each in bulletins]
    clerks = [make.person("Fina"), make.person("Amihan")]
    db.session().rollback()
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def clerk(actor: Actor) -> None:
        with app.app_context():
            together.wait(PATIENCE_S)
            try:
                with db.transaction() as session:
                    client = session.get_one(Client, client_id)
                    make_batch(client, ids, actor=actor)
                outcomes.append("paid")
            except AppError as error:
                outcomes.append(error.message)
            finally:
                db.session().remove() if hasattr(db.session(), "remove") else db.session().close()

    threads = [threading.Thread(target=clerk, args=(actor,)) for actor in clerks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert len(outcomes) == 2
    assert outcomes.count("paid") == 1
    [why] = [each for each in outcomes if each != "paid"]
    assert "payment" in why
    live = db.session().scalars(select(Payment).where(Payment.bulletin_id.in_(ids))).all()
    assert len(live) == 3


def test_a_form_that_is_sent_twice_makes_one_payment() -> None:
    bulletins = validated(2)
    first = pay(bulletins, submission_key="abc")
    assert pay(bulletins, submission_key="abc").id == first.id


def test_a_bulletin_of_another_client_or_none_at_all_is_refused() -> None:
    [bulletin] = validated()
    [other] = validated(bordereau=make.make_bordereau(client_code="CNSS", client_name="CNSS"))
    with pytest.raises(Invalid, match="another client"):
        pay([bulletin, other])
    with pytest.raises(Invalid, match="Choose the bulletins"), db.transaction() as session:
        make_batch(session.get_one(Client, bulletin.client_id), [], actor=make.person("Fina"))


def test_a_transfer_reference_is_used_once_however_it_is_typed() -> None:
    one, two = validated(2)
    first = move(pay([one]), "scheduled", "processing", "paid", reference="vir  2026-77")
    assert first.reference == "VIR 2026-77"
    second = move(pay([two]), "scheduled", "processing")
    with pytest.raises(Invalid, match=first.ref):
        move(second, "paid", reference="VIR 2026-77 ")
    assert fresh(two).status == "validated", "nothing of it happened"
    with pytest.raises(Invalid, match="transfer reference"):
        move(second, "paid", reference="")


def test_moves_that_are_not_drawn_are_refused_and_scheduling_needs_a_day() -> None:
    [bulletin] = validated()
    batch = pay([bulletin])
    with pytest.raises(IllegalTransition):
        move(batch, "paid")
    with pytest.raises(Invalid, match="which day"), db.transaction() as session:
        row = session.get_one(PaymentBatch, batch.id)
        move_batch(row, to="scheduled", actor=make.person("Fina"))
    assert move(batch, "scheduled", "pending", "scheduled").planned_on == DAY


def test_a_flag_that_came_up_later_stops_it_before_it_goes_to_the_bank() -> None:
    [bulletin] = validated(member_number="M-5")
    batch = move(pay([bulletin]), "scheduled")
    make.make_bulletin(member_number="M-5")
    with pytest.raises(Conflict, match="may be a duplicate"):
        move(batch, "processing")


def test_while_a_payment_holds_it_a_bulletin_cannot_be_moved() -> None:
    [bulletin] = validated()
    pay([bulletin])
    with pytest.raises(Conflict, match="in a payment"), db.transaction() as session:
        row = session.get_one(Bulletin, bulletin.id)
        change_bulletin_status(row, status="in_progress", actor=make.person("Andres"))


def test_one_is_taken_out_and_the_rest_goes_on() -> None:
    one, two = validated(2)
    batch = pay([one, two])
    with db.transaction() as session:
        row = session.get_one(PaymentBatch, batch.id)
        take_out(row, row.payments[0], actor=make.person("Fina"))
    batch = db.session().get_one(PaymentBatch, batch.id, populate_existing=True)
    assert (batch.state, batch.count, batch.total) == ("pending", 1, D("60.000"))
    assert pay([one]).count == 1


def test_the_banks_answer_pays_some_and_rejects_others_and_can_be_read_twice() -> None:
    one, two = validated(2)
    batch = move(pay([one, two]), "scheduled", "processing")
    with db.transaction() as session:
        edit_batch(
            session.get_one(PaymentBatch, batch.id),
            planned_on=DAY,
            reference="V-1",
            note="",
            actor=make.person("Fina"),
        )
    first, second = payments(batch)
    outcomes = {first.id: Outcome(True, DAY), second.id: Outcome(False, why="account closed")}
    for _ in range(2):
        with db.transaction() as session:
            apply_answer(
                session.get_one(PaymentBatch, batch.id), outcomes, actor=make.person("Fina")
            )
    batch = db.session().get_one(PaymentBatch, batch.id, populate_existing=True)
    assert (batch.state, batch.count, batch.total) == ("paid", 1, D("60.000"))
    assert [(p.state, p.bank_text) for p in payments(batch)] == [
        ("paid", ""),
        ("rejected", "account closed"),
    ]
    assert [fresh(one).status, fresh(two).status] == ["paid", "validated"]
    answers = (
        db.session().scalars(select(Event).where(Event.type == "payment_batch.answered")).all()
    )
    assert [(e.data["paid"], e.data["rejected"]) for e in answers] == [(1, 1)]
