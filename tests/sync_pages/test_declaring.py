"""A connection's own declaration: typed, tried, saved, and used by its pulls."""

from __future__ import annotations

import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.fakes.upstreams import Server
from tests.sync_pages.conftest import Connect
from tests.sync_pages.test_adding import HTMX, form
from tests.sync_pages.test_running import events, pull_again
from webapp.core.errors import Invalid
from webapp.sync.actions.declaring import read_declaration, stored
from webapp.sync.connectors import registry
from webapp.sync.connectors.declaration import parse_dict
from webapp.sync.models import Connection
from webapp.tickets.models import Ticket

CITY = """
name: blank
title: City hall
secret: {required: false}
shapes:
  - name: rest
    title: City hall's list
    base_path: /api/v1
    auth: [{kind: bearer}]
    list:
      path: /reports
      items: data
      paging: [{kind: cursor, param: cursor, next: nextCursor}]
      incremental: [{kind: full}]
    record: {id: id}
    fields:
      title: barangay
      description: description
      external_status: status
"""


@pytest.mark.parametrize("kind", registry.kinds())
def test_what_is_stored_reads_back_as_the_same(kind: str) -> None:
    declaration = registry.get(kind)
    kept = json.loads(json.dumps(stored(declaration, registry.source(kind))))
    assert parse_dict(kept) == declaration


def test_the_blank_kind_shows_a_declaration_to_edit(admin: FlaskClient) -> None:
    page = admin.get("/connections/new?kind=blank").text
    assert 'name="declaration"' in page
    assert "path: /records" in page
    assert 'name="declaration"' not in admin.get("/connections/new?kind=mynaga").text


def test_a_typed_declaration_is_tried_and_saved_with_its_connection(
    admin: FlaskClient, naga: Server, session: Session
) -> None:
    values = form(naga, kind="blank", declaration=CITY)
    page = admin.post("/connections/test", data=values, headers=HTMX).text
    assert "City hall&#39;s list" in page
    assert admin.post("/connections", data=values).status_code == 303
    saved = session.scalars(select(Connection)).one()
    pull_again(saved)
    titles = set(session.scalars(select(Ticket.title)))
    assert len(titles) > 1
    barangays = {naga.get(t)["barangay"] for t in session.scalars(select(Ticket.control_number))}
    assert titles == barangays


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "name: [",
        "name: blank\ntitle: x\nshapes: []",
        CITY.replace("fields:", "feilds:"),
    ],
)
def test_a_wrong_declaration_says_where_and_changes_nothing(
    admin: FlaskClient, connect: Connect, session: Session, text: str
) -> None:
    connection = connect(pulled=False)
    with pytest.raises(Invalid):
        read_declaration(text)
    where = f"/connections/{connection.id}/mapping"
    answer = admin.post(where, data={"declaration": text})
    assert (answer.status_code, 'id="f-declaration-error"' in answer.text) == (422, True)
    session.refresh(connection)
    assert connection.declaration is None


def test_an_edited_declaration_is_used_shown_recorded_and_can_be_taken_back(
    admin: FlaskClient, connect: Connect, naga: Server, session: Session
) -> None:
    connection = connect()
    where = f"/connections/{connection.id}/mapping"
    edited = registry.source("mynaga").replace(
        "      barangay: barangay\n", "      barangay: location\n", 1
    )
    assert (
        "Naga City Demo Desk"
        in admin.post(where + "/test", data={"declaration": edited}, headers=HTMX).text
    )
    assert admin.post(where, data={"declaration": edited}).status_code == 303
    session.refresh(connection)
    assert connection.watermark is None
    assert "barangay: location" in admin.get(where).text
    assert "location" in events(session, "connection.mapping_saved")[-1].data["diff"]
    admin.post(where, data={"declaration": registry.source("mynaga")})
    session.refresh(connection)
    assert connection.declaration is None
