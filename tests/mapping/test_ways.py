"""A shape that tries several ways: each is edited with the controls of its own kind."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.mapping.forms import form_of
from tests.mapping.test_children import shape_of, where
from tests.mapping.test_editing import versions
from tests.sync_pages.conftest import Connect
from tests.sync_pages.test_adding import HTMX
from webapp.sync.connectors import registry


@pytest.fixture
def number(connect: Connect) -> int:
    """The id of a connection to a city that speaks Open311."""
    return connect(kind="open311", name="City", shape="json", pulled=False).id


def the_form(admin: FlaskClient, number: int, **changes: Any) -> Any:
    return form_of(admin.get(where(number)).text, **changes)


@pytest.mark.parametrize("kind", registry.kinds())
def test_every_kind_of_system_sent_back_as_it_is_stays_as_it_is(
    admin: FlaskClient, connect: Connect, session: Session, kind: str
) -> None:
    for shape in registry.get(kind).shapes:
        number = connect(kind=kind, name=f"{kind} {shape.name}", shape=shape.name, pulled=False).id
        assert admin.post(where(number), data=the_form(admin, number)).status_code == 303
    assert "\n".join(each.diff for each in versions(session)).strip() == ""


def test_each_way_shows_what_its_kind_has(admin: FlaskClient, number: int) -> None:
    form = the_form(admin, number)
    ways = {name: value for name, value in form.items() if name.startswith("a__paging__")}
    assert [ways[f"a__paging__{n}__kind"] for n in (0, 1)] == ["page_number", "window"]
    assert (ways["a__paging__0__size_param"], ways["a__paging__0__prove"]) == ("page_size", "1")
    assert (ways["a__paging__1__to_param"], ways["a__paging__1__max_days"]) == ("end_date", "89")
    assert "a__paging__1__size" not in ways
    assert form["a__auth__1__name"] == "api_key"
    assert "a__auth__0__name" not in form
    assert form["a__incremental__1__id_param"] == "service_request_id"
    assert "Write the settings" not in admin.get(where(number)).text


def test_a_changed_way_is_saved_and_the_others_stay(
    admin: FlaskClient, number: int, session: Session
) -> None:
    before = shape_of(number)
    form = the_form(admin, number, a__auth__1__kind="header", then="later")
    form["a__auth__1__prefix"] = "Token"
    form["a__paging__1__saturated_at"] = "20, 50"
    form.pop("a__paging__0__prove")
    assert admin.post(where(number), data=form).status_code == 303
    shape = shape_of(number)
    assert [way.kind for way in shape.auth] == ["none", "header"]
    assert (shape.auth[1].name, shape.auth[1].prefix) == ("api_key", "Token ")
    assert shape.list.paging[0].prove is False
    assert shape.list.paging[1].model_dump() == {
        **before.list.paging[1].model_dump(),
        "saturated_at": (20, 50),
    }
    assert shape.list.incremental == before.list.incremental
    [_first, changed] = versions(session)
    assert len([line for line in changed.diff.splitlines() if line[:1] in "+-"]) < 15


def test_ways_come_and_go_and_another_kind_shows_its_own_controls(
    admin: FlaskClient, number: int
) -> None:
    form = the_form(admin, number, title__from="service_code")
    page = admin.post(where(number, "edit") + "?do=way:auth", data=form).text
    form = form_of(page)
    assert [form[f"a__auth__{n}__kind"] for n in range(3)] == ["none", "query", "none"]
    assert 'id="asking" open' in page
    form["a__auth__2__kind"] = "bearer"
    form["a__incremental__0__kind"] = "full"
    page = admin.post(where(number, "edit"), data=form, headers=HTMX).text
    assert 'name="a__incremental__0__param"' not in page
    form["a__paging__0__kind"] = "cursor"
    page = admin.post(where(number, "edit"), data=form, headers=HTMX).text
    assert 'name="a__paging__0__next"' in page
    assert "Without this it cannot work." in page
    form["a__paging__0__next"], form["a__paging__0__kind"] = "", "none"
    page = admin.post(where(number, "edit") + "?do=drop:auth:0", data=form).text
    form = form_of(page, then="later")
    assert [form[f"a__auth__{n}__kind"] for n in range(2)] == ["query", "bearer"]
    assert form["title__from"] == "service_code"
    assert admin.post(where(number), data=form).status_code == 303
    shape = shape_of(number)
    assert [way.kind for way in shape.auth] == ["query", "bearer"]
    assert [way.kind for way in shape.list.paging] == ["none", "window"]
    assert [way.kind for way in shape.list.incremental] == ["full", "created_window"]


@pytest.mark.parametrize(
    ("control", "value", "says"),
    [
        ("a__paging__0__size", "many", "This is no number."),
        ("a__paging__0__size", "5000", "less than or equal to 1000"),
        ("a__paging__1__to_param", "", "Without this it cannot work."),
        ("a__paging__1__saturated_at", "20, few", "This is no number."),
        ("a__auth__1__name", "", "Without this it cannot work."),
        ("a__auth__1__kind", "magic", "auth"),
        ("a__incremental__1__max_days", "-1", "greater than 0"),
    ],
)
def test_each_mistake_stands_at_its_way(
    admin: FlaskClient, number: int, control: str, value: str, says: str
) -> None:
    answer = admin.post(where(number), data=the_form(admin, number, **{control: value}))
    assert answer.status_code == 422
    assert says in answer.text
    at = answer.text.index(f'name="{control}"')
    assert 'aria-invalid="true"' in answer.text[at - 300 : at + 600]


def test_one_way_has_to_work_without_a_proof(admin: FlaskClient, number: int) -> None:
    form = the_form(admin, number, a__paging__1__prove="1")
    answer = admin.post(where(number), data=form)
    assert answer.status_code == 422
    assert "paging needs one entry without" in answer.text


def test_what_a_test_found_out_stays_while_the_ways_are_the_same(
    admin: FlaskClient, number: int, session: Session
) -> None:
    from webapp.core import db
    from webapp.sync.models import Connection

    plan = {"shape": "json", "auth": 1, "paging": 0, "incremental": 0}
    with db.transaction():
        session.get_one(Connection, number).options = {"plan": plan}
    page = admin.get(where(number)).text
    assert page.count("in use") == 3
    form = form_of(page, place__from="address", then="later")
    assert admin.post(where(number), data=form).status_code == 303
    session.expire_all()
    assert session.get_one(Connection, number).options["plan"] == plan
    form = the_form(admin, number, a__paging__0__size="50", then="later")
    assert admin.post(where(number), data=form).status_code == 303
    session.expire_all()
    assert "plan" not in session.get_one(Connection, number).options
