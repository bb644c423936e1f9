from __future__ import annotations

from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from webapp.claims import queries
from webapp.claims.models import Client, Contract
from webapp.core import clock, db
from webapp.core.columns import Money
from webapp.events.models import Event

FORM = {
    "enabled": "1",
    "payer_name": "STAR",
    "payer_iban": "TN59 1000 6035 1835 9847 8831",
    "payer_bic": "",
}


@pytest.fixture(autouse=True)
def claims_enabled() -> None:
    """A desk that does not handle claims yet."""


def test_the_account_that_pays_is_kept_and_audited_by_its_last_four(amihan: FlaskClient) -> None:
    answer = amihan.post("/claims/settings", data=FORM)
    assert answer.status_code == 303
    kept = queries.claim_settings()
    assert (kept.enabled, kept.four_eyes, kept.payer_iban) == (
        True,
        False,
        "TN5910006035183598478831",
    )
    fact = db.session().scalars(select(Event).where(Event.type == "claim_settings.edited")).one()
    assert fact.data["changes"]["payer_iban"] == ["", "…8831"]


def test_a_wrong_iban_keeps_what_was_typed_and_says_why(amihan: FlaskClient) -> None:
    answer = amihan.post("/claims/settings", data={**FORM, "payer_iban": "TN00 1234"})
    assert answer.status_code == 422
    assert b"TN00 1234" in answer.data
    assert b"no IBAN" in answer.data
    assert not queries.claims_shown()


def test_only_admins_may(andres: FlaskClient, fina: FlaskClient, nadia: FlaskClient) -> None:
    for person in (andres, fina, nadia):
        assert person.get("/claims/settings").status_code == 403


@pytest.mark.usefixtures("app")
def test_sums_of_money_are_exact_on_every_database() -> None:
    now = clock.now()
    with db.transaction() as session:
        client = Client(natural_key="1", name="Client", created_at=now, updated_at=now)
        session.add(client)
        session.flush()
        session.add_all(
            Contract(
                client_id=client.id,
                number=str(n),
                ceiling=Decimal("0.1"),
                created_at=now,
                updated_at=now,
            )
            for n in range(30)
        )
    found = db.session().scalar(select(func.sum(Contract.ceiling)))
    assert found == Decimal("3.000")
    with pytest.raises(TypeError):
        Money().process_bind_param(0.1, db.session().get_bind().dialect)  # type: ignore[arg-type]
