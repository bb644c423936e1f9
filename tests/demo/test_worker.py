"""worker.py: tasks run in a child with its own connections, and the schedule heals itself."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import rq
from cryptography.fernet import Fernet
from flask import Flask

from tests.processes import STARTS_WITHIN_S, kill_family
from webapp.core import redis as core_redis
from webapp.core.settings import Settings
from webapp.core.ticking import BEAT_KEY, POLL_S, Scheduler
from webapp.schedule import PERIODIC

ROOT = Path(__file__).parents[2]


def wait_for(condition: Callable[[], object], *, seconds: float = STARTS_WITHIN_S) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@pytest.fixture
def scheduler(app: Flask) -> Scheduler:
    return Scheduler(connection=core_redis.client(), interval=POLL_S)


def waiting_in(queue: str) -> list[str]:
    return rq.Queue(queue, connection=core_redis.client()).job_ids


def scheduled(scheduler: Scheduler) -> set[str]:
    key = scheduler.scheduled_jobs_key
    return {job.decode() for job in core_redis.client().zrange(key, 0, -1)}


WANTED = {f"periodic-{task.name}" for task in PERIODIC}


def test_a_poll_schedules_every_periodic_task(scheduler: Scheduler) -> None:
    scheduler.beat(PERIODIC)
    assert scheduled(scheduler) == WANTED
    assert set(waiting_in("default")) == WANTED


def test_a_schedule_lost_between_two_commands_comes_back(scheduler: Scheduler) -> None:
    scheduler.beat(PERIODIC)
    core_redis.client().zrem(scheduler.scheduled_jobs_key, *WANTED)
    scheduler.beat(PERIODIC)
    assert scheduled(scheduler) == WANTED


def test_the_schedule_survives_an_emptied_redis(scheduler: Scheduler) -> None:
    scheduler.beat(PERIODIC)
    core_redis.client().flushall()
    scheduler.beat(PERIODIC)
    assert scheduled(scheduler) == WANTED


def test_a_task_that_still_waits_is_not_queued_again(scheduler: Scheduler) -> None:
    scheduler.beat(PERIODIC)
    for job_id in WANTED:
        core_redis.client().zadd(scheduler.scheduled_jobs_key, {job_id: 1})
    scheduler.beat(PERIODIC)
    assert sorted(waiting_in("default")) == sorted(WANTED)


def test_a_task_that_is_no_longer_wanted_is_dropped(scheduler: Scheduler) -> None:
    from datetime import UTC, datetime

    scheduler.schedule(datetime.now(UTC), "tests.demo.tasks.fail", id="periodic-old", interval=5)
    scheduler.beat(PERIODIC)
    assert scheduled(scheduler) == WANTED


def test_each_poll_leaves_a_beat_for_the_health_page(scheduler: Scheduler) -> None:
    scheduler.beat(PERIODIC)
    at, pid = core_redis.client().get(BEAT_KEY).split()
    assert abs(int(at) - time.time()) < 5
    assert int(pid) == os.getpid()


def environment(settings: Settings, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "SECRET_KEY": secrets.token_hex(32),
        "TULAY_SECRET_KEYS": Fernet.generate_key().decode(),
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "PYTHONPATH": str(ROOT),
        **more,
    }


@pytest.fixture
def started(
    app: Flask, settings: Settings, tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen]]:
    running: list[subprocess.Popen] = []

    def start(*arguments: str, **env: str) -> subprocess.Popen:
        command = [sys.executable, str(ROOT / "worker.py"), *arguments]
        with (tmp_path / f"log-{len(running)}").open("wb") as log:
            process = subprocess.Popen(
                command, env=environment(settings, **env), stdout=log, stderr=subprocess.STDOUT
            )
        running.append(process)
        return process

    yield start
    for process in running:
        kill_family(process)


def log_of(tmp_path: Path, number: int = 0) -> str:
    return (tmp_path / f"log-{number}").read_text()


@pytest.mark.slow
def test_a_task_runs_in_a_child_with_the_app_and_a_database(started, tmp_path: Path) -> None:
    process, out = started("deliver"), tmp_path / "out"
    rq.Queue("deliver", connection=core_redis.client()).enqueue("tests.demo.tasks.note", str(out))
    wait_for(out.exists)
    wait_for(out.read_text)
    name, answer, pid, parent = out.read_text().split()
    assert (name, answer, int(parent)) == ("webapp", "42", process.pid)
    assert int(pid) != process.pid


def served() -> list[bytes]:
    """The queues of each process that listens."""
    client = core_redis.client()
    return sorted(client.hget(key, "queues") for key in client.smembers("rq:workers"))


@pytest.mark.slow
def test_parts_say_which_queues_and_a_process_serves_each(started) -> None:
    started("deliver+default:2", "slow")
    wait_for(lambda: len(served()) == 2)
    assert served() == [b"deliver,default", b"slow"]


@pytest.mark.slow
def test_more_processes_come_while_tasks_wait_and_go_when_idle(started, tmp_path: Path) -> None:
    started("deliver+default:3", "slow")
    wait_for(lambda: len(served()) == 2)
    queue = rq.Queue("default", connection=core_redis.client())
    outs = [tmp_path / f"out-{n}" for n in range(4)]
    for out in outs:
        queue.enqueue("tests.demo.tasks.hold", str(out))
    wait_for(lambda: sum(out.exists() for out in outs) == 3)
    assert served() == [b"deliver,default"] * 3 + [b"slow"]
    assert queue.count == 1, "three is the most"
    (tmp_path / "out-go").touch()
    wait_for(lambda: len(served()) == 2)
    assert all(out.exists() for out in outs)
    assert served() == [b"deliver,default", b"slow"]


def test_a_queue_that_does_not_exist_is_refused_by_name(started, tmp_path: Path) -> None:
    assert started("deliver+pulls").wait(STARTS_WITHIN_S) == 2
    assert "there is no queue pulls" in log_of(tmp_path)


@pytest.mark.slow
def test_it_ends_when_told_and_says_nothing_needless(started, tmp_path: Path) -> None:
    process = started("deliver")
    wait_for(lambda: core_redis.client().smembers("rq:workers"))
    time.sleep(0.3)
    process.send_signal(signal.SIGTERM)
    assert process.wait(STARTS_WITHIN_S) == 0
    assert "Listening" not in log_of(tmp_path)
    assert "started with PID" not in log_of(tmp_path)


@pytest.mark.slow
def test_a_failing_task_does_not_stop_the_worker(started, tmp_path: Path) -> None:
    started("deliver")
    queue, out = rq.Queue("deliver", connection=core_redis.client()), tmp_path / "out"
    queue.enqueue("tests.demo.tasks.fail")
    queue.enqueue("tests.demo.tasks.note", str(out))
    wait_for(out.exists)
    assert "as it should" in log_of(tmp_path)


@pytest.mark.slow
def test_a_worker_registers_again_after_redis_was_emptied(started) -> None:
    started("deliver")
    client = core_redis.client()
    wait_for(lambda: client.smembers("rq:workers"))
    client.flushall()
    rq.Queue("deliver", connection=client).enqueue("tests.demo.tasks.fail")
    wait_for(lambda: client.smembers("rq:workers"))


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("deliver",), ("--scheduler",)])
def test_without_redis_it_waits_and_says_so_in_a_sentence(
    started, tmp_path: Path, arguments
) -> None:
    process = started(*arguments, REDIS_URL="redis://127.0.0.1:1/0")
    wait_for(lambda: "Redis is away" in log_of(tmp_path))
    assert "Traceback" not in log_of(tmp_path)
    process.send_signal(signal.SIGTERM)
    assert process.wait(STARTS_WITHIN_S) == 0


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="/proc says what it listens to")
@pytest.mark.parametrize("arguments", [("deliver",), ("--scheduler",)])
def test_told_to_stop_while_it_loads_it_ends_well(started, tmp_path: Path, arguments) -> None:
    process = started(*arguments, REDIS_URL="redis://127.0.0.1:1/0")
    caught = Path(f"/proc/{process.pid}/status")
    wait_for(lambda: int(caught.read_text().split("SigCgt:")[1].split()[0], 16) & 1 << 14)
    process.send_signal(signal.SIGTERM)
    assert process.wait(STARTS_WITHIN_S) == 0
    assert "Traceback" not in log_of(tmp_path)
    if "--scheduler" not in arguments:  # which loads too quickly for anybody to tell it in time
        assert "trying again" not in log_of(tmp_path), "it began"


@pytest.mark.slow
def test_a_wrong_setting_ends_it_with_a_sentence(started, tmp_path: Path) -> None:
    process = started("deliver", SECRET_KEY="short")
    assert process.wait(STARTS_WITHIN_S) == 1
    assert "SECRET_KEY must be set" in log_of(tmp_path)
    assert "Traceback" not in log_of(tmp_path)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's own way is Linux only")
def test_below_up_a_task_ends_with_its_worker(started, tmp_path: Path) -> None:
    process, out = started("deliver", TULAY_UP_PID="1"), tmp_path / "out"
    rq.Queue("deliver", connection=core_redis.client()).enqueue("tests.demo.tasks.sleep", str(out))
    wait_for(out.exists)
    wait_for(out.read_text)
    process.kill()
    horse = Path(f"/proc/{out.read_text()}")
    wait_for(lambda: not horse.exists() or "State:\tZ" in (horse / "status").read_text())
