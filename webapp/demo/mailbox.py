"""The mails that the demo has sent, as .eml files that `/demo/mail` shows."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from itertools import count
from pathlib import Path

KEPT = 500


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
