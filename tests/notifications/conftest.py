from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.fakes.catcher import Catcher, catching
from webapp.core import settings
from webapp.events import record
from webapp.mail.channel import MailChannel
from webapp.notifications import notices, toasts
from webapp.notifications.audience import Toast
from webapp.outbox import channels
from webapp.reactions import REACTIONS
from webapp.sync import events as sync
from webapp.tickets import events as tickets


@pytest.fixture
def shown(app: Flask) -> Iterator[list[Toast]]:
    """The toasts that leave; mails and toasts are wired as this package means them."""
    seen: list[Toast] = []

    def gather(event, fact):  # type: ignore[no-untyped-def]
        toasts.gather(event, fact, emit=seen.append)

    toasts.forget()
    record.install(
        {
            **REACTIONS,
            tickets.TicketCreated: (notices.mail_reporter_received, gather),
            tickets.TicketStatusChanged: (notices.mail_reporter_status, gather),
            tickets.TicketResponded: (
                notices.mail_reporter_response,
                notices.mail_followers_response,
                gather,
            ),
            tickets.TicketNoted: (gather,),
            tickets.TicketAssigned: (gather,),
            sync.SyncFailed: (gather,),
        }
    )
    yield seen
    record.install(REACTIONS)
    toasts.forget()


@pytest.fixture
def catcher(shown: list[Toast]) -> Iterator[Catcher]:
    channels.register(MailChannel())
    before = settings.current()
    with catching() as running:
        changed = {
            "mail_server": "127.0.0.1",
            "mail_port": running.port,
            "mail_default_sender": "Naga Desk <desk@naga.example>",
            "base_url": "https://desk.example",
        }
        settings.install(before.model_copy(update=changed))
        yield running
    settings.install(before)
