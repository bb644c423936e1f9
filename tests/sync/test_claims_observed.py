"""The shape in which another client has seen TUNICLAIM: one list with all inside, French names, amounts in any writing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from tests.claims.make import person
from tests.fakes.upstreams import Server, tuniclaim_server
from tests.sync.conftest import counted
from tests.sync.test_push import send
from webapp.claims.actions import change_bulletin_status, make_batch, move_batch
from webapp.claims.models import Bordereau, Bulletin, Client
from webapp.core import db
from webapp.outbox.models import Delivery
from webapp.sync.models import Link, Quarantine, Run, ValueMap


@pytest.fixture(params=["bare", "bordereaux"])
def tunis(request: Any) -> Iterator[Server]:
    """Its list stands alone, or below a name."""
    with tuniclaim_server(bordereaux=3, bulletins=2, legacy_shape=request.param) as server:
        server.url += "/legacy"
        yield server


@pytest.fixture
def connection_id(people: Any, tunis: Server, connect: Any) -> int:
    return int(connect(tunis, kind="tuniclaim", name="TUNICLAIM", shape="observed"))


def found(model: Any, *which: Any) -> list[Any]:
    db.session().rollback()
    query = select(model).where(*which).order_by(model.id)
    return list(db.session().scalars(query.execution_options(populate_existing=True)))


def theirs(tunis: Server) -> list[dict[str, Any]]:
    return list(tunis.upstream.claims.page(since=None, number=0, size=50))


def test_everything_there_is_here_once_and_the_total_is_that_of_the_items(
    tunis: Server, connection_id: int, run: Any
) -> None:
    assert run(connection_id).state == "ok"
    references = {row.reference for row in found(Bordereau)}
    assert references == {row["reference"] for row in theirs(tunis)}
    assert len(found(Bulletin)) == 6
    for bulletin in found(Bulletin):
        assert bulletin.total == sum(Decimal(item.amount) for item in bulletin.items)
        assert bulletin.payable <= bulletin.total
    before = counted()
    assert run(connection_id).updated == 0
    assert counted() == before


def test_clients_are_known_by_their_names_and_made_once(
    tunis: Server, connection_id: int, run: Any
) -> None:
    run(connection_id)
    names = {row["client"]["name"] for row in theirs(tunis)}
    assert sorted(each.name for each in found(Client)) == sorted(names)


def test_external_ids_are_the_references_that_addresses_name(
    tunis: Server, connection_id: int, run: Any
) -> None:
    run(connection_id)
    links = found(Link, Link.kind == "bordereau")
    assert {each.external_id for each in links} == {row["reference"] for row in theirs(tunis)}


def test_a_bordereau_without_a_reference_is_kept_aside_and_none_is_invented(
    tunis: Server, connection_id: int, run: Any
) -> None:
    tunis.upstream.claims.edit(theirs(tunis)[0]["id"], reference="")
    assert run(connection_id).quarantined >= 1
    assert len(found(Bordereau)) == 2
    assert len(found(Quarantine)) >= 1


def test_an_unknown_statut_is_listed_and_never_overwrites_ours(
    tunis: Server, connection_id: int, run: Any
) -> None:
    run(connection_id)
    row = theirs(tunis)[0]
    (ours,) = found(Bordereau, Bordereau.reference == row["reference"])
    status = ours.status
    tunis.upstream.claims.edit(row["id"], status="EN_LITIGE")
    run(connection_id)
    (ours,) = found(Bordereau, Bordereau.reference == row["reference"])
    assert ours.status == status
    assert [(each.field, each.upstream) for each in found(ValueMap)] == [("status", "EN_LITIGE")]


def received(tunis: Server) -> dict[str, Any]:
    """The first bordereau and its first bulletin, which nobody there has looked at yet. The bulletin."""
    claims = tunis.upstream.claims
    row = theirs(tunis)[0]
    for each in claims.drawer.of(str(row["id"])):
        claims.edit_bulletin(each["id"], status="RECU", payment=None)
    claims.edit(row["id"], status="RECU")
    return dict(claims.drawer.of(str(row["id"]))[0])


def ours(bulletin: dict[str, Any]) -> Bulletin:
    (row,) = found(Bulletin, Bulletin.number == bulletin["number"])
    assert isinstance(row, Bulletin)
    return row


def test_statuses_and_payments_are_told_in_their_words_and_come_back_as_no_news(
    tunis: Server, connection_id: int, run: Any
) -> None:
    there = received(tunis)
    run(connection_id)
    number = ours(there).id
    with db.transaction() as session:
        row = session.get_one(Bulletin, number)
        for status in ("in_progress", "validated"):
            change_bulletin_status(row, status=status, actor=person("Andres"))
        batch = make_batch(row.client, [number], actor=person("Fina"))
        owed = row.payable
        for to in ("scheduled", "processing", "paid"):
            move_batch(batch, to=to, actor=person("Fina"), on=date(2026, 12, 1), reference="VIR 77")
    send(connection_id)

    left = found(Delivery, Delivery.channel == "push")
    assert {each.state for each in left} == {"sent"}
    paid = tunis.upstream.claims.bulletin(there["id"])
    assert paid["status"] == "PAYE"
    assert Decimal(paid["payment"]["amount"]) == owed
    assert (paid["payment"]["paidAt"], paid["payment"]["virementReference"]) == (
        "2026-12-01",
        "VIR 77",
    )
    told = [call.body for call in tunis.received if call.body.get("bsId") == there["number"]]
    assert [each.get("newStatus") or each["paymentStatus"] for each in told] == [
        "EN_COURS",
        "VALIDATED",
        "PENDING",
        "SCHEDULED",
        "PROCESSING",
        "PAID",
    ]
    calls = len(tunis.received)
    assert run(connection_id).state == "ok"
    send(connection_id)
    assert len(tunis.received) == calls, "nothing echoes"
    assert (ours(there).status, ours(there).payable) == ("paid", owed)


def test_an_unknown_etat_is_mapped_by_a_person_and_followed_without_a_fetch(
    people: Any, sign_in: Any, tunis: Server, connection_id: int, run: Any
) -> None:
    admin = sign_in(people.amihan)
    there = received(tunis)
    run(connection_id)
    tunis.upstream.claims.edit_bulletin(there["id"], status="EN_LITIGE")
    last = run(connection_id)
    assert (last.state, last.quarantined) == ("ok", 0), last.reason
    assert ours(there).status == "received"
    (value,) = found(ValueMap)
    assert (value.field, value.upstream, value.local) == ("bulletin.status", "EN_LITIGE", None)
    runs, calls = len(found(Run)), len(tunis.calls)

    assert "EN_LITIGE" in admin.get(f"/connections/{connection_id}/problems").text
    form = {"field": value.field, "upstream": value.upstream, "local": "rejected"}
    assert admin.post(f"/connections/{connection_id}/map", data=form).status_code == 303

    assert (ours(there).status, ours(there).external_status) == ("rejected", "EN_LITIGE")
    assert (len(found(Run)), len(tunis.calls)) == (runs, calls), "from what is stored"
    assert tunis.received == [], "their own word does not go back"
