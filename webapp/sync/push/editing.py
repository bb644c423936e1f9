"""What a person may send instead of what waits: the fields of a delivery as controls, and what was typed checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext
from pydantic import ValidationError

from webapp.core.errors import Invalid
from webapp.outbox.models import Delivery
from webapp.sync import subjects
from webapp.sync.connectors.declaration import TARGET_FIELDS
from webapp.sync.pull.rows import why
from webapp.sync.push.queueing import wanted


@dataclass(frozen=True)
class Control:
    """`choices` empty: a text of at most `longest` characters."""

    name: str
    label: str
    value: Any
    choices: Sequence[tuple[str, str]]
    longest: int


def controls(delivery: Delivery, typed: Mapping[str, str]) -> list[Control]:
    """`typed`: what was sent and not taken, if anything."""
    subject, longest = subjects.of(delivery.subject_kind), TARGET_FIELDS[delivery.subject_kind]
    return [
        Control(
            name=name,
            label=subject.label(name),
            value=typed.get(name, value),
            choices=subject.choices(name),
            longest=longest.get(name) or 200,
        )
        for name, value in wanted(delivery).items()
    ]


def read_values(delivery: Delivery, typed: Mapping[str, str]) -> dict[str, Any]:
    """field → what is to be sent. Raises Invalid for what such a record cannot hold."""
    subject, found, wrong = subjects.of(delivery.subject_kind), dict[str, Any](), dict[str, str]()
    for name in wanted(delivery):
        if subject.choices(name) and typed.get(name) not in dict(subject.choices(name)):
            wrong[name] = gettext("Choose one of our values.")
            continue
        try:
            checked = subject.canonical(subject.check({name: typed.get(name, "")}))
        except ValidationError as error:
            wrong[name] = why(error)
        else:
            found |= {name: checked[name]}
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return found
