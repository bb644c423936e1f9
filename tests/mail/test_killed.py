"""A worker is killed with kill -9 in the middle of handing a mail over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask

from tests.conftest import PATIENCE_S
from tests.fakes.catcher import Catcher
from tests.processes import STARTS_WITHIN_S
from webapp.core import clock, settings
from webapp.core.db import session, transaction
from webapp.mail.actions import queue_mail
from webapp.outbox import deliver, lanes
from webapp.outbox.models import Delivery

WORKER = """
from webapp import create_app
from webapp.outbox import tasks
with create_app().app_context():
    tasks.drain("mail")
"""


def _environment() -> dict[str, str]:
    current = settings.current()
    return {
        **os.environ,
        "SECRET_KEY": current.secret_key.get_secret_value(),
        "TULAY_SECRET_KEYS": ",".join(key.get_secret_value() for key in current.tulay_secret_keys),
        "DATABASE_URL": current.database_url,
        "REDIS_URL": current.redis_url,
        "ATTACHMENTS_URL": current.attachments_url,
        "MAIL_SERVER": current.mail_server,
        "MAIL_PORT": str(current.mail_port),
        "MAIL_DEFAULT_SENDER": current.mail_default_sender,
        "LOG_LEVEL": "ERROR",
    }


def _queue(word: str) -> Delivery:
    values = {
        "desk": "Naga",
        "ref": "T-1",
        "title": word,
        "name": "",
        "place": "",
        "url": "https://desk.example",
    }
    with transaction():
        return queue_mail(
            "reporter_received",
            to_address="rosa@example.org",
            to_name="Rosa",
            values=values,
            subject=("ticket", 7),
            role="reporter",
            summary=word,
        )


@pytest.mark.slow
def test_after_kill_9_the_mail_goes_out_again_in_order_with_one_interrupted_attempt(
    app: Flask, catcher: Catcher
) -> None:
    first, second = _queue("one"), _queue("two")
    session().rollback()
    catcher.think_s = 60
    root = Path(__file__).parents[2]
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=_environment(), cwd=root)
    try:
        assert catcher.received.wait(STARTS_WITHIN_S), "the worker never handed a mail over"
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait(PATIENCE_S)
    catcher.think_s = 0
    assert session().get_one(Delivery, first.id, populate_existing=True).state == "sending"
    deliver.drain("mail")
    assert len(catcher.mails) == 1  # the lease still holds
    with time_machine.travel(clock.now() + timedelta(seconds=91)):
        assert lanes.targets_due() == ["mail"]
        deliver.drain("mail")
    session().rollback()
    session().expire_all()
    attempts = session().get_one(Delivery, first.id).attempts
    assert [attempt.outcome for attempt in attempts] == ["interrupted", "sent"]
    assert [d.state for d in (first, second)] == ["sent", "sent"]
    subjects = [mail["Subject"] for mail in catcher.mails]
    assert subjects == ["[T-1] one", "[T-1] one", "[T-1] two"]
    assert catcher.mails[0]["Message-ID"] == catcher.mails[1]["Message-ID"]
