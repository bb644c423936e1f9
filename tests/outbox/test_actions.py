"""What people do to deliveries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from time_machine import Traveller

from tests.outbox.ways import FakeWay, again, put, states
from webapp.core.db import session, transaction
from webapp.core.errors import Conflict, Invalid, NotFound, RemoteError
from webapp.events.models import Event
from webapp.events.types import Actor
from webapp.outbox import actions, deliver, queries
from webapp.outbox.models import Delivery

AMIHAN = Actor("user", 1, "Amihan")


def _parked(way: FakeWay, word: str = "one", **more: str) -> Delivery:
    delivery = put(word, **more)
    way.script = [RemoteError("no", kind="rejected")]
    deliver.drain("far")
    assert states(delivery) == ["parked"]
    return delivery


def _events() -> list[tuple[str, str]]:
    return [
        (event.type, event.actor_name)
        for event in session().scalars(select(Event).order_by(Event.id))
    ]


def test_retry_now_starts_a_parked_one_anew_and_frees_its_lane(way: FakeWay) -> None:
    delivery = _parked(way)
    behind = put("two")
    with transaction():
        actions.retry_now(delivery.id, actor=AMIHAN)
    deliver.drain("far")
    assert way.sent == ["one", "two"]
    assert states(delivery, behind) == ["sent", "sent"]
    assert [a.n for a in again(delivery).attempts] == [1, 2]
    assert _events() == [("delivery.parked", "Tulay"), ("delivery.retried", "Amihan")]


def test_retry_now_does_not_wait_for_the_schedule(way: FakeWay, travel: Traveller) -> None:
    delivery = put("one")
    way.script = [RemoteError("no", kind="server", retryable=True)]
    deliver.drain("far")
    with transaction():
        actions.retry_now(delivery.id, actor=AMIHAN)
    deliver.drain("far")
    assert way.sent == ["one"]
    assert again(delivery).attempt_count == 2


def test_a_settled_one_is_neither_retried_nor_cancelled(way: FakeWay) -> None:
    delivery = put("one")
    deliver.drain("far")
    with transaction(), pytest.raises(Conflict):
        actions.retry_now(delivery.id, actor=AMIHAN)
    with transaction(), pytest.raises(Conflict):
        actions.cancel(delivery.id, reason="too late", actor=AMIHAN)


def test_cancelling_says_why_tells_the_channel_and_lets_the_lane_go_on(way: FakeWay) -> None:
    delivery = _parked(way)
    behind = put("two")
    with transaction(), pytest.raises(Invalid):
        actions.cancel(delivery.id, reason="  ", actor=AMIHAN)
    with transaction():
        actions.cancel(delivery.id, reason="they closed it by phone", actor=AMIHAN)
    deliver.drain("far")
    assert states(delivery, behind) == ["cancelled", "sent"]
    assert again(delivery).reason == "they closed it by phone"
    assert ("one", "cancelled", "Cancelled") in way.outcomes
    assert _events()[-1] == ("delivery.cancelled", "Amihan")


def test_what_is_being_sent_is_left_alone_until_its_lease_is_over(
    way: FakeWay, travel: Traveller
) -> None:
    delivery = put("one")

    def meddle(word: str) -> None:
        with transaction(), pytest.raises(Conflict):
            actions.cancel(delivery.id, reason="no", actor=AMIHAN)
        travel.shift(timedelta(seconds=91))
        with transaction():
            actions.cancel(delivery.id, reason="no", actor=AMIHAN)

    way.before_send = meddle
    deliver.drain("far")
    assert states(delivery) == ["cancelled"]
    assert [a.outcome for a in again(delivery).attempts] == ["interrupted"]


def test_an_unknown_delivery_is_not_found(way: FakeWay) -> None:
    with transaction(), pytest.raises(NotFound):
        actions.retry_now(999, actor=AMIHAN)
    with pytest.raises(NotFound):
        queries.get(999)


def test_the_page_filters_counts_and_pages(way: FakeWay, travel: Traveller) -> None:
    parked = _parked(way)
    behind, sent = put("two"), put("three", lane="b")
    deliver.drain("far")
    travel.shift(timedelta(minutes=1))
    near = put("four", target="near")
    ids = [d.id for d in queries.page_of(limit=2)]
    assert ids == [near.id, sent.id]
    assert [d.id for d in queries.page_of(before_id=ids[-1])] == [behind.id, parked.id]
    assert [d.id for d in queries.page_of(state="waiting")] == [near.id, behind.id]
    assert [d.id for d in queries.page_of(state="parked", channel="fake", target="far")] == [
        parked.id
    ]
    assert [d.id for d in queries.page_of(target="near")] == [near.id]
    assert len(queries.deliveries_of("ticket", 7)) == 4
    assert queries.deliveries_of("ticket", 8) == []
    assert queries.counts() == {
        "pending": 2,
        "sending": 0,
        "retrying": 0,
        "held": 0,
        "parked": 1,
        "sent": 1,
        "superseded": 0,
        "cancelled": 0,
    }
    assert queries.oldest_waiting() == behind.created_at
    assert queries.oldest_waiting(target="near") == near.created_at
    blocker = queries.blocked_by(behind)
    assert blocker is not None
    assert blocker.id == parked.id
    assert queries.blocked_by(near) is None
    assert len(queries.get(parked.id).attempts) == 1
