"""Background processes: `python worker.py` runs tasks in several processes, `python worker.py --scheduler` ticks.

`python worker.py deliver+default:3 slow` serves these queues only, with up to three processes and with one.

Redis may be away or empty at any moment: both wait for it and put back what it forgot.
"""

import argparse
import gc
import logging
import os
import random
import signal
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

import redis
import rq
from rq import worker_registration

from webapp import create_app
from webapp.core import loading, pool, slow, starting
from webapp.core import redis as desk_redis
from webapp.core.errors import Misconfigured
from webapp.core.settings import current
from webapp.demo.orphan import die_with_parent

if TYPE_CHECKING:  # the scheduler needs no app, and so neither Flask nor SQLAlchemy
    from flask import Flask

log = logging.getLogger("worker")

WORKER_TTL_S = 60

# Then one that came because much was to do ends. Redis gives each task to whoever has waited longest: were it longer
# than the ten seconds between two ticks, ticks alone would keep two of them.
IDLE_S = 8


@dataclass(frozen=True)
class Lane:
    """Queues that processes of their own serve, in this order: at least one, at most so many."""

    queues: tuple[str, ...]
    most: int = 1


# Each kind of work has processes of its own; whoever takes long is passed on to the last ones (core.slow).
LAYOUT = (Lane(("deliver", "default"), 4), Lane(("pull",), 3), Lane((slow.QUEUE,), 2))

told_to_stop = threading.Event()


class Worker(rq.Worker):
    """Runs each task in a child with an app context and connections of its own."""

    log_result_lifespan = False
    app: "Flask"
    place: pool.Place[Lane]

    def execute_job(self, job: rq.job.Job, queue: rq.Queue) -> None:
        """From here to the end of its child it can take no other task."""
        self.place.at_work = True
        try:
            super().execute_job(job, queue)
        finally:
            self.place.at_work = False

    def main_work_horse(self, job: rq.job.Job, queue: rq.Queue) -> None:
        """The child: nothing of the parent's sockets is used."""
        _end_with_parent()
        with self.app.app_context():
            _leave_connections_to_parent()
            super().main_work_horse(job, queue)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """Also registers again after a FLUSHALL, so that the health page sees this worker."""
        super().heartbeat(timeout, pipeline)
        if pipeline is None and not self.connection.hexists(self.key, "birth"):
            self.connection.hset(self.key, mapping=self.serialize())
            worker_registration.register(self)

    def subscribe(self) -> None:
        """To no commands: nobody sends any, and who listens has a thread and a connection more. So one thread forks."""

    def _install_signal_handlers(self) -> None:
        """Who was told to stop while the worker was being registered stops as well: RQ listens only from now on."""
        super()._install_signal_handlers()  # type: ignore[no-untyped-call]
        self._stop_requested = self._stop_requested or told_to_stop.is_set()

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """SIGTERM: finish the task in hand, then end."""
        told_to_stop.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def work(app: "Flask", place: pool.Place[Lane], *, name: str | None = None) -> None:
    """Runs tasks until told to stop, or until one that need not stay is idle; a dead Redis is waited for."""
    pause = 1.0
    connection = desk_redis.connect(current().redis_url, socket_timeout=None)
    while not told_to_stop.is_set():
        _listen_for_stop()  # until RQ puts its own handlers in place
        try:
            worker = Worker(
                list(place.kind.queues), name=name, connection=connection, worker_ttl=WORKER_TTL_S
            )
            worker.app, worker.place = app, place
            worker.work(logging_level="WARNING", max_idle_time=None if place.stays else IDLE_S)
            if not place.stays:
                break
            pause = 1.0
        except redis.RedisError as error:
            _listen_for_stop()  # RQ's handlers belong to a worker that is gone
            log.warning("Redis is away (%s); trying again in %.0f s", type(error).__name__, pause)
            pause = min(pause * 2, 15)
        _listen_for_stop()
        told_to_stop.wait(pause * random.uniform(0.8, 1.2))


def work_in_many(app: "Flask", layout: Sequence[Lane]) -> None:
    """Processes for each lane of `layout`; this one only looks after them."""
    _listen_for_stop()
    _close_connections()  # so that none is handed down
    # A collection in a child would write to every object it looks at, and so copy what all could share.
    gc.collect()
    gc.freeze()

    def child(place: pool.Place[Lane]) -> None:
        die_with_parent()
        desk_redis.forget()
        # By its name `up` finds who belongs to whom.
        work(app, place, name=f"pool-{os.getppid()}-{os.getpid()}")

    pool.keep_running(layout, child, waits=_waits, told=told_to_stop)


def _waits(lane: Lane) -> bool:
    """Whether a task is in a queue of the lane."""
    try:
        return any(rq.Queue(name, connection=desk_redis.client()).count for name in lane.queues)
    except redis.RedisError:
        return False


def schedule() -> None:
    """Ticks until told to stop; a dead Redis is waited for."""
    from webapp.core.ticking import POLL_S, Scheduler
    from webapp.schedule import PERIODIC

    _listen_for_stop()
    connection = desk_redis.connect(current().redis_url, socket_timeout=5)
    scheduler = Scheduler(connection=connection, interval=POLL_S)
    away = False
    while not told_to_stop.is_set():
        try:
            scheduler.beat(PERIODIC)
            away = False
        except redis.RedisError as error:
            if not away:
                log.warning("Redis is away (%s); waiting for it", type(error).__name__)
            away = True
        told_to_stop.wait(POLL_S)


def main() -> None:
    """Reads the arguments and runs one of the two."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", type=_part, help="QUEUE[+QUEUE…][:PROCESSES]")
    parser.add_argument("--scheduler", action="store_true", help="tick instead of working")
    arguments = parser.parse_args()
    _listen_for_stop()  # loading the app takes seconds, and may be told to stop meanwhile
    _end_with_parent()
    try:
        if arguments.scheduler:
            starting.begin()
            schedule()
        else:
            serve(arguments.parts or LAYOUT)
    except Misconfigured as error:
        raise SystemExit(error.message) from None


def serve(layout: Sequence[Lane]) -> None:
    """In processes below this one; where one is enough, in this one."""
    app = prepared()
    with app.app_context():
        if sum(lane.most for lane in layout) == 1:
            work(app, pool.Place(layout[0], stays=True))
        else:
            work_in_many(app, layout)


def prepared() -> "Flask":
    """The app, all models and all tasks loaded: so no task waits for an import, and what is forked shares them."""
    app = create_app(pages=False)
    loading.bring_work()
    return app


def _close_connections() -> None:
    from webapp.core.db import db

    for engine in db.engines.values():
        engine.dispose()


def _leave_connections_to_parent() -> None:
    from webapp.core.db import db

    desk_redis.forget()
    for engine in db.engines.values():
        engine.dispose(close=False)


def _part(text: str) -> Lane:
    """`deliver+default:3`: up to three processes, each of which serves these queues in this order."""
    names, _, count = text.partition(":")
    known = dict.fromkeys(queue for lane in LAYOUT for queue in lane.queues)
    queues = tuple(names.split("+"))
    unknown = sorted(set(queues) - known.keys())
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no queue {unknown[0]}; of {', '.join(known)}")
    return Lane(queues, int(count or 1))


def _listen_for_stop() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_stop.set())


def _end_with_parent() -> None:
    if os.environ.get("TULAY_UP_PID"):
        from webapp.demo.orphan import end_with_parent

        end_with_parent()


if __name__ == "__main__":
    main()
