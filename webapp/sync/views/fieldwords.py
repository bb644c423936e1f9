"""A record's fields and their values in words, by the kind of record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.sync import subjects
from webapp.sync.connections import declared
from webapp.sync.connectors.declaration.fields import TARGET_FIELDS
from webapp.sync.models import Connection
from webapp.sync.subjects import Subject
from webapp.sync.values import kind_of

LONGEST_TEXT = 500


_KINDS: dict[str, Any] = {
    "ticket": _l("Ticket"),
    "bordereau": _l("Bordereau"),
    "bulletin": _l("Bulletin"),
}


def subject_of(connection: Connection) -> Subject:
    return subjects.of(declared(connection).declaration.target)


def subjects_of(connection: Connection) -> dict[str, Subject]:
    """Kind of the declaration's records → ours, the list's own first."""
    found = declared(connection)
    own = {found.declaration.record: subjects.of(found.declaration.target)}
    return own | {kind: subjects.of(child.target) for kind, child in found.shape.children.items()}


def field_words(connection: Connection) -> dict[str, Any]:
    """What templates call: `label(field)`, `words(field, value)`, `choices(field)`, `id_words(number)`,
    `reason_words(reason)`, `kind_word(kind)`. A child's field is named as values.child_field does, or by its
    kind besides. `record_kinds`: those that there are."""
    known = subjects_of(connection)
    own = next(iter(known.values()))

    def of(field: str, kind: str) -> tuple[Subject, str]:
        prefix, name = kind_of(field)
        return known.get(kind or prefix, own), name

    def words(field: str, value: Any, kind: str = "") -> str:
        return value_or_nothing(*of(field, kind), value)

    return {
        "record_kinds": list(known),
        "kind_word": lambda kind: target_word(known.get(kind, own).kind),
        "label": lambda field, kind="": _label(*of(field, kind)),
        "choices": lambda field: _choices(*of(field, "")),
        "words": words,
        "id_words": id_words,
        "reason_words": lambda reason, kind="": reason_words(known.get(kind, own), reason),
    }


def target_word(target: str) -> str:
    """What a kind of our records is called."""
    return str(_KINDS[target])


def _label(subject: Subject, field: str) -> str:
    return subject.label(field)


def _choices(subject: Subject, field: str) -> Sequence[tuple[str, str]]:
    return subject.choices(field)


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
        between = "; " if any(isinstance(each, Mapping) for each in value) else ", "
        return between.join(_plain(each) for each in value)
    if isinstance(value, Mapping):
        named = value.get("url") or value.get("name")
        some = [named] if named else [each for each in value.values() if each not in (None, "")]
        return " · ".join(map(str, some))
    if isinstance(value, datetime):
        return format_datetime(value, "d MMM y, HH:mm")
    text = "" if value is None else str(value)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def owner_choices() -> list[tuple[str, str]]:
    return [
        ("ours", _("ours counts")),
        ("upstream", _("theirs counts")),
        ("newest", _("the newest counts")),
        ("ask", _("ask each time")),
    ]
