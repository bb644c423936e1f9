"""Photos and files that people send: known by their content, never by their name, and cleaned.

A photo is drawn anew (`photos`). A PDF is kept as it is and never shown inside our pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Protocol

from flask_babel import gettext
from itsdangerous import BadData, URLSafeTimedSerializer

from webapp.core import settings, storage
from webapp.core.errors import Invalid
from webapp.tickets.texts import clean_line, shorten

MOST_FILES = 5
MOST_BYTES = 15 * 1024 * 1024  # of one file
KEPT_FOR_S = 24 * 3600  # how long a good photo waits for the rest of its form to be right


class Upload(Protocol):
    """What a web framework gives for a file of a form."""

    filename: str | None
    stream: IO[bytes]


@dataclass(frozen=True)
class StoredFile:
    """A checked file in core.storage, not yet tied to a ticket."""

    name: str
    content_type: str
    size: int  # bytes
    storage_key: str
    thumb_key: str | None = None


def store(name: str, content: bytes) -> StoredFile:
    """Check, clean and store one file. Raises Invalid with a sentence for the person."""
    name = shorten(clean_line(name.replace("\\", "/").rsplit("/", 1)[-1]), limit=200)
    if len(content) > MOST_BYTES:
        raise Invalid(
            gettext("“%(name)s” is larger than 15 MB. Please choose a smaller one.", name=name)
        )
    if content.startswith(b"%PDF-"):
        key = storage.put(content)
        return StoredFile(_named(name, "pdf"), "application/pdf", len(content), key)
    return _store_photo(name, content)


def store_all(
    uploads: Iterable[Upload], *, kept: Sequence[str] = ()
) -> tuple[list[StoredFile], list[str]]:
    """The good files among `uploads` and the `kept` tokens, and a sentence for each bad one."""
    files = [file for token in kept if (file := _unkept(token))]
    errors: list[str] = []
    for upload in uploads:
        if not upload.filename:
            continue
        if len(files) >= MOST_FILES:
            errors.append(gettext("At most %(n)s files can be sent at once.", n=MOST_FILES))
            break
        try:
            files.append(store(upload.filename, upload.stream.read(MOST_BYTES + 1)))
        except Invalid as error:
            errors.append(error.message)
    return files[:MOST_FILES], errors


def keep(file: StoredFile) -> str:
    """A token that stands for `file` in a form that is shown again. Nobody can forge one."""
    return _signer().dumps(asdict(file))


def _unkept(token: str) -> StoredFile | None:
    try:
        return StoredFile(**_signer().loads(token, max_age=KEPT_FOR_S))
    except BadData:
        return None


def _signer() -> URLSafeTimedSerializer:
    secret = settings.current().secret_key.get_secret_value()
    return URLSafeTimedSerializer(secret, salt="tickets.attachments.kept")


def _store_photo(name: str, content: bytes) -> StoredFile:
    from webapp.tickets import photos  # Pillow is large, and few processes see a photo

    photo = photos.clean(name, content)
    full, thumb = photo.full, photo.thumb
    return StoredFile(
        _named(name, photo.ending),
        photo.content_type,
        len(full),
        storage.put(full),
        storage.put(thumb),
    )


def _named(name: str, ending: str) -> str:
    """The person's name for the file, ending as its content says."""
    stem = name.rsplit(".", 1)[0] or name
    return f"{stem or 'file'}.{ending}"
