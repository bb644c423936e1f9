"""Measures what health.py judges. Each probe is bounded and answers for a part that is away, too."""

from __future__ import annotations

import logging
import time
from pathlib import Path

import redis as redis_errors
import rq
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from webapp.admin import health, live_health, queries
from webapp.admin.health import Check
from webapp.backup import queries as backups
from webapp.core import clock, db, settings
from webapp.core.queue import QUEUES
from webapp.core.redis import client
from webapp.core.ticking import BEAT_KEY
from webapp.mail import queries as mailing
from webapp.realtime import roundtrip

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parents[2] / "migrations"


def own_parts() -> list[Check]:
    """The desk's own machinery, the most needed first. The upstreams are not asked."""
    seconds = _database_seconds()
    checks = [health.database(seconds)]
    if seconds is not None:
        checks.append(health.migrations(_revision(), wanted=wanted_revision()))
    redis_seconds = _redis_seconds()
    away = redis_seconds is None
    checks += [
        health.redis(redis_seconds),
        health.workers(None if away else queues_served(), wanted=QUEUES),
        health.scheduler(None if away else _silence(), redis_away=away),
        live_health.live(
            None if away else roundtrip.last(),
            base_url=settings.current().base_url,
            now=time.time(),
        ),
    ]
    return checks + (_leaving() if seconds is not None else [])


def _leaving() -> list[Check]:
    try:
        return [
            health.mail(
                settings.current().mail_configured,
                waiting=queries.waiting_mails(),
                failing=queries.last_mail_failure(),
            ),
            _mailbox(),
            _backup(),
            health.deliveries(queries.oldest_due(), parked=queries.count_parked()),
        ]
    except SQLAlchemyError:  # a database of another release
        db.session().rollback()
        return []


def _mailbox() -> Check:
    box = mailing.mailbox()
    if box is None:
        return health.mailbox(active=False, failures=0, error="", last=None)
    return health.mailbox(
        box.active, failures=box.failures, error=box.error, last=box.last_success_at
    )


def _backup() -> Check:
    last, problem = backups.last_made(), backups.last_problem()
    age = clock.now() - last.ended_at if last and last.ended_at else None
    configured = bool(settings.current().backup_folder)
    size = (last.size or 0) if last else 0
    return health.backup(age, configured=configured, size=size, problem=problem)


def wanted_revision() -> str | None:
    """The newest migration of this release."""
    from alembic.script import ScriptDirectory  # large, and wanted only where somebody looks

    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def queues_served() -> list[list[str]]:
    """For each worker whose heartbeat is fresh, the queues it serves."""
    try:
        return [worker.queue_names() for worker in rq.Worker.all(connection=client())]
    except redis_errors.RedisError:
        return []


def _database_seconds() -> float | None:
    start = time.perf_counter()
    try:
        db.session().execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        log.warning("health: the database does not answer (%s)", type(error).__name__)
        db.session().rollback()
        return None
    return time.perf_counter() - start


def _revision() -> str | None:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(db.session().connection()).get_current_revision()


def _redis_seconds() -> float | None:
    start = time.perf_counter()
    try:
        client().ping()
    except redis_errors.RedisError:
        return None
    return time.perf_counter() - start


def _silence() -> float | None:
    try:
        beat = client().get(BEAT_KEY)
    except redis_errors.RedisError:
        return None
    return max(0.0, time.time() - float(bytes(beat).split()[0])) if beat else None  # type: ignore[arg-type]
