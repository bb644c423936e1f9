"""One field of a record: where it is read, what is done to it, what is said when that does not work. Pure."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from flask_babel import gettext

from webapp.sync.connectors.columns import Column, column_of
from webapp.sync.connectors.declaration import FieldRule, Shape
from webapp.sync.connectors.declaration.fields import TransformUse
from webapp.sync.connectors.paths import ABSENT, Reader, compile_path
from webapp.sync.connectors.transforms import build
from webapp.sync.connectors.transforms.registry import Transform, Warn
from webapp.sync.connectors.transforms.texts import clean, shorten
from webapp.sync.connectors.values import Overrides, inward

# What a field gets where the declaration lists no transform.
_USUAL = {
    "lat": TransformUse(name="coordinate", args={"limit": 90}),
    "lng": TransformUse(name="coordinate", args={"limit": 180}),
    "reported_at": TransformUse(name="datetime"),
    "updated_at": TransformUse(name="datetime"),
    "created_at": TransformUse(name="datetime"),
    "attachments": TransformUse(name="media"),
    "source_url": TransformUse(name="url"),
}


class RecordProblem(Exception):
    """This one record cannot be applied; `reason` is for people and holds none of its values."""

    def __init__(self, reason: str, *, external_id: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.external_id = external_id


Read = Callable[[dict[str, Any], str, list[str]], Any]  # of a record, its id, the warnings so far


class Field(NamedTuple):
    """How one field is read. A tuple, as a pull takes it apart for each record."""

    name: str
    # The record's key where the field is that text and nothing more, and how long it may be: most values are such.
    key: str | None
    limit: int
    lookup: Callable[[str], str | None] | None
    read: Read
    column: Column  # the same of a page at once, before the lookup
    alike: str  # of two fields for which this is the same, one column serves both

    def as_it_is(self, raw: dict[str, Any]) -> str | None:
        """The value where nothing needs to be done about it but to take away blanks around it."""
        value = raw.get(self.key) if self.key is not None else None
        if (
            value.__class__ is str
            and len(value) <= self.limit
            and value.isascii()
            and value.isprintable()
        ):
            return value.strip() or None
        return None


def compiled(
    name: str,
    rule: FieldRule,
    shape: Shape,
    *,
    zone: ZoneInfo,
    limit: int | None,
    overrides: Overrides | None,
) -> Field:
    uses = rule.transforms or (_USUAL.get(name, TransformUse(name="text")),)
    plain = [use.name for use in uses] == ["text"] and rule.join is None and len(rule.from_) == 1
    longest = sys.maxsize if limit is None else limit
    lookup = None
    if rule.values is not None:
        lookup = inward(shape.values[rule.values], (overrides or {}).get(name, {}))
    transforms = tuple(build(use.name, use.args, zone=zone) for use in uses)
    return Field(
        name=name,
        key=rule.from_[0] if plain and rule.from_[0].isidentifier() else None,
        limit=longest,
        lookup=lookup,
        read=_reading(
            name,
            rule,
            found=_finding(rule),
            transforms=transforms,
            limit=longest,
        ),
        column=column_of(rule, uses, transforms, longest),
        alike=repr((rule.from_, rule.join, uses, longest)),
    )


def _reading(
    name: str, rule: FieldRule, *, found: Reader, transforms: tuple[Transform, ...], limit: int
) -> Read:
    """A function that gives the field's value: None where it is null or empty, ABSENT where it is not there."""
    strict, empty = rule.on_error == "quarantine", None if rule.nullable else ABSENT
    required = rule.required

    def read(raw: dict[str, Any], external_id: str, warnings: list[str]) -> Any:
        value = found(raw)
        if value is not ABSENT and value is not None:
            warn: Warn = lambda text: warnings.append(f"{name}: {text}")  # noqa: E731
            try:
                for transform in transforms:
                    value = transform(value, warn)
                    if value is None:
                        break
            except (ValueError, TypeError, AttributeError) as error:
                said = str(error) if type(error) is ValueError else gettext("this cannot be read")
                if strict:
                    raise RecordProblem(f"{name}: {said}", external_id=external_id) from None
                warn(said)
                value = ABSENT
        if value is None:
            value = empty
        if required and (value is None or value is ABSENT):
            raise RecordProblem(
                gettext("It has no %(field)s.", field=name), external_id=external_id
            )
        if isinstance(value, str) and len(value) > limit:
            warnings.append(gettext("%(field)s was shortened.", field=name))
            value = shorten(value, limit)
        return value

    return read


def _finding(rule: FieldRule) -> Reader:
    """A function that gives what stands in the record where the rule looks."""
    readers = tuple(compile_path(path) for path in rule.from_)
    if rule.join is not None:
        return partial(_joined, readers, rule.join)
    return partial(_alone, *readers) if len(readers) == 1 else partial(_first, readers)


def _alone(reader: Reader, raw: dict[str, Any]) -> Any:
    value = reader(raw)
    return None if value.__class__ is str and (not value or value.isspace()) else value


def _first(readers: tuple[Reader, ...], raw: dict[str, Any]) -> Any:
    """The first candidate that holds something; None when one is null or empty, ABSENT when none is there."""
    found: Any = ABSENT
    for reader in readers:
        value = reader(raw)
        if value is ABSENT:
            continue
        if isinstance(value, str):
            if value and not value.isspace():
                return value
            found = None
        elif value is None or value == []:
            found = value
        else:
            return value
    return found


def _joined(readers: tuple[Reader, ...], between: str, raw: dict[str, Any]) -> Any:
    values = [reader(raw) for reader in readers]
    if all(value is ABSENT for value in values):
        return ABSENT
    flat = [part for value in values for part in (value if isinstance(value, list) else [value])]
    kept = [clean(part) for part in flat if isinstance(part, str | int | float)]
    return between.join(part for part in kept if part) or None


def moment_of(
    each: Field | None, raw: dict[str, Any], external_id: str, warnings: list[str]
) -> datetime | None:
    value = each.read(raw, external_id, warnings) if each is not None else None
    return value if isinstance(value, datetime) else None
