"""What an upstream brings: clients, contracts, bordereaux, bulletins; made once, brought up to date, never guessed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.claims import make
from webapp.claims.actions import (
    change_bulletin_status,
    import_bordereaux,
    import_bulletins,
    update_bordereau_from_upstream,
    update_bulletin_from_upstream,
)
from webapp.claims.models import Bordereau, Bulletin, BulletinItem, Client, Contract, DuplicatePair
from webapp.claims.values import BordereauValues, BulletinValues
from webapp.core import db
from webapp.core.errors import Conflict, IllegalTransition
from webapp.events.models import Event

pytestmark = pytest.mark.usefixtures("people")
D = Decimal


def events(kind: str) -> list[Event]:
    return list(db.session().scalars(select(Event).where(Event.type == kind).order_by(Event.id)))


def count(model: Any) -> int:
    return db.session().scalar(select(func.count()).select_from(model)) or 0


def test_clients_and_contracts_that_are_missing_are_made_and_known_ones_brought_up_to_date() -> (
    None
):
    make.make_bordereau(client_code="STEG", client_name="STEG", contract_number="C-1")
    make.make_bordereau(
        client_code="steg",
        client_name="STEG (Tunis)",
        client_email="claims@steg.example",
        contract_number="C-1",
    )
    make.make_bordereau(client_code="", client_name="Banque  de l'Habitat", contract_number="C-1")
    make.make_bordereau(client_code="", client_name="banque de l'habitat", contract_number="C-2")
    assert (count(Client), count(Contract)) == (2, 3)
    steg = make.client_named("steg")
    assert (steg.name, steg.email) == ("STEG (Tunis)", "claims@steg.example")
    assert len(events("client.created")) == 2
    assert events("client.edited")[0].data["changes"].keys() == {
        "code",
        "name",
        "email",
    }


def test_an_empty_word_of_theirs_does_not_wipe_what_is_known_of_a_client() -> None:
    make.make_bordereau(client_email="claims@steg.example")
    make.make_bordereau(client_email="")
    assert make.client_named("STEG").email == "claims@steg.example"


def test_a_page_with_one_client_many_times_makes_it_once() -> None:
    values = [
        BordereauValues.model_validate(
            {
                "reference": f"B{n}",
                "client_code": "X",
                "client_name": "X",
                "received_on": "2026-11-02",
            }
        )
        for n in range(50)
    ]
    with db.transaction():
        assert len(import_bordereaux(values, actor=make.UPSTREAM)) == 50
    assert count(Client) == 1


def test_it_is_due_after_its_own_delay_else_the_contracts_else_the_clients() -> None:
    assert make.make_bordereau().due_on == date(2026, 12, 2)
    assert make.make_bordereau(payment_days=10).due_on == date(2026, 11, 12)
    client = {"client_code": "OTHER", "client_name": "Other", "client_payment_days": 5}
    assert make.make_bordereau(**client).due_on == date(2026, 11, 7)


def test_a_clients_new_delay_moves_the_due_days_of_its_open_bordereaux() -> None:
    bordereau = make.make_bordereau(client_payment_days=5)
    make.make_bordereau(client_payment_days=7)
    assert db.session().get_one(Bordereau, bordereau.id).due_on == date(2026, 11, 9)


def test_a_bulletin_keeps_what_its_items_add_up_to() -> None:
    items = [
        {"code": "A", "amount": "10.100", "reimbursed": "8.080"},
        {"code": "B", "amount": "0.005", "reimbursed": "0.004"},
    ]
    bulletin = make.make_bulletin(total="10.200", items=items)
    assert (bulletin.total, bulletin.items_total, bulletin.payable) == (
        D("10.200"),
        D("10.105"),
        D("8.084"),
    )
    assert [item.position for item in bulletin.items] == [0, 1]


def test_a_bordereau_follows_its_bulletins() -> None:
    bordereau = make.make_bordereau()
    first, second = make.make_bulletins(2, bordereau)

    def status() -> str:
        return db.session().get_one(Bordereau, bordereau.id, populate_existing=True).status

    make.validate(first, by=make.person("Andres"))
    assert status() == "in_progress"
    make.validate(second, by=make.person("Andres"))
    assert status() == "validated"
    [moved, again] = events("bordereau.status_changed")
    assert (moved.data["old"], moved.data["new"], moved.data["derived"]) == (
        "received",
        "in_progress",
        True,
    )
    assert (again.data["new"], again.actor_name) == ("validated", "Andres")
    make.make_bulletin(bordereau)
    assert status() == "in_progress"


def test_an_upstream_may_take_an_own_step_of_a_bordereau_but_not_undo_our_work() -> None:
    bordereau = make.make_bordereau()
    make.validate(make.make_bulletin(bordereau), by=make.person("Andres"))
    with db.transaction() as session:
        row = session.get_one(Bordereau, bordereau.id)
        values = _as_it_is(row, status="scanned")
        assert (
            update_bordereau_from_upstream(
                row, values=values, taken=["status"], actor=make.UPSTREAM
            )
            == []
        )
        assert row.status == "validated"
        values = _as_it_is(row, status="closed")
        assert update_bordereau_from_upstream(
            row, values=values, taken=["status"], actor=make.UPSTREAM
        ) == ["status"]


def test_a_bordereau_that_moves_to_another_client_takes_its_bulletins_along() -> None:
    bordereau = make.make_bordereau()
    bulletin = make.make_bulletin(bordereau)
    with db.transaction() as session:
        row = session.get_one(Bordereau, bordereau.id)
        values = _as_it_is(row, client_code="CNRPS", client_name="CNRPS", contract_number="K-9")
        changed = update_bordereau_from_upstream(
            row, values=values, taken=["client_code", "client_name"], actor=make.UPSTREAM
        )
    assert changed == ["client", "contract"]
    other = make.client_named("CNRPS")
    assert db.session().get_one(Bulletin, bulletin.id, populate_existing=True).client_id == other.id


def test_a_bordereau_does_not_move_to_another_client_while_one_of_its_bulletins_is_being_paid() -> (
    None
):
    bordereau = make.make_bordereau()
    bulletin = make.make_bulletin(bordereau)
    make.live_payment(bulletin)
    with pytest.raises(Conflict, match=bulletin.number), db.transaction() as session:
        row = session.get_one(Bordereau, bordereau.id)
        values = _as_it_is(row, client_code="CNRPS", client_name="CNRPS")
        update_bordereau_from_upstream(
            row, values=values, taken=["client_code"], actor=make.UPSTREAM
        )
    assert db.session().get_one(Bulletin, bulletin.id, populate_existing=True).client.code == "STEG"


def test_changed_items_are_written_anew_and_what_was_validated_stays_to_be_compared() -> None:
    bulletin = make.validate(make.make_bulletin(), by=make.person("Andres"))
    items = [{"code": "C2", "amount": "80.500", "reimbursed": "70.000"}]
    assert update(bulletin, items=items) == ["items"]
    found = db.session().get_one(Bulletin, bulletin.id, populate_existing=True)
    assert (found.payable, found.validated_amount, found.validated_payable) == (D(70), D(60), D(60))
    assert count(BulletinItem) == 1
    assert update(bulletin, items=items) == [], "the same again changes nothing"


def test_the_upstreams_status_is_taken_as_it_is_and_leaves_whose_it_is() -> None:
    bulletin = make.make_bulletin()
    assert update(bulletin, status="paid") == ["status"]
    found = db.session().get_one(Bulletin, bulletin.id, populate_existing=True)
    assert (found.status, found.status_is_ours) == ("paid", False)


def test_a_person_makes_the_drawn_moves_only() -> None:
    bulletin = make.make_bulletin()
    with pytest.raises(IllegalTransition), db.transaction() as session:
        row = session.get_one(Bulletin, bulletin.id)
        change_bulletin_status(row, status="paid", actor=make.person("Andres"))


def test_taking_a_validation_back_forgets_who_and_how_much() -> None:
    bulletin = make.validate(make.make_bulletin(), by=make.person("Andres"), amount="55.000")
    assert (bulletin.validated_amount, bulletin.validated_by_id) == (
        D(55),
        make.person("Andres").id,
    )
    with db.transaction() as session:
        row = session.get_one(Bulletin, bulletin.id)
        change_bulletin_status(row, status="in_progress", actor=make.person("Andres"))
    assert (row.validated_amount, row.validated_by_id, row.decided_at) == (None, None, None)
    assert events("bulletin.status_changed")[1].data["amount"] == "55.000"


def test_the_same_number_or_the_same_care_is_flagged_once_and_told() -> None:
    care = {"member_number": "M-1", "care_date": "2026-10-20", "total": "80.500"}
    one = make.make_bulletin(number="BS-2026-0000900", **care)
    two = make.make_bulletin(number="bs 2026 0000900", member_number="M-2")
    three = make.make_bulletin(**care)
    pairs = db.session().scalars(select(DuplicatePair).order_by(DuplicatePair.id)).all()
    assert [(p.first_id, p.second_id, p.why) for p in pairs] == [
        (one.id, two.id, "number"),
        (one.id, three.id, "care"),
    ]
    assert [event.subject_id for event in events("bulletin.duplicate_found")] == [two.id, three.id]
    update(three, member_name="Another Name")
    assert count(DuplicatePair) == 2


def test_two_of_the_same_page_are_flagged_too() -> None:
    make.make_bulletins(3, member_number="M-9")
    assert count(DuplicatePair) == 3


def test_a_number_that_everybody_has_does_not_flag_everything() -> None:
    make.make_bulletins(40, number="000")
    most = db.session().scalar(
        select(func.count()).select_from(DuplicatePair).group_by(DuplicatePair.second_id).limit(1)
    )
    assert count(DuplicatePair) < 40 * 39 / 2
    assert most


def test_ten_thousand_bulletins_come_into_one_bordereau() -> None:
    bordereau = make.make_bordereau()
    for _ in range(10):
        values = [
            BulletinValues.model_validate(
                {
                    "number": f"N{n}-{_}",
                    "member_number": f"{n}-{_}",
                    "care_date": "2026-10-01",
                    "total": "1.001",
                    "bordereau_id": bordereau.id,
                }
            )
            for n in range(1000)
        ]
        with db.transaction():
            import_bulletins(values, actor=make.UPSTREAM)
    found = db.session().scalar(select(func.sum(Bulletin.total)))
    assert (count(Bulletin), found) == (10_000, D("10010.000"))


def update(bulletin: Bulletin, **fields: Any) -> list[str]:
    with db.transaction() as session:
        row = session.get_one(Bulletin, bulletin.id)
        values = BulletinValues.model_validate(
            {
                "number": row.number,
                "member_number": row.member_number,
                "member_name": row.member_name,
                "care_date": row.care_date,
                "total": row.total,
                "status": row.status,
                "items": [
                    {
                        "code": i.code,
                        "label": i.label,
                        "provider": i.provider,
                        "amount": i.amount,
                        "reimbursed": i.reimbursed,
                    }
                    for i in row.items
                ],
                **fields,
            }
        )
        return update_bulletin_from_upstream(
            row, values=values, taken=list(fields), actor=make.UPSTREAM
        )


def _as_it_is(row: Bordereau, **fields: Any) -> BordereauValues:
    return BordereauValues.model_validate(
        {
            "reference": row.reference,
            "client_code": row.client.code,
            "client_name": row.client.name,
            "contract_number": row.contract.number if row.contract else "",
            "received_on": row.received_on,
            **fields,
        }
    )
