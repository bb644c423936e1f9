"""The scheduler behind `worker.py --scheduler`: rq-scheduler, with what it forgets asserted anew.

It moves a job with three commands, and a crash between them loses the job; FLUSHALL loses all of them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Protocol

import rq
import rq_scheduler

POLL_S = 2
BEAT_KEY = "tulay:scheduler:beat"  # "<unix time> <pid>"; the health page reads it
PREFIX = "periodic-"


class Periodic(Protocol):
    """`task` (a dotted path) runs every `every_s` seconds."""

    @property
    def name(self) -> str: ...
    @property
    def task(self) -> str: ...
    @property
    def every_s(self) -> int: ...


class Scheduler(rq_scheduler.Scheduler):
    """One poll is one `beat`; several schedulers take turns."""

    def beat(self, periodic: Iterable[Periodic]) -> None:
        """Puts back what is missing of `periodic`, queues what is due. Raises RedisError."""
        self.connection.set(BEAT_KEY, f"{time.time():.0f} {os.getpid()}", ex=60)
        if self.acquire_lock():
            try:
                self._assert(periodic)
                self.enqueue_jobs()
            finally:
                self.remove_lock()

    def enqueue_job(self, job: rq.job.Job) -> None:
        """Never a second copy of a task that still waits for a worker."""
        if self.get_queue_for_job(job).get_job_position(job.id) is None:
            super().enqueue_job(job)
        else:
            self.connection.zadd(self.scheduled_jobs_key, {job.id: time.time() + POLL_S})

    def _assert(self, periodic: Iterable[Periodic]) -> None:
        wanted = {PREFIX + task.name: task for task in periodic}
        known = {job.id: job for job in self.get_jobs() if job.id.startswith(PREFIX)}
        for job_id in known.keys() - wanted.keys():
            self.cancel(job_id)
        for job_id, task in wanted.items():
            job = known.get(job_id)
            if job and (job.func_name, job.meta.get("interval")) == (task.task, task.every_s):
                continue
            self.schedule(
                datetime.now(UTC),
                task.task,
                id=job_id,
                interval=task.every_s,
                queue_name="default",
            )
