"""What every declared connector owes the desk, for each shape. A case that does not apply says why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.proof.invariants import PARTS, check_books, fresh, traces
from tests.proof.upstreams import CHILDREN_EACH, CONTRACTS, RECORDS, Contract
from tests.proof.world import World
from tests.sync.georeport_server import ABSENT_REASON, SAMPLES
from webapp.core import db
from webapp.core.http import Client, Response
from webapp.sync.connections import access_of
from webapp.sync.connectors import registry
from webapp.sync.connectors.engine import Engine
from webapp.sync.connectors.lists import items_of
from webapp.sync.connectors.mapping import compile_mapping
from webapp.sync.connectors.parsing import parse_body
from webapp.sync.models import Connection, Link, Run
from webapp.sync.pull.cursor import CHILDREN

Make = Callable[..., World]

each_contract = pytest.mark.parametrize(
    "contract", CONTRACTS, ids=[f"{n}-{each.kind}-{each.shape}" for n, each in enumerate(CONTRACTS)]
)


@pytest.fixture
def desk(world: Make, contract: Contract) -> World:
    """A desk with a connection to the contract's upstream."""
    here = world(clamp=contract.clamp)
    here.wire.app = contract.make()
    connect(here, contract, token=contract.token)
    return here


def connect(here: World, contract: Contract, *, token: str) -> None:
    here.connect(
        kind=contract.kind,
        name=contract.shape,
        base_url=contract.base,
        secret=token,
        shape=contract.shape,
        plan=contract.plan,
    )


@pytest.fixture
def engine(desk: World) -> Iterator[Engine]:
    access = access_of(fresh().get_one(Connection, desk.connection_id))
    fresh()
    with Client(transport=desk.wire, allow_http=True) as client:
        yield access.engine_on(client, sleep=lambda _s: None)


def newest_run(here: World) -> Run:
    found = fresh().query(Run).order_by(Run.id.desc()).first()
    assert isinstance(found, Run)
    return found


def test_every_declared_connector_and_shape_is_held_to_the_contract() -> None:
    declared = {(d.name, shape.name) for d in registry.all_declarations() for shape in d.shapes}
    assert {(each.kind, each.shape) for each in CONTRACTS} == declared


@each_contract
def test_it_goes_on_from_every_checkpoint(engine: Engine, contract: Contract) -> None:
    def ids(pages: Any) -> list[str | None]:
        return [engine.mapping.find_id(item) for page in pages for item in page.items]

    since = datetime(2026, 1, 1, tzinfo=UTC)
    whole = list(engine.pages(since=since, until=datetime(2026, 11, 21, tzinfo=UTC)))
    assert len(set(ids(whole))) == len(ids(whole)) >= RECORDS - 2
    assert whole[-1].position is None
    for n, page in enumerate(whole[:-1], start=1):
        assert ids(engine.pages(page.position)) == ids(whole[n:])


@each_contract
def test_a_second_read_is_a_no_op(desk: World, contract: Contract) -> None:
    assert desk.pull() == "ok"
    before = traces()
    assert before[contract.local] >= RECORDS - 2

    for _ in range(2):
        desk.pass_(400)
        assert desk.pull() == "ok"
        again = newest_run(desk)
        assert {part: getattr(again, part) for part in PARTS} == {
            **dict.fromkeys(PARTS, 0), "unchanged": again.fetched
        }  # fmt: skip
    assert traces() == before
    check_books(desk.connection_id)


@each_contract
def test_a_pull_in_many_runs_is_the_same_as_in_one(desk: World, contract: Contract) -> None:
    states = []
    while not states or states[-1] == "partial":
        states.append(desk.pull(most_pages=1))
        assert len(states) < 60
    cut = traces()
    connection = fresh().get_one(Connection, desk.connection_id)
    watermark = connection.watermark

    assert states[-1] == "ok"
    assert cut[contract.local] >= RECORDS - 2
    assert (watermark is None) == ("watermark" in contract.not_tested)
    check_books(desk.connection_id)


@each_contract
def test_it_goes_on_in_the_middle_of_what_belongs_to_its_records(
    desk: World, contract: Contract
) -> None:
    declared = registry.get(contract.kind).shape(contract.shape)
    if not declared.children:
        assert contract.local == "ticket", "its records have nothing below them"
        return

    def children() -> int:
        query = select(func.count()).select_from(Link).where(Link.parent_id.is_not(None))
        return int(fresh().scalar(query))

    def place() -> dict[str, Any]:
        return dict(fresh().get_one(Connection, desk.connection_id).cursor)

    while not (place().get("phase") == CHILDREN and place()["after_id"]):
        assert desk.pull(most_pages=1) == "partial"
    done, calls = children(), len(desk.wire.calls)
    parents = fresh().scalar(select(func.count()).select_from(Link).where(Link.children_due))
    assert 0 < done < RECORDS * CHILDREN_EACH
    assert 0 < parents < RECORDS

    assert desk.pull() == "ok"

    asked = [path for _, path in desk.wire.calls[calls:] if "/bulletins" in path]
    inside = all(child.inside is not None for child in declared.children.values())
    assert len(asked) == (0 if inside else parents), "those that were read are not asked for again"
    assert children() == RECORDS * CHILDREN_EACH
    check_books(desk.connection_id)


@each_contract
def test_a_future_cursor_finds_nothing_and_does_not_move(
    desk: World, engine: Engine, contract: Contract
) -> None:
    if why := contract.not_tested.get("future"):
        assert engine.incremental.kind != "updated_since", why
        return
    desk.pull()
    future = desk.their_now() + timedelta(days=3)
    assert [item for page in engine.pages(since=future) for item in page.items] == []
    with db.transaction() as session:
        connection = session.get_one(Connection, desk.connection_id)
        connection.watermark, connection.overlap_minutes = future, 1
        connection.last_success_at = desk.their_now()

    assert desk.pull() == "ok"

    assert newest_run(desk).fetched == 0
    assert fresh().get_one(Connection, desk.connection_id).watermark == future


@each_contract
def test_a_wrong_token_pauses_with_the_reason_and_is_not_tried_again(
    world: Make, contract: Contract
) -> None:
    here = world(clamp=contract.clamp)
    here.wire.app = contract.make()
    connect(here, contract, token="wrong-token-0000")

    assert here.pull() == "failed"

    connection = fresh().get_one(Connection, here.connection_id)
    assert connection.state == "auth_error"
    assert connection.reason
    assert connection.next_pull_at is None
    assert len(here.wire.calls) == 1
    here.pass_(100_000)
    here.tick()
    here.work()
    assert len(here.wire.calls) == 1
    assert traces()["link"] == traces()[contract.local] == 0


REAL = {
    "02-chicago-requests-2.json": 2,
    "03-toronto-requests-many.xml": 2,
    "04-toronto-requests-single.xml": 1,
    "06-sf-requests-empty.xml": 0,
    "16-koeln-requests-50.json": 50,
}


@pytest.mark.skipif(not SAMPLES.exists(), reason=ABSENT_REASON)
@pytest.mark.parametrize("name", REAL)
def test_every_real_sample_parses(name: str) -> None:
    form = name.rpartition(".")[2]
    declaration = registry.get("open311")
    shape = declaration.shape(form)
    answer = Response(200, {}, (SAMPLES / name).read_bytes(), 0.0, "https://x/")
    items = items_of(
        parse_body(answer, form=form, host="city.example"), shape.list.items, form=form
    )
    assert items is not None
    mapped = [compile_mapping(declaration, shape).map_record(item) for item in items]
    assert len(mapped) == REAL[name]
    assert all(each.external_id and each.fields["title"] for each in mapped)
