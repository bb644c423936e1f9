"""The shape in which another client has seen TUNICLAIM: one list with all inside, French names, amounts in any writing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from tests.fakes.upstreams import Server, tuniclaim_server
from tests.sync.conftest import counted
from webapp.claims.models import Bordereau, Bulletin, Client
from webapp.core import db
from webapp.sync.models import Link, Quarantine, ValueMap


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
