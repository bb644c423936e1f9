"""Where attachments' bytes live: a folder (`file://…`), content-addressed, so that storing twice is harmless."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from webapp.core import settings
from webapp.core.errors import NotFound

_KEY = re.compile(r"[0-9a-f]{64}")


def put(content: bytes) -> str:
    """Store `content`, give its key (sha256, hex)."""
    key = hashlib.sha256(content).hexdigest()
    path = _path(key)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.part")
        partial.write_bytes(content)
        partial.replace(path)
    return key


def drop(key: str) -> None:
    """Let go of it, where it is there."""
    _path(key).unlink(missing_ok=True)


def read(key: str) -> bytes:
    """Raises NotFound when nothing is stored under `key`."""
    try:
        return _path(key).read_bytes()
    except FileNotFoundError:
        raise NotFound("The file is no longer stored.") from None


def every() -> Iterator[tuple[str, Path]]:
    """(key, where it stands) of everything that is stored."""
    for folder in sorted(_folder().glob("[0-9a-f][0-9a-f]")):
        for path in sorted(folder.iterdir()):
            if _KEY.fullmatch(path.name):
                yield path.name, path


def keep(key: str, content: IO[bytes]) -> None:
    """Store what a backup holds under `key`. Raises ValueError where it is not what the key says."""
    if put(content.read()) != key:
        raise ValueError(f"{key[:12]} is not what it was")


def passing(name: str) -> Path:
    """Where a file stands that is kept for a while only: one being taken in, or made to be fetched."""
    folder = _folder() / "passing"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def forget_passing(*, older_than: float) -> int:
    """Let go of what was put there before that time (seconds since 1970); how many."""
    old = [path for path in passing("").iterdir() if path.stat().st_mtime < older_than]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _path(key: str) -> Path:
    if not _KEY.fullmatch(key):
        raise NotFound("There is no such file.")
    return _folder() / key[:2] / key


def _folder() -> Path:
    return Path(settings.current().attachments_url.removeprefix("file://"))
