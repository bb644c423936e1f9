from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.fakes.catcher import Catcher, catching
from webapp.core import settings
from webapp.mail.channel import MailChannel
from webapp.outbox import channels


@pytest.fixture
def no_mail(app: Flask) -> Flask:
    channels.register(MailChannel())
    return app


@pytest.fixture
def catcher(no_mail: Flask) -> Iterator[Catcher]:
    """A mail server that the desk is set up to use."""
    before = settings.current()
    with catching() as running:
        settings.install(
            before.model_copy(
                update={
                    "mail_server": "127.0.0.1",
                    "mail_port": running.port,
                    "mail_default_sender": "Tulay Desk <desk@tulay.example>",
                }
            )
        )
        yield running
    settings.install(before)
