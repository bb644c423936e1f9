"""Real processes that tests start, and their end."""

from __future__ import annotations

import contextlib
import subprocess
import time

import psutil
from sqlalchemy import text

from tests.conftest import PATIENCE_S
from webapp.core import db

# A desk is its five or six processes, each of which loads everything: several that start at once on two cores take long.
STARTS_WITHIN_S = 240.0

OTHERS_AT_WORK = text("""
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
""")


def kill_family(process: subprocess.Popen[bytes]) -> None:
    """-9 for the process and all that it started, as when a machine goes down; then waits for the database."""
    if process.poll() is None:
        family = psutil.Process(process.pid).children(recursive=True)
        for each in (psutil.Process(process.pid), *family):
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(family, PATIENCE_S)
    process.wait(PATIENCE_S)
    _let_transactions_of_the_dead_end()


def _let_transactions_of_the_dead_end() -> None:
    """PostgreSQL takes a moment to notice; till then their locks stand in the way of whoever empties the tables."""
    engine = db.db.engine
    if engine.dialect.name != "postgresql":
        return
    db.session().rollback()  # our own is none of theirs
    deadline = time.monotonic() + PATIENCE_S
    with engine.connect() as connection:
        while connection.scalar(OTHERS_AT_WORK):
            assert time.monotonic() < deadline, "a transaction of a dead process is still open"
            time.sleep(0.02)
