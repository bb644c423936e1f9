"""A table of values may stand behind any field, and what it lacks is mapped on the page of problems."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.mapping.test_editing import page_form
from tests.sync_pages.conftest import Connect
from tests.sync_pages.test_running import pull_again
from webapp.sync.models import ValueMap
from webapp.tickets.models import Ticket


def test_a_value_of_another_field_than_the_status_is_mapped_and_its_tickets_follow(
    admin: FlaskClient, connect: Connect, naga: object, session: Session
) -> None:
    connection = connect()
    here = f"/connections/{connection.id}"
    form = page_form(admin, connection, category__values="kinds", then="reread")
    assert admin.post(f"{here}/mapping", data=form).status_code == 303
    pull_again(connection)
    session.expire_all()
    value = session.scalars(select(ValueMap).order_by(ValueMap.count.desc())).first()
    assert value is not None
    assert (value.field, value.local) == ("category", None)
    page = admin.get(f"{here}/problems").text
    assert f'<input class="input input--short" id="map-{value.id}"' in page
    calls = len(naga.calls)  # type: ignore[attr-defined]
    concerned = [t.id for t in session.scalars(select(Ticket)) if t.category == value.upstream]
    assert concerned

    data = {"field": "category", "upstream": value.upstream, "local": "Our own kind"}
    assert admin.post(f"{here}/map", data=data).status_code == 303

    session.expire_all()
    assert {session.get_one(Ticket, each).category for each in concerned} == {"Our own kind"}
    assert len(naga.calls) == calls  # type: ignore[attr-defined]


def test_a_field_whose_values_are_taken_as_they_come_has_none_to_map(
    admin: FlaskClient, connect: Connect
) -> None:
    connection = connect()
    data = {"field": "place", "upstream": "Here", "local": "There"}
    assert admin.post(f"/connections/{connection.id}/map", data=data).status_code == 422
