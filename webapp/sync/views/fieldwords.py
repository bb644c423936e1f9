"""A record's fields and their values in words, by the kind of record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _

from webapp.sync import subjects
from webapp.sync.connections import declared
from webapp.sync.connectors.declaration.fields import TARGET_FIELDS
from webapp.sync.models import Connection
from webapp.sync.subjects import Subject

LONGEST_TEXT = 500


def subject_of(connection: Connection) -> Subject:
    return subjects.of(declared(connection).declaration.target)


def field_words(connection: Connection) -> dict[str, Callable[..., str]]:
    """What templates call: `label(field)`, `words(field, value)`, `id_words(number)`, `reason_words(reason)`."""
    subject = subject_of(connection)
    return {
        "label": subject.label,
        "words": partial(value_or_nothing, subject),
        "id_words": id_words,
        "reason_words": partial(reason_words, subject),
    }


def id_words(external_id: str) -> str:
    """A record's number there; one without a readable number is known here by a digest."""
    return _("(without a number)") if external_id.startswith("?") else external_id


def reason_words(subject: Subject, reason: str) -> str:
    """Why a record could not be read, with the field as people know it."""
    name, colon, rest = reason.partition(": ")
    times = {
        "created_at": _("When it was created there"),
        "updated_at": _("When it was changed there"),
    }
    known = any(name in fields for fields in TARGET_FIELDS.values())
    if not colon or not (known or name in times):
        return reason
    return f"{times.get(name) or subject.label(name)}: {rest}"


def value_or_nothing(subject: Subject, field: str, value: Any) -> str:
    return _("(nothing)") if value in (None, "", []) else value_words(subject, field, value)


def value_words(subject: Subject, field: str, value: Any) -> str:
    """A value as the record's own page shows it; one that is too long for a list is cut."""
    word = dict(subject.choices(field)).get(value) if isinstance(value, str) else None
    return word or _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_plain(each) for each in value)
    if isinstance(value, Mapping):
        return str(value.get("url") or value.get("name") or "")
    if isinstance(value, datetime):
        return format_datetime(value, "d MMM y, HH:mm")
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
