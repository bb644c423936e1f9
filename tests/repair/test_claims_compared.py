"""Comparing bordereaux and their bulletins with a real TUNICLAIM, in both of its shapes, and repairing either way."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fakes.upstreams import Server, tuniclaim_server
from tests.repair.conftest import compared, confirm, drift, rows
from tests.sync.conftest import AMIHAN, connection_of
from tests.sync.test_push import send
from webapp.claims.actions import enable_claims
from webapp.claims.models import Bordereau, Bulletin
from webapp.core import db
from webapp.events.types import SYSTEM
from webapp.sync.models import Link
from webapp.sync.reconcile import actions
from webapp.sync.reconcile.models import Comparison, Drift


@pytest.fixture
def tunis() -> Iterator[Server]:
    with tuniclaim_server(bordereaux=2, bulletins=2) as server:
        yield server


@pytest.fixture(params=["contract", "observed"])
def pulled(request: Any, tunis: Server, connect: Any, run: Any) -> int:
    with db.transaction():
        enable_claims(actor=SYSTEM)
    claims = tunis.upstream.claims
    for row in claims.page(since=None, number=0, size=2):
        for bulletin in claims.drawer.of(str(row["id"])):
            claims.edit_bulletin(bulletin["id"], status="RECU", payment=None)
        claims.edit(row["id"], status="RECU")
    if request.param == "observed":
        tunis.url += "/legacy"
    number = connect(tunis, kind="tuniclaim", name="TUNICLAIM", shape=request.param)
    found = run(number)
    assert (found.state, found.quarantined) == ("ok", 0)
    return int(number)


def begin(connection_id: int, extent: str = "all") -> Comparison:
    with db.transaction():
        actions.begin(connection_of(connection_id), extent=extent, actor=AMIHAN)
    return compared(connection_id)


def repair(admin: FlaskClient, connection_id: int, comparison: Comparison, how: str) -> None:
    (row,) = drift(Drift.comparison_id == comparison.id)
    where = f"/connections/{connection_id}/reconcile/{comparison.id}/repair"
    confirm(admin, admin.post(where, data={"how": how, "ids": [row.id]}))


def a_bulletin() -> Link:
    return rows(Link, Link.kind == "bulletin")[0]


@pytest.mark.parametrize("extent", ["all", "open"])
def test_bordereaux_and_bulletins_that_agree_show_no_difference(pulled: int, extent: str) -> None:
    found = begin(pulled, extent)
    assert found.state == "done"
    assert [(r.kind, r.record_kind, r.field, r.ours, r.theirs) for r in drift()] == []
    if extent == "all":
        assert (found.compared, found.same) == (6, 6)


def test_a_bulletin_that_differs_takes_theirs(admin: FlaskClient, pulled: int) -> None:
    link = a_bulletin()
    local_id, there = link.local_id, link.external_id
    with db.transaction() as session:
        session.get_one(Bulletin, local_id).member_name = "Somebody"
    found = begin(pulled)
    (row,) = drift()
    theirs = row.theirs
    assert (row.record_kind, row.field, row.ours, row.external_id) == (
        "bulletin",
        "member_name",
        "Somebody",
        there,
    )
    page = admin.get(f"/connections/{pulled}/reconcile").text
    assert f"/claims/bulletins/{local_id}" in page
    assert "Member" in page
    repair(admin, pulled, found, "drift.take")
    assert rows(Bulletin, Bulletin.id == local_id)[0].member_name == theirs


def test_a_status_of_ours_is_sent(admin: FlaskClient, tunis: Server, pulled: int, run: Any) -> None:
    bordereau = rows(Bordereau)[0]
    with db.transaction() as session:
        row = session.get_one(Bordereau, bordereau.id)
        row.status, row.status_is_ours = "in_progress", True
    found = begin(pulled)
    repair(admin, pulled, found, "drift.push")
    send(pulled)
    theirs = tunis.upstream.claims.find(bordereau.reference)
    assert theirs["status"] == "EN_COURS"
    run(pulled)  # their own word for it may be another
    assert begin(pulled).same == 6


def test_a_bulletin_that_is_missing_here_is_brought_in(
    admin: FlaskClient, tunis: Server, pulled: int
) -> None:
    link = rows(Link, Link.kind == "bordereau")[0]
    reference = rows(Bordereau, Bordereau.id == link.local_id)[0].reference
    theirs = tunis.upstream.claims.find(reference)
    tunis.upstream.claims.add_bulletin(theirs["id"], number="BS-MISSING")
    found = begin(pulled)
    missing = [row for row in drift() if row.kind == "missing_here"]
    assert [(row.record_kind, row.parent_id) for row in missing] == [("bulletin", link.id)]
    where = f"/connections/{pulled}/reconcile/{found.id}/repair"
    confirm(admin, admin.post(where, data={"how": "drift.bring", "ids": [missing[0].id]}))
    (brought,) = rows(Bulletin, Bulletin.number == "BS-MISSING")
    assert brought.bordereau_id == link.local_id


def test_a_bulletin_that_is_missing_there_is_marked_as_gone(
    admin: FlaskClient, pulled: int
) -> None:
    link_id = a_bulletin().id
    with db.transaction() as session:
        session.get_one(Link, link_id).external_id = "4711"
    begin(pulled)
    gone = [row for row in drift() if row.kind == "missing_there"]
    assert [(row.record_kind, row.link_id) for row in gone] == [("bulletin", link_id)]
    found = rows(Comparison)[-1]
    where = f"/connections/{pulled}/reconcile/{found.id}/repair"
    confirm(admin, admin.post(where, data={"how": "drift.gone", "ids": [gone[0].id]}))
    assert rows(Link, Link.id == link_id)[0].state == "gone"
