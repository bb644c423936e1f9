"""Which of a mail's files the desk can keep: by their content, like those of every form."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.core.errors import Invalid
from webapp.inbound.message import Incoming
from webapp.tickets.attachments import MOST_FILES, StoredFile, store

SMALLEST = 200  # bytes; below it are the dots that some mails count their readers with


@dataclass(frozen=True)
class Sorted:
    """`refused`: names of those that were left in the original."""

    good: tuple[StoredFile, ...]
    refused: tuple[str, ...]


def sort_files(mail: Incoming) -> Sorted:
    good: list[StoredFile] = []
    refused: list[str] = []
    for file in mail.files:
        if len(file.content) < SMALLEST and file.content[:3] == b"GIF":
            continue
        if len(good) >= MOST_FILES:
            refused.append(file.name)
            continue
        try:
            good.append(store(file.name, file.content))
        except Invalid:
            refused.append(file.name)
    return Sorted(tuple(good), tuple(refused))
