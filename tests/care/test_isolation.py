"""A connection that hangs holds up nobody else: real worker processes, real sockets."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import worker
from tests.conftest import PATIENCE_S
from tests.fakes.upstreams import mynaga_server
from tests.processes import STARTS_WITHIN_S, kill_family
from tests.sync.conftest import connection_of, last_run, make_due
from tests.sync.test_push import decide
from webapp.core import db, slow
from webapp.core import redis as core_redis
from webapp.core.settings import Settings
from webapp.mail.actions import queue_mail
from webapp.outbox import tasks as outbox
from webapp.outbox.models import Delivery
from webapp.sync.models import road_of
from webapp.sync.waking import wake

ROOT = Path(__file__).parents[2]
WAITING = 8  # pushes of each that hangs: more than go out while the others are watched
QUICK_S = 9.0  # what the others may take while one hangs for 14 s a call or more


def quick(alone: float) -> float:
    """`alone`: what the same has just taken with nothing in its way. A busy machine takes longer for either."""
    return QUICK_S + 2 * alone


def wait_for(condition: Callable[[], object], *, seconds: float = STARTS_WITHIN_S) -> float:
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "waited too long"
        time.sleep(0.05)
    return time.monotonic() - started


def workers() -> int:
    return len(core_redis.client().smembers("rq:workers"))


@pytest.fixture
def desk(app: object, settings: Settings, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`python worker.py`, as in the Procfile."""
    env = {
        **os.environ,
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "TULAY_SECRET_KEYS": settings.tulay_secret_keys[0].get_secret_value(),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "SYNC_ALLOWED_NETS": "127.0.0.0/8",
        "PYTHONPATH": str(ROOT),
    }
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "worker.py")], env=env, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_for(lambda: workers() >= len(worker.LAYOUT))  # they load the app first
        yield process
    finally:
        kill_family(process)
        assert "Traceback" not in (tmp_path / "log").read_text()


@pytest.fixture
def hanging() -> Iterator[Any]:
    with mynaga_server(records=8) as server:
        yield server


def pulled(connection_id: int) -> None:
    """By a worker: a new connection asks for its first pull itself."""
    wait_for(lambda: connection_of(connection_id).last_success_at)


def ask_for(*connection_ids: int) -> None:
    for each in connection_ids:
        make_due(each)
        wake(each, trigger="manual")


def pulled_again(*connection_ids: int) -> float:
    """How long it takes until all of these have been pulled once more."""
    last = {each: connection_of(each).last_success_at for each in connection_ids}
    ask_for(*connection_ids)
    return wait_for(
        lambda: all(connection_of(each).last_success_at != last[each] for each in connection_ids)
    )


def states(connection_id: int) -> list[str]:
    db.session().rollback()
    target = connection_of(connection_id).target
    query = select(Delivery.state).where(Delivery.target == target).order_by(Delivery.id)
    return list(db.session().scalars(query))


@pytest.mark.slow
def test_a_pull_that_hangs_slows_no_other_pull(
    desk: object, naga: Any, hanging: Any, connect: Any
) -> None:
    slow = connect(hanging, name="Slow")
    others = [connect(naga, name=f"Quick {n}") for n in range(4)]
    for each in (slow, *others):
        pulled(each)
    alone = pulled_again(*others)
    hanging.trouble("slow", seconds=20.0)
    before = len(hanging.calls)
    ask_for(slow)
    wait_for(lambda: len(hanging.calls) > before)

    took = pulled_again(*others)

    assert took < quick(alone)
    assert last_run(slow).state == "running", "it hangs all the while"


@pytest.mark.slow
def test_a_target_that_hangs_slows_no_other_push_and_no_mail(
    desk: object, naga: Any, hanging: Any, connect: Any
) -> None:
    slow, other = connect(hanging, name="Slow"), connect(naga, name="Quick")
    theirs = [hanging.add(status="Submitted", id=f"SLOW-{n}")["id"] for n in range(6)]
    first, ours = (naga.add(status="Submitted", id=f"QUICK-{n}")["id"] for n in range(2))
    pulled(slow)
    pulled(other)
    decide(first, "resolved")
    alone = wait_for(lambda: states(other) == ["sent"])
    hanging.trouble("slow", seconds=20.0)
    for each in theirs:
        decide(each, "resolved")
    wait_for(lambda: states(slow).count("sending") >= 1)
    outbox.tick_due()  # as the scheduler does every ten seconds, once more for each
    time.sleep(1)

    decide(ours, "resolved")
    with db.transaction():
        mail = queue_mail(
            "admin_test",
            to_address="amihan@example.org",
            to_name="",
            values={"desk": "Naga", "ref": "test", "name": "", "url": "https://desk.example/"},
            subject=("user", 1),
            role="user:1",
            summary="a mail",
        )
    took = wait_for(lambda: states(other) == ["sent", "sent"])
    took += wait_for(lambda: held(mail.id))

    assert took < quick(alone)
    assert "sent" not in states(slow)
    assert states(slow).count("sending") <= 2


def held(delivery_id: int) -> bool:
    """No mail server is set up here: looked at and put aside is as far as a mail gets."""
    db.session().rollback()
    found = db.session().get_one(Delivery, delivery_id, populate_existing=True)
    return found.state == "held"


@pytest.mark.slow
def test_a_worker_that_dies_is_started_again_and_all_end_when_told(
    desk: subprocess.Popen[bytes],
) -> None:
    client = core_redis.client()
    pids = {int(client.hget(key, "pid")) for key in client.smembers("rq:workers")}
    os.kill(min(pids), signal.SIGKILL)

    def another() -> bool:
        found = {client.hget(key, "pid") for key in client.smembers("rq:workers")}
        return len({int(pid) for pid in found if pid} - pids) == 1

    wait_for(another)
    desk.send_signal(signal.SIGTERM)
    assert desk.wait(PATIENCE_S) == 0
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.fixture
def many_hanging() -> Iterator[list[Any]]:
    """More upstreams than there are processes for pulls, or for pushes."""
    with contextlib.ExitStack() as parts:
        servers = [parts.enter_context(mynaga_server()) for _ in range(5)]
        for number, each in enumerate(servers):
            for nth in range(WAITING):
                each.add(status="Submitted", id=f"SLOW-{number}-{nth}")
        yield servers


@pytest.mark.slow
def test_more_hanging_connections_than_processes_hold_up_nobody_for_longer_than_one_call(
    desk: object, naga: Any, many_hanging: list[Any], connect: Any
) -> None:
    hanging = [connect(each, name=f"Slow {n}") for n, each in enumerate(many_hanging)]
    other = connect(naga, name="Quick")
    first, *ours = [naga.add(status="Submitted", id=f"QUICK-{n}")["id"] for n in range(4)]
    for each in (*hanging, other):
        pulled(each)
    alone = sent_and_pulled(other, first, before=0)
    for each in many_hanging:
        each.trouble("slow", seconds=14.0)
    ask_for(*hanging)
    for number in range(len(hanging)):
        for nth in range(WAITING):
            decide(f"SLOW-{number}-{nth}", "resolved")
    roads = [name for n in hanging for name in (road_of(n), connection_of(n).target)]
    wait_for(lambda: all(slow.is_known(each) for each in roads))

    for nth, each in enumerate(ours, start=1):
        ask_for(*hanging)  # they go on hanging all the while
        assert sent_and_pulled(other, each, before=nth) < quick(alone)
    assert any(states(each).count("sent") < WAITING for each in hanging), "they hang all the while"


def sent_and_pulled(connection_id: int, record: str, *, before: int) -> float:
    """How long a change of this record takes to go out, as one more than `before`, and the connection to be pulled."""
    decide(record, "resolved")
    took = wait_for(lambda: states(connection_id).count("sent") > before)
    return took + pulled_again(connection_id)


@pytest.mark.slow
def test_who_answers_quickly_again_is_served_by_the_others_again(
    desk: object, hanging: Any, connect: Any
) -> None:
    once_slow = connect(hanging, name="Slow")
    pulled(once_slow)
    hanging.trouble("slow", seconds=5.0)
    ask_for(once_slow)
    wait_for(lambda: slow.is_known(road_of(once_slow)))

    hanging.well()
    wait_for(lambda: last_run(once_slow).state == "ok")
    ask_for(once_slow)
    wait_for(lambda: not slow.is_known(road_of(once_slow)))


def test_who_is_told_to_stop_while_it_registers_stops(
    app: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RQ listens for signals a moment after it has registered; until then it is ours to remember."""
    usual = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    told = threading.Event()
    monkeypatch.setattr(worker, "told_to_stop", told)
    started = worker.Worker(["deliver"], connection=core_redis.client())
    monkeypatch.setattr(started, "subscribe", told.set)  # the signal comes between the two
    waits: list[object] = []
    monkeypatch.setattr(started, "dequeue_job_and_maintain_ttl", lambda *each: waits.append(each))
    try:
        started.work(logging_level="WARNING", max_idle_time=1)
        assert not waits, "it looked for work"
    finally:
        for number, handler in usual.items():
            signal.signal(number, handler)
