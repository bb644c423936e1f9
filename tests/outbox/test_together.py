"""Several workers on one target: each delivery leaves once, and each lane in order."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from flask import Flask

from tests.outbox.ways import FakeWay, put
from webapp.core import db
from webapp.outbox import deliver, queries
from webapp.outbox.channels import Hold


def _drain(app: Flask, start: threading.Barrier, errors: list[BaseException]) -> None:
    try:
        with app.app_context():
            start.wait()
            deliver.drain("far")
            db.db.session.remove()
    except BaseException as error:
        errors.append(error)
        raise


@pytest.mark.parametrize("workers", [2, 4])
def test_two_drains_never_send_one_delivery_twice(app: Flask, way: FakeWay, workers: int) -> None:
    lanes = ["a", "b", "c", "d", "e"]
    for n in range(40):
        put(f"{lanes[n % 5]}{n:02}", lane=lanes[n % 5])
    db.session().rollback()
    start = threading.Barrier(workers)
    errors: list[BaseException] = []
    threads = [threading.Thread(target=_drain, args=(app, start, errors)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    deliver.drain("far")  # what the last two left each other
    assert len(way.sent) == 40
    assert max(Counter(way.sent).values()) == 1
    for lane in lanes:
        mine = [word for word in way.sent if word[0] == lane]
        assert mine == sorted(mine)
    assert queries.counts()["sent"] == 40


def test_two_drains_of_a_held_target_do_not_stand_in_each_others_way(
    app: Flask, way: FakeWay
) -> None:
    for n in range(30):
        put(f"{n:02}", lane=str(n))
    db.session().rollback()
    way.hold = Hold("paused")
    start = threading.Barrier(4)
    errors: list[BaseException] = []
    threads = [threading.Thread(target=_drain, args=(app, start, errors)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert queries.counts()["held"] == 30
