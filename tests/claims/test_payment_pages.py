"""Finance at work in the browser: choose, make, schedule, hand over, read the answer."""

from __future__ import annotations

import io
import re

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select

from tests.claims import make
from tests.counting import statements
from webapp.claims.models import Bulletin, ClaimSettings, Client, Payment, PaymentBatch
from webapp.core import db
from webapp.events.models import Event

pytestmark = pytest.mark.usefixtures("people")


def validated(count: int = 2, **fields: object) -> list[Bulletin]:
    return [
        make.validate(each, by=make.person("Andres"))
        for each in make.make_bulletins(count, **fields)
    ]


def batch() -> PaymentBatch:
    query = select(PaymentBatch).order_by(PaymentBatch.id.desc()).limit(1)
    return db.session().scalars(query.execution_options(populate_existing=True)).one()


def paid_for(fina: FlaskClient, bulletins: list[Bulletin], **more: str) -> PaymentBatch:
    data = {
        "client": str(bulletins[0].client_id),
        "bulletin": [str(b.id) for b in bulletins],
        **more,
    }
    assert fina.post("/claims/payments", data=data).status_code == 303
    return batch()


def move(fina: FlaskClient, to: str, **more: str) -> int:
    row = batch()
    data = {"to": to, "version": str(row.version), **more}
    return fina.post(f"/claims/payments/{row.ref}/move", data=data).status_code


def test_from_the_choice_to_the_transfer(fina: FlaskClient) -> None:
    bulletins = validated(3)
    waiting = fina.get("/claims/payments/new").get_data(as_text=True)
    assert "180.000" in waiting
    form = fina.get(f"/claims/payments/new?client={bulletins[0].client_id}").get_data(as_text=True)
    assert form.count('name="bulletin"') == 3
    key = re.search(r'name="submission_key" value="([^"]+)"', form)
    assert key
    made = paid_for(fina, bulletins[:2], planned_on="2026-12-01", submission_key=key[1])
    assert paid_for(fina, bulletins[:2], submission_key=key[1]).id == made.id
    assert move(fina, "scheduled", on="2026-12-01") == 303
    assert move(fina, "processing") == 303
    assert move(fina, "paid", on="2026-12-01", reference="VIR 1") == 303
    page = fina.get(f"/claims/payments/{made.ref}").get_data(as_text=True)
    assert "VIR 1" in page
    assert "120.000" in page
    assert "Next step" not in page, "it is over"
    assert made.ref in fina.get("/claims/payments?state=paid").get_data(as_text=True)
    assert made.ref not in fina.get("/claims/payments?state=pending").get_data(as_text=True)
    assert made.ref in fina.get("/claims/payments?q=vir+1").get_data(as_text=True)


def test_what_cannot_be_paid_is_shown_with_the_reason_and_cannot_be_ticked(
    fina: FlaskClient,
) -> None:
    one, _two = validated(2, member_number="M-5")
    form = fina.get(f"/claims/payments/new?client={one.client_id}").get_data(as_text=True)
    assert form.count("disabled") == 2
    assert "It may be a duplicate" in form
    answer = fina.post("/claims/payments", data={"client": one.client_id, "bulletin": [one.id]})
    assert answer.status_code == 409
    assert one.number in answer.get_data(as_text=True)


def test_a_page_that_is_out_of_date_moves_nothing(fina: FlaskClient, amihan: FlaskClient) -> None:
    made = paid_for(fina, validated())
    data = {"to": "scheduled", "on": "2026-12-01", "version": str(made.version)}
    assert amihan.post(f"/claims/payments/{made.ref}/move", data=data).status_code == 303
    data["to"] = "rejected"
    answer = fina.post(f"/claims/payments/{made.ref}/move", data=data)
    assert answer.status_code == 409
    assert "Somebody else has changed this payment" in answer.get_data(as_text=True)
    assert batch().state == "scheduled"


def test_a_wrong_step_keeps_what_was_typed_and_says_why(fina: FlaskClient) -> None:
    first, second = validated()
    paid_for(fina, [first])
    for to, more in (
        ("scheduled", {"on": "2026-12-01"}),
        ("processing", {}),
        ("paid", {"reference": "V 1"}),
    ):
        assert move(fina, to, **more) == 303
    made = paid_for(fina, [second])
    assert move(fina, "scheduled") == 422
    assert move(fina, "scheduled", on="2026-12-02") == 303
    assert move(fina, "processing") == 303
    row = batch()
    data = {"to": "paid", "version": str(row.version), "reference": "v 1", "on": "2026-12-02"}
    answer = fina.post(f"/claims/payments/{made.ref}/move", data=data)
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert "has this transfer reference already" in text
    assert 'value="v 1"' in text
    assert move(fina, "paid", on="yesterday", reference="V 2") == 422


def test_one_is_left_out_and_can_be_paid_elsewhere(fina: FlaskClient) -> None:
    made = paid_for(fina, validated())
    payment = (
        db.session()
        .scalars(select(Payment).where(Payment.batch_id == made.id).order_by(Payment.id))
        .first()
    )
    assert payment
    assert fina.post(f"/claims/payments/{made.ref}/take-out/{payment.id}").status_code == 303
    assert (batch().count, str(batch().total)) == (1, "60.000")
    other = paid_for(fina, [payment.bulletin])
    assert fina.post(f"/claims/payments/{other.ref}/take-out/{payment.id}").status_code == 404


def test_details_are_saved_and_told(fina: FlaskClient) -> None:
    made = paid_for(fina, validated())
    data = {"planned_on": "2026-12-05", "reference": "V-9", "note": "Noël", "version": made.version}
    assert fina.post(f"/claims/payments/{made.ref}/edit", data=data).status_code == 303
    assert (batch().reference, batch().note) == ("V-9", "Noël")
    assert fina.post(f"/claims/payments/{made.ref}/edit", data=data).status_code == 409


def account(session: object) -> None:
    with db.transaction() as current:
        client = current.scalars(select(Client)).first()
        assert client
        client.iban, client.account_holder = "TN5910006035183598478831", "STEG"
        settings = current.scalars(select(ClaimSettings)).first()
        assert settings
        settings.payer_name, settings.payer_iban = "STAR", "TN5910006035183598478831"


def test_the_order_leaves_as_xml_and_csv_and_that_is_recorded(fina: FlaskClient) -> None:
    made = paid_for(fina, validated())
    missing = fina.post(f"/claims/payments/{made.ref}/order.xml")
    assert missing.status_code == 422
    assert "account" in missing.get_data(as_text=True)
    account(None)
    order = fina.post(f"/claims/payments/{made.ref}/order.xml")
    assert order.mimetype == "application/xml"
    assert b"<CtrlSum>120.000</CtrlSum>" in order.data
    table = fina.post(f"/claims/payments/{made.ref}/order.csv").get_data(as_text=True)
    assert table.count("60.000") == 2
    told = (
        db.session()
        .scalars(
            select(Event.data).where(Event.type == "payment_batch.exported").order_by(Event.id)
        )
        .all()
    )
    assert [each["form"] for each in told] == ["pain.001", "csv"]


def answer_file(fina: FlaskClient, made: PaymentBatch, text: str) -> str:
    upload = {"file": (io.BytesIO(text.encode()), "answer.csv")}
    answer = fina.post(
        f"/claims/payments/{made.ref}/answer", data=upload, content_type="multipart/form-data"
    )
    assert answer.status_code == 303
    return str(answer.headers["Location"])


def test_the_banks_answer_is_shown_before_it_is_taken_over(fina: FlaskClient) -> None:
    one, two = validated()
    made = paid_for(fina, [one, two])
    move(fina, "scheduled", on="2026-12-01")
    move(fina, "processing")
    where = answer_file(
        fina,
        made,
        f"Bulletin;Statut;Montant\n{one.number};payé;60,000\n{two.number};rejeté;60,000\nX;payé;1\n",
    )
    page = fina.get(where).get_data(as_text=True)
    assert "Lines that fit: 2" in page
    assert "Wrong: 1" in page
    assert batch().state == "processing", "looking changes nothing"
    columns = {"column_payment": "0", "column_outcome": "1", "column_amount": "2"}
    assert fina.post(where, data=columns).status_code == 422, "without the transfer's reference"
    assert fina.post(where, data={**columns, "reference": "VIR 5"}).status_code == 303
    found = {
        p.bulletin_id: p.state
        for p in db.session().scalars(select(Payment).execution_options(populate_existing=True))
    }
    assert found == {one.id: "paid", two.id: "rejected"}
    assert (batch().state, str(batch().total), batch().reference) == ("paid", "60.000", "VIR 5")
    assert fina.post(where, data=columns).status_code == 422, "the same answer says nothing new"


def test_other_columns_can_be_chosen(fina: FlaskClient) -> None:
    one, two = validated()
    made = paid_for(fina, [one, two])
    where = answer_file(fina, made, f"A;B;C\nx;{one.number};ok\n")
    assert "Say which columns" in fina.get(where).get_data(as_text=True)
    page = fina.get(f"{where}?column_payment=1&column_outcome=2&column_amount=-1").get_data(
        as_text=True
    )
    assert "Lines that fit: 1" in page


def test_rubbish_instead_of_an_answer_is_refused(fina: FlaskClient) -> None:
    made = paid_for(fina, validated())
    upload = {"file": (io.BytesIO(b"\x89PNG rubbish"), "answer.csv")}
    answer = fina.post(
        f"/claims/payments/{made.ref}/answer", data=upload, content_type="multipart/form-data"
    )
    assert answer.status_code == 422
    assert fina.post(f"/claims/payments/{made.ref}/answer", data={}).status_code == 422
    assert fina.get(f"/claims/payments/{made.ref}/answer/{'0' * 64}").status_code == 404


def test_only_finance_and_admins_pay(
    andres: FlaskClient, nadia: FlaskClient, fina: FlaskClient
) -> None:
    made = paid_for(fina, validated())
    assert "Next step" not in andres.get(f"/claims/payments/{made.ref}").get_data(as_text=True)
    posts = (
        "/claims/payments",
        *(
            f"/claims/payments/{made.ref}/{each}"
            for each in ("move", "edit", "order.xml", "order.csv", "answer", "take-out/1")
        ),
    )
    for person in (andres, nadia):
        for address in posts:
            assert person.post(address, data={}).status_code == 403
        assert person.get("/claims/payments/new").status_code == 403
    for address in (
        "/claims/payments",
        f"/claims/payments/{made.ref}",
        f"/claims/payments/{made.ref}/payments",
    ):
        assert nadia.get(address).status_code == 403
    assert fina.get("/claims/payments/P-2026-999999").status_code == 404


def paid_on(fina: FlaskClient, day: str, count: int = 1) -> PaymentBatch:
    made = paid_for(fina, validated(count))
    assert move(fina, "scheduled", on=day) == 303
    assert move(fina, "processing") == 303
    assert move(fina, "paid", on=day, reference=f"VIR {made.id}") == 303
    return made


def test_payments_are_narrowed_to_a_month_or_to_days_in_the_address(fina: FlaskClient) -> None:
    october, first, last = (paid_on(fina, f"2026-{day}") for day in ("10-31", "11-01", "11-20"))
    pending = paid_for(fina, validated())
    refs = {each.ref for each in (october, first, last, pending)}

    def listed(query: str) -> set[str]:
        page = fina.get(f"/claims/payments{query}").text
        return {ref for ref in refs if f"/claims/payments/{ref}" in page}

    assert listed("") == refs
    assert listed("?month=2026-11") == {first.ref, last.ref}
    assert listed("?month=2026-10") == {october.ref}
    assert listed("?since=2026-11-02") == {last.ref}
    assert listed("?until=2026-11-01") == {october.ref, first.ref}
    assert listed("?since=2026-10-31&until=2026-11-01") == {october.ref, first.ref}
    assert listed("?month=2026-11&state=pending") == set()
    assert listed("?month=rubbish&since=never") == refs
    page = fina.get("/claims/payments?month=2026-11").text
    assert re.search(r'<option value="2026-11"\s+selected', page)
    assert "2 bulletins paid" in page
    assert "120.000" in page
    assert "state=paid&amp;month=2026-11" in page, "the tabs keep the month"
    rows = fina.get("/claims/payments/rows?month=2026-11").text
    assert "month=2026-11" in rows[:600], "so does its live region"


def test_of_a_batch_that_the_bank_paid_in_part_only_that_part_is_counted(
    fina: FlaskClient,
) -> None:
    made = paid_on(fina, "2026-11-03", 2)
    with db.transaction() as session:
        other = session.scalars(select(Payment).where(Payment.batch_id == made.id)).first()
        assert other is not None
        other.state, other.paid_on = "rejected", None
    page = fina.get("/claims/payments?month=2026-11").text
    assert "1 bulletin paid" in page
    assert re.search(r'data-label="Bulletins" class="num">1 <span class="table__sub">of 2', page)


def test_the_list_asks_as_often_for_many_as_for_one_and_says_what_changed(
    fina: FlaskClient,
) -> None:
    asked = []
    for _ in range(2):
        for bulletin in validated(3):
            paid_for(fina, [bulletin])
        fina.get("/claims/payments")
        with statements("SELECT") as seen:
            page = fina.get("/claims/payments").get_data(as_text=True)
        asked.append(len(seen))
    assert page.count("data-live-row") == 6 == page.count('class="table__main"')
    assert page.count(f'dir="auto">{escape(batch().client.name)}</span>') == 6
    # who asks, the payments, their counts, clients to choose from
    assert asked[0] == asked[1] <= 4, seen
    assert move(fina, "scheduled", on="2026-12-01") == 303
    row = fina.get("/claims/payments").get_data(as_text=True).partition(batch().ref)[2]
    assert "Scheduled" in row.partition("data-live-row")[0]
