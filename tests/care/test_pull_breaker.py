"""Pulls leave an upstream alone that cannot be reached, say so at the second failure, and come back by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from tests.fakes.upstreams import Fault
from tests.sync.conftest import AMIHAN, connection_of, last_run, make_due
from tests.sync.test_push import decide, deliveries, send
from webapp.accounts import actions as accounts
from webapp.core import breaker, db
from webapp.events.models import Event
from webapp.events.types import SYSTEM
from webapp.outbox import roads
from webapp.outbox.models import Delivery
from webapp.sync import actions
from webapp.sync.pull.loop import pull

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
def travel(app: object) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def sync(connection_id: int) -> Any:
    make_due(connection_id)
    pull(connection_id, sleep=lambda _s: None)
    return last_run(connection_id)


def road(connection_id: int) -> breaker.Breaker:
    db.session().rollback()
    return roads.breaker_of(connection_of(connection_id).pull_road)


def types(connection_id: int) -> list[str]:
    db.session().rollback()
    found = select(Event.type).where(
        Event.subject_kind == "connection", Event.subject_id == connection_id
    )
    return list(db.session().scalars(found.order_by(Event.id)))


def incidents() -> list[str]:
    db.session().rollback()
    found = select(Delivery).where(Delivery.kind == "admin_incident").order_by(Delivery.id)
    groups = [group for mail in db.session().scalars(found) for group in mail.payload["groups"]]
    return [item["text"] for group in groups for item in group["items"]]


@pytest.fixture
def dead(naga: Any, connect: Any, travel: time_machine.Traveller) -> int:
    """A connection whose upstream has answered 503 to five calls."""
    connection_id: int = connect(naga)
    naga.trouble("unavailable", retry_after=None)
    sync(connection_id)
    sync(connection_id)
    return connection_id


def test_the_fifth_failed_call_ends_the_run_without_further_tries(naga: Any, dead: int) -> None:
    assert len(naga.calls) == 5, "the first run made its four tries, the second one"
    assert road(dead).open_until == NOON + timedelta(minutes=1)


def test_no_pull_is_planned_before_the_rest_is_over_and_the_rest_doubles(
    naga: Any, dead: int, travel: time_machine.Traveller
) -> None:
    for expected in (2, 4, 8, 16, 30, 30):
        travel.shift(timedelta(hours=1))
        before = len(naga.calls)
        sync(dead)
        now = NOON + timedelta(hours=1) * ((2, 4, 8, 16, 30, 30).index(expected) + 1)
        if expected != 30:
            assert road(dead).open_until == now + timedelta(minutes=expected)
        assert len(naga.calls) == before + 1, "one probe"
        planned, until = connection_of(dead).next_pull_at, road(dead).open_until
        assert planned is not None
        assert until is not None
        assert planned >= until


def test_somebody_who_presses_sync_now_is_obeyed_with_one_call(naga: Any, dead: int) -> None:
    before = len(naga.calls)
    with db.transaction():
        actions.request_sync(connection_of(dead), actor=AMIHAN)
    pull(dead, trigger="manual", sleep=lambda _s: None)
    assert len(naga.calls) == before + 1
    assert road(dead).trips == 1


def test_one_success_forgets_it_all(naga: Any, dead: int) -> None:
    naga.well()
    assert sync(dead).state == "ok"
    assert road(dead).open_until is None
    assert road(dead).failing_since is None
    assert connection_of(dead).failures == 0


def test_a_stumble_within_a_run_is_no_failure_of_the_road(naga: Any, connect: Any) -> None:
    connection_id = connect(naga)
    naga.script(Fault("unavailable", retry_after=None, times=2))
    assert sync(connection_id).state == "ok"
    assert road(connection_id).failing_since is None


def test_pushes_go_on_while_pulls_rest(naga: Any, connect: Any, travel: Any) -> None:
    report = naga.add(status="Submitted")
    connection_id = connect(naga)
    sync(connection_id)
    naga.script(Fault("unavailable", method="GET", retry_after=None, times=5))
    sync(connection_id)
    sync(connection_id)
    assert road(connection_id).open_until is not None
    decide(report["id"], "resolved")

    send(connection_id)

    assert [each.state for each in deliveries(report["id"])] == ["sent"]


def test_pulls_go_on_while_pushes_rest(naga: Any, connect: Any, travel: Any) -> None:
    reports = [naga.add(status="Submitted") for _ in range(6)]
    connection_id = connect(naga)
    sync(connection_id)
    naga.script(Fault("down", method="PATCH", times=6))
    for report in reports:
        decide(report["id"], "resolved")

    send(connection_id)

    assert roads.breaker_of(connection_of(connection_id).target).trips == 1
    assert sync(connection_id).state == "ok"
    tried = [each.attempt_count for each in deliveries()]
    assert sorted(tried) == [0, 1, 1, 1, 1, 1], "the sixth burned no attempt"


def test_being_asked_to_wait_holds_pulls_and_pushes_alike_and_trips_nothing(
    naga: Any, connect: Any, travel: Any
) -> None:
    report = naga.add(status="Submitted")
    connection_id = connect(naga)
    sync(connection_id)
    naga.script(Fault("limited", retry_after="120"))
    assert sync(connection_id).error_kind == "rate_limited"
    decide(report["id"], "resolved")

    send(connection_id)

    assert [each.state for each in deliveries(report["id"])] == ["held"]
    assert road(connection_id).trips == 0
    assert road(connection_id).failing_since is None


def test_a_wrong_answer_is_no_dead_road_and_yet_no_success(
    naga: Any, connect: Any, travel: Any
) -> None:
    connection_id = connect(naga)
    naga.trouble("html")
    for _ in range(6):
        sync(connection_id)
    assert road(connection_id).trips == 0
    assert road(connection_id).failing_since == NOON


# Who is told.


def test_admins_hear_of_the_second_failure_and_of_the_recovery_and_of_nothing_between(
    naga: Any, connect: Any, people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    connection_id = connect(naga)
    naga.trouble("unavailable", retry_after=None)
    sync(connection_id)
    assert incidents() == []
    for _ in range(5):
        sync(connection_id)
    assert incidents() == ["Naga cannot be read"]
    naga.well()
    sync(connection_id)
    sync(connection_id)
    assert incidents() == ["Naga cannot be read", "Naga works again"]


def test_a_single_failure_is_nobodys_mail(
    naga: Any, connect: Any, people: SimpleNamespace, travel: time_machine.Traveller
) -> None:
    connection_id = connect(naga)
    naga.trouble("html")
    sync(connection_id)
    naga.well()
    sync(connection_id)
    assert incidents() == []
    assert types(connection_id)[-2:] == ["connection.sync_failed", "connection.sync_recovered"]


def test_a_refused_token_is_told_at_once(naga: Any, connect: Any, people: SimpleNamespace) -> None:
    sync(connect(naga, secret="wrong-token-1234"))
    assert incidents() == ["Naga is paused"]


@pytest.mark.parametrize(("size", "told"), [(12, True), (13, False)])
def test_an_import_is_large_from_the_size_that_the_desk_says(
    naga: Any, connect: Any, people: SimpleNamespace, size: int, told: bool
) -> None:
    with db.transaction():
        accounts.edit_desk(
            actor=SYSTEM,
            name="Naga",
            intro="",
            timezone="Asia/Manila",
            public_reports=True,
            large_import=size,
        )
    sync(connect(naga))
    assert incidents() == (["New from Naga: 12 tickets"] if told else [])
