"""The way in: who sees that the desk handles claims, and what of it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import render_template_string
from flask.testing import FlaskClient

from tests.counting import selects
from webapp.claims import actions
from webapp.core.db import transaction
from webapp.events.types import SYSTEM


def _turn(*, on: bool) -> None:
    from webapp.claims.forms import ClaimSettingsForm

    with transaction():
        actions.edit_claim_settings(ClaimSettingsForm(enabled=on), actor=SYSTEM)


def test_a_desk_without_claims_shows_nothing_of_them(
    amihan: FlaskClient, andres: FlaskClient
) -> None:
    _turn(on=False)
    for person in (amihan, andres):
        assert 'href="/claims"' not in person.get("/tickets").text
        assert person.get("/claims").status_code == 404
    assert amihan.get("/claims/settings").status_code == 200
    assert andres.get("/claims/settings").status_code == 403


def test_a_desk_with_claims_leads_to_them_from_each_page(
    amihan: FlaskClient, andres: FlaskClient, fina: FlaskClient
) -> None:
    for person in (amihan, andres, fina):
        assert 'href="/claims"' in person.get("/tickets").text
        answer = person.get("/claims")
        assert answer.status_code == 302
        assert person.get(answer.location).status_code == 200


def test_who_may_see_no_claims_is_led_nowhere(nadia: FlaskClient) -> None:
    assert 'href="/claims"' not in nadia.get("/account").text
    assert nadia.get("/claims").status_code == 403


def test_whether_claims_are_handled_is_asked_once_a_page(amihan: FlaskClient) -> None:
    with selects() as asked:
        amihan.get("/tickets")
    assert len([each for each in asked if "claim_settings" in each]) == 1


@pytest.mark.parametrize(
    ("amount", "currency", "words"),
    [
        ("1234567.5", "TND", "1,234,567.500"),
        ("99999999999.999", "TND", "99,999,999,999.999"),
        ("0.1", "EUR", "0.10"),
        ("-3", "JPY", "-3"),
    ],
)
@pytest.mark.usefixtures("app")
def test_an_amount_is_shown_with_its_currencys_places(
    amount: str, currency: str, words: str, app: object
) -> None:
    with app.test_request_context():  # type: ignore[attr-defined]
        shown = render_template_string(
            "{% from 'ui/money.html' import money %}{{ money(amount, currency) }}",
            amount=Decimal(amount),
            currency=currency,
        )
    assert f'dir="ltr">{words} <span class="money__unit">{currency}</span>' in shown
