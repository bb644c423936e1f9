"""Catches every mail that the demo sends. Nothing leaves."""

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from webapp.demo.mailbox import Mailbox

LARGEST = 30 * 1024 * 1024


class Catcher:
    """aiosmtpd's handler."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keeps the mail as it came."""
        content = envelope.content or b""
        self._mailbox.keep(content if isinstance(content, bytes) else content.encode())
        return "250 Kept"


def catching(mailbox: Mailbox, *, port: int) -> Controller:
    """A catcher on loopback, not started yet: `.start()`, `.stop()`."""
    return Controller(
        Catcher(mailbox),
        hostname="127.0.0.1",
        port=port,
        data_size_limit=LARGEST,
        ident="Tulay demo",
    )
