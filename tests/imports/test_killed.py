"""A worker that takes in a file is killed with -9, again and again: no row is lost and none comes twice."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import PATIENCE_S
from webapp.core import db
from webapp.core.settings import Settings
from webapp.imports import actions, tasks
from webapp.imports.models import Import, ImportRow
from webapp.tickets.models import Ticket

ROWS = 3000
GO_ON = """
from webapp import create_app
from webapp.imports import tasks
with create_app(pages=False).app_context():
    tasks.go_on({import_id})
"""


@pytest.mark.slow
def test_kill_9_neither_loses_nor_doubles_a_row(
    sign_in: Any, people: Any, settings: Settings
) -> None:
    agent = sign_in(people.andres)
    sheet = "Control No,Title\n" + "".join(f"N-{n},Lamp {n}\n" for n in range(ROWS))
    page = agent.post(
        "/tickets/imports", data={"file": (io.BytesIO(sheet.encode()), "a.csv")}
    ).location
    form = {
        "column-0": "control_number",
        "column-1": "title",
        "key": "control_number",
        "zone": "UTC",
    }
    agent.post(f"{page}/match", data=form)
    import_id = int(page.rsplit("/", 1)[1])
    tasks.go_on(import_id)
    with db.transaction() as session:
        actions.start(session.get_one(Import, import_id), actor=people.andres.actor)

    killed = 0
    while _done(import_id) < ROWS and killed < 3:
        before = _done(import_id)
        worker = _start(settings, import_id)
        while _done(import_id) == before and worker.poll() is None:
            time.sleep(0.01)
        worker.send_signal(signal.SIGKILL)
        worker.wait(PATIENCE_S)
        killed += 1
    assert killed > 0
    tasks.go_on(import_id)
    assert _count(Ticket) == _count(ImportRow) == ROWS
    assert db.session().scalar(select(func.count(Ticket.control_number.distinct()))) == ROWS


def _start(settings: Settings, import_id: int) -> subprocess.Popen[bytes]:
    secret = settings.secret_key.get_secret_value()
    keys = ",".join(key.get_secret_value() for key in settings.tulay_secret_keys)
    environ = {
        "DATABASE_URL": settings.database_url.replace("+psycopg", ""),
        "REDIS_URL": settings.redis_url,
        "SECRET_KEY": secret,
        "TULAY_SECRET_KEYS": keys,
        "ATTACHMENTS_URL": settings.attachments_url,
    }
    return subprocess.Popen(
        [sys.executable, "-c", GO_ON.format(import_id=import_id)],
        env={**os.environ, **environ},
        cwd=Path(__file__).parents[2],
    )


def _done(import_id: int) -> int:
    db.session().rollback()
    db.session().expire_all()
    return db.session().get_one(Import, import_id).handled


def _count(model: Any) -> int:
    db.session().rollback()
    return db.session().scalar(select(func.count()).select_from(model)) or 0
