"""Catches every mail that the demo sends, as .eml files that `/demo/mail` shows. Nothing leaves.

`python -m webapp.demo.mailbox --port 8904 --folder .local/demo/mail`
"""

import argparse
import signal
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from webapp.demo.orphan import end_with_parent

KEPT = 500
LARGEST = 30 * 1024 * 1024


@dataclass(frozen=True)
class Mail:
    """One caught mail."""

    key: str
    at: datetime
    message: EmailMessage

    @property
    def sender(self) -> str:
        return str(self.message["From"] or "")

    @property
    def to(self) -> str:
        return str(self.message["To"] or "")

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items()]

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        return str(part.get_content()) if part else ""


class Mailbox:
    """A folder of .eml files, bounded to the newest 500."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count()

    def keep(self, content: bytes) -> str:
        """Stores one mail, gives its key."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = f"{time.time_ns():020d}-{next(self._numbers) % 1000:03d}"
        part = self.folder / f"{key}.part"
        part.write_bytes(content)
        part.rename(self.folder / f"{key}.eml")
        for old in self._files()[KEPT:]:
            old.unlink(missing_ok=True)
        return key

    def newest(self, limit: int = 100) -> list[Mail]:
        """The newest mails first."""
        return [mail for path in self._files()[:limit] if (mail := self._read(path))]

    def find(self, key: str) -> Mail | None:
        """One mail, or None; a key is nothing but digits and a dash."""
        if not key.replace("-", "").isdecimal():
            return None
        return self._read(self.folder / f"{key}.eml")

    def __len__(self) -> int:
        return len(self._files())

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("*.eml"), reverse=True)

    def _read(self, path: Path) -> Mail | None:
        try:
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
        except FileNotFoundError:
            return None
        at = datetime.fromtimestamp(int(path.stem.split("-")[0]) / 1e9, UTC)
        return Mail(path.stem, at, message)


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


def main() -> None:
    """The process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8904)
    parser.add_argument("--folder", default=".local/demo/mail")
    arguments = parser.parse_args()
    end_with_parent()
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    controller = catching(Mailbox(Path(arguments.folder)), port=arguments.port)
    controller.start()
    print(f"ready on 127.0.0.1:{arguments.port}", flush=True)
    told.wait()
    controller.stop()


if __name__ == "__main__":
    main()
