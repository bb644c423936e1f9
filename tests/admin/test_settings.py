"""The desk's name, welcome, zone, public reports; and what reporters may choose from."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from webapp.accounts.queries import desk
from webapp.events.models import Event
from webapp.tickets.models import Category
from webapp.tickets.queries import active_categories

DESK = {
    "name": "Naga City",
    "intro": "We listen.",
    "timezone": "Asia/Manila",
    "public_reports": "1",
}


@pytest.fixture
def admin(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.amihan)


def test_settings_are_saved_and_shown_to_the_public(
    admin: FlaskClient, client: FlaskClient
) -> None:
    assert admin.post("/settings", data=DESK).status_code == 303
    assert (desk().name, desk().intro, desk().public_reports) == ("Naga City", "We listen.", True)
    assert "We listen." in client.get("/").text


def test_an_unticked_box_closes_the_public_form(admin: FlaskClient) -> None:
    data = {name: value for name, value in DESK.items() if name != "public_reports"}
    admin.post("/settings", data=data)
    assert desk().public_reports is False


def test_each_change_is_recorded_with_both_values(admin: FlaskClient, session: Session) -> None:
    admin.post("/settings", data=DESK)
    admin.post("/settings", data=DESK | {"name": "Naga"})
    changes = [
        e.data["changes"]
        for e in session.query(Event).filter_by(type="desk.edited").order_by(Event.id)
    ]
    assert changes[-1] == {"name": ["Naga City", "Naga"]}
    assert "Naga City" in admin.get("/audit?type=desk.edited").text


@pytest.mark.parametrize(
    ("values", "field"),
    [({"name": ""}, "name"), ({"intro": "x" * 5001}, "intro"), ({"timezone": "Moon"}, "timezone")],
)
def test_a_wrong_setting_is_marked_and_what_was_typed_is_kept(
    admin: FlaskClient, values: dict[str, str], field: str
) -> None:
    answer = admin.post("/settings", data=DESK | {"intro": "My own words"} | values)
    assert answer.status_code == 422
    assert f'id="f-{field}-error"' in answer.text
    assert "My own words" in answer.text or field == "intro"
    assert desk().name == "Tulay"


def test_categories_are_added_renamed_hidden_and_offered_again(
    admin: FlaskClient, session: Session
) -> None:
    admin.post("/settings/categories", data={"name": "Street lights"})
    category = session.query(Category).one()
    where = f"/settings/categories/{category.id}"
    assert active_categories() == ["Street lights"]
    admin.post(where, data={"name": "Street lamps"})
    assert active_categories() == ["Street lamps"]
    admin.post(where, data={"name": "Street lamps", "do": "hide"})
    assert active_categories() == []
    admin.post(where, data={"name": "Street lamps", "do": "offer"})
    assert active_categories() == ["Street lamps"]
    assert session.query(Event).filter_by(type="desk.edited").count() == 4


def test_two_categories_cannot_have_one_name(admin: FlaskClient, session: Session) -> None:
    admin.post("/settings/categories", data={"name": "Roads"})
    admin.post("/settings/categories", data={"name": "Lamps"})
    answer = admin.post("/settings/categories", data={"name": "Roads"})
    assert (answer.status_code, 'id="c-name-error"' in answer.text) == (422, True)
    lamps = session.query(Category).filter_by(name="Lamps").one()
    answer = admin.post(f"/settings/categories/{lamps.id}", data={"name": "Roads"})
    assert (answer.status_code, f'id="c-error-{lamps.id}"' in answer.text) == (422, True)


def test_a_category_needs_a_name_and_must_exist(admin: FlaskClient) -> None:
    assert admin.post("/settings/categories", data={"name": " "}).status_code == 422
    assert admin.post("/settings/categories/4711", data={"name": "x"}).status_code == 404
