"""A real SMTP server on loopback that keeps what it gets and can be told to refuse."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Catcher:
    """`answers`: step (MAIL, RCPT, DATA) → what it says instead of 250. `drop_after_data`: it goes away."""

    answers: dict[str, str] = field(default_factory=dict)
    refused_recipients: dict[str, str] = field(default_factory=dict)
    drop_after_data: bool = False
    think_s: float = 0.0  # before it answers to DATA
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    port: int = 0
    received: threading.Event = field(default_factory=threading.Event)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd names it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.refused_recipients.get(address) or self.answers.get("RCPT")
        if answer:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.answers:
            return self.answers["DATA"]
        content: Any = envelope.content
        self.raw.append(content)
        self.mails.append(email.message_from_bytes(content, policy=email.policy.default))
        self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
        self.received.set()
        await asyncio.sleep(self.think_s)
        if self.drop_after_data:
            server.transport.abort()
        return f"250 OK queued as {len(self.mails)}"


class _PlainController(Controller):
    def factory(self) -> SMTP:
        with warnings.catch_warnings():  # a login without TLS is what some tests want
            warnings.simplefilter("ignore", UserWarning)
            return super().factory()


@contextmanager
def catching(**options: Any) -> Iterator[Catcher]:
    """A running catcher; `options` go to aiosmtpd's Controller."""
    catcher = Catcher()
    with socket.socket() as probe:  # aiosmtpd cannot take port 0
        probe.bind(("127.0.0.1", 0))
        catcher.port = probe.getsockname()[1]
    controller = _PlainController(catcher, hostname="127.0.0.1", port=catcher.port, **options)
    controller.start()
    try:
        yield catcher
    finally:
        controller.stop()
