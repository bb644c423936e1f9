"""Clients and contracts: what belongs to them, where transfers go, and within how many days."""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.claims import make
from tests.counting import selects
from webapp.claims import queries
from webapp.claims.actions import note_export
from webapp.claims.models import Client, Contract, PaymentBatch
from webapp.core import clock, db
from webapp.events.models import Event

pytestmark = pytest.mark.usefixtures("people")

IBAN = "TN59 1000 6035 1835 9847 8831"
D = Decimal


def steg() -> Client:
    make.make_bordereau()
    return make.client_named("STEG")


def fresh(row: Any) -> Any:
    return db.session().get_one(type(row), row.id, populate_existing=True)


def account(client: Client, **fields: Any) -> dict[str, Any]:
    whole = {"account_holder": "STEG", "iban": IBAN, "bic": "STBKTNTT", "payment_days": ""}
    return {**whole, "version": fresh(client).version, **fields}


def save(browser: FlaskClient, client: Client, **fields: Any) -> Any:
    return browser.post(f"/claims/clients/{client.id}", data=account(client, **fields))


def test_the_list_shows_what_of_each_client_waits(andres: FlaskClient) -> None:
    late = make.make_bordereau(received_on="2026-01-02")
    make.make_bulletins(2, late)
    make.validate(make.make_bulletin(late), by=make.person("Andres"))
    make.make_bordereau(client_code="CNAM", client_name="Caisse nationale", contract_number="")
    page = andres.get("/claims/clients").text
    row = page[page.index("tunisienne") :]
    assert page.index("Caisse nationale") < page.index("tunisienne")
    assert "120.000" in row
    assert "Bordereaux that should have been paid by now" in row
    found = andres.get("/claims/clients?q=cnam").text
    assert "Caisse nationale" in found
    assert "tunisienne" not in found


def test_the_list_goes_on_where_it_ended_and_asks_the_database_little(andres: FlaskClient) -> None:
    for n in range(55):
        make.make_bordereau(client_code=f"C{n:02}", client_name=f"Client {n // 2:02}")
    with selects() as asked:
        first = andres.get("/claims/clients").text
    assert len(asked) <= 7
    assert first.count("data-live-row") == 50
    last = make.client_named("C49")
    assert f"after={last.id}" in first
    second = andres.get(f"/claims/clients?after={last.id}").text
    assert second.count("data-live-row") == 5
    for n in range(55):
        assert (f">C{n:02}<" in first) != (f">C{n:02}<" in second)


def test_a_client_that_is_not_there_is_said_so(andres: FlaskClient) -> None:
    for kind in ("clients", "contracts"):
        assert andres.get(f"/claims/{kind}/999999").status_code == 404


def test_its_page_shows_all_that_belongs_to_it(fina: FlaskClient) -> None:
    bordereau = make.make_bordereau()
    bulletin = make.make_bulletin(bordereau)
    make.validate(make.make_bulletin(bordereau), by=make.person("Andres"))
    payment = make.live_payment(bulletin)
    client = make.client_named("STEG")
    page = fina.get(f"/claims/clients/{client.id}").text
    assert bordereau.reference in page
    assert payment.batch.ref in page
    assert "status=validated" in page
    assert "C-1" in page
    assert "Came in with its first bordereau" in page
    for part in ("main", "side"):
        assert fina.get(f"/claims/clients/{client.id}/part/{part}").status_code == 200


def test_finance_sets_the_account_and_the_trail_has_its_last_four_only(fina: FlaskClient) -> None:
    client = steg()
    assert save(fina, client).status_code == 303
    kept = fresh(client)
    assert (kept.iban, kept.bic, kept.account_holder) == (
        "TN5910006035183598478831",
        "STBKTNTT",
        "STEG",
    )
    fact = db.session().scalars(select(Event).where(Event.type == "client.edited")).one()
    assert fact.data["changes"]["iban"] == ["", "…8831"]
    assert "TN5910006035183598478831" not in str(fact.data)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"iban": "TN59 1000 6035 1835 9847 8832"}, "check digits"),
        ({"iban": "TN59"}, "no IBAN"),
        ({"bic": "STB"}, "no BIC"),
        ({"account_holder": ""}, "in whose name"),
        ({"payment_days": "soon"}, "whole number"),
        ({"payment_days": "-1"}, "at least 0"),
        ({"payment_days": "9999"}, "at most 3650"),
    ],
)
def test_a_wrong_account_keeps_what_was_typed_and_says_why(
    fina: FlaskClient, fields: dict[str, str], words: str
) -> None:
    client = steg()
    answer = save(fina, client, **fields)
    assert answer.status_code == 422
    assert words in answer.text
    [typed] = fields.values()
    assert typed in answer.text
    assert fresh(client).iban == ""


def test_a_stale_save_changes_nothing_and_keeps_what_was_typed(
    fina: FlaskClient, amihan: FlaskClient
) -> None:
    client = steg()
    seen = fresh(client).version
    assert save(amihan, client, account_holder="STEG Tunis").status_code == 303
    answer = save(fina, client, account_holder="STEG Sfax", version=seen)
    assert answer.status_code == 409
    assert "Meanwhile somebody else changed this" in answer.text
    assert 'value="STEG Sfax"' in answer.text
    assert fresh(client).account_holder == "STEG Tunis"
    assert save(fina, client, account_holder="STEG Sfax").status_code == 303


def test_saving_what_is_there_records_nothing(fina: FlaskClient) -> None:
    client = steg()
    for _ in range(2):
        assert save(fina, client).status_code == 303
    told = select(func.count()).select_from(Event).where(Event.type == "client.edited")
    assert db.session().scalar(told) == 1


def test_a_changed_account_is_pointed_out_for_thirty_days_with_the_orders_that_carry_the_former(
    fina: FlaskClient, andres: FlaskClient
) -> None:
    bulletin = make.make_bulletin()
    client = make.client_named("STEG")
    payment = make.live_payment(bulletin, state="scheduled")
    with db.transaction() as session:
        batch = session.get_one(PaymentBatch, payment.batch_id)
        note_export(batch, form="csv", actor=make.person("Fina"))
    assert save(fina, client).status_code == 303
    for browser in (fina, andres):
        page = browser.get(f"/claims/clients/{client.id}").text
        assert "The bank account was changed" in page
        assert "by Fina." in page
        assert batch.ref in page[page.index("carries the former account") :]
    fact = db.session().scalars(select(Event).where(Event.type == "client.edited")).one()
    with db.transaction() as session:
        session.get_one(Event, fact.id).at = clock.now() - timedelta(days=31)
    assert "The bank account was changed" not in fina.get(f"/claims/clients/{client.id}").text


def test_those_who_do_not_pay_see_how_the_account_ends_and_change_nothing(
    fina: FlaskClient, andres: FlaskClient, nadia: FlaskClient
) -> None:
    client = steg()
    save(fina, client)
    assert "TN5910006035183598478831" in fina.get(f"/claims/clients/{client.id}").text
    seen = andres.get(f"/claims/clients/{client.id}").text
    assert "…8831" in seen
    assert "TN59" not in seen
    assert save(andres, client, iban="").status_code == 403
    assert fresh(client).iban
    contract = db.session().scalars(select(Contract)).one()
    for address in (
        "/claims/clients",
        "/claims/clients/rows",
        f"/claims/clients/{client.id}",
        f"/claims/clients/{client.id}/part/side",
        f"/claims/contracts/{contract.id}",
    ):
        assert nadia.get(address).status_code == 403


def test_a_new_delay_of_the_client_moves_the_due_days_of_its_open_bordereaux(
    fina: FlaskClient,
) -> None:
    bordereau = make.make_bordereau(received_on="2026-11-02")
    own = make.make_bordereau(received_on="2026-11-02", payment_days=5)
    assert save(fina, make.client_named("STEG"), payment_days="60").status_code == 303
    assert fresh(bordereau).due_on == date(2027, 1, 1)
    assert fresh(own).due_on == date(2026, 11, 7)


def test_a_contracts_delay_goes_before_the_clients_and_only_admins_set_it(
    amihan: FlaskClient, fina: FlaskClient
) -> None:
    bordereau = make.make_bordereau(received_on="2026-11-02")
    contract = db.session().scalars(select(Contract)).one()
    save(fina, make.client_named("STEG"), payment_days="60")
    address = f"/claims/contracts/{contract.id}"
    seen = contract.version
    form = {"payment_days": "10", "version": seen}
    assert fina.post(address, data=form).status_code == 403
    assert amihan.post(address, data=form).status_code == 303
    assert fresh(bordereau).due_on == date(2026, 11, 12)
    stale = amihan.post(address, data={"payment_days": "77", "version": seen})
    assert stale.status_code == 409
    assert 'value="77"' in stale.text
    empty = {"payment_days": "", "version": fresh(contract).version}
    assert amihan.post(address, data=empty).status_code == 303
    assert fresh(bordereau).due_on == date(2027, 1, 1)
    edited = select(Event).where(Event.type == "contract.edited").order_by(Event.id)
    assert [e.data["changes"] for e in db.session().scalars(edited)] == [
        {"payment_days": [None, "10"]},
        {"payment_days": ["10", None]},
    ]


def test_a_contract_tells_what_of_its_ceiling_is_used_in_its_period(andres: FlaskClient) -> None:
    bordereau = make.make_bordereau(contract_ceiling="150.000")
    make.make_bulletin(bordereau)  # waits: does not count
    for day, amount in (
        ("2026-10-20", "60.000"),
        ("2025-12-31", "55.000"),
        ("2026-01-01", "0.005"),
    ):
        bulletin = make.make_bulletin(bordereau, care_date=day)
        make.validate(bulletin, by=make.person("Andres"), amount=amount)
    contract = db.session().scalars(select(Contract)).one()
    assert queries.used_of(contract) == D("60.005")
    page = andres.get(f"/claims/contracts/{contract.id}").text
    assert "60.005" in page
    assert "89.995" in page
    assert "40 %" in page
    assert bordereau.reference in page


def test_an_ended_contract_is_marked_and_its_bordereaux_are_paged(andres: FlaskClient) -> None:
    for _ in range(51):
        make.make_bordereau(contract_ends_on="2026-06-30")
    contract = db.session().scalars(select(Contract)).one()
    client = make.client_named("STEG")
    assert "Ended" in andres.get(f"/claims/clients/{client.id}").text
    with selects() as asked:
        first = andres.get(f"/claims/contracts/{contract.id}").text
    assert len(asked) <= 9
    assert "Ended" in first
    assert first.count("data-live-row") == 50
    following = re.search(r'href="([^"]+)"[^>]*>Older|rel="next" href="([^"]+)"', first)
    assert following
    address = html.unescape(following[1] or following[2])
    assert andres.get(address).text.count("data-live-row") == 1
