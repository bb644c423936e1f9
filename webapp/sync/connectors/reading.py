"""One field of a record: where it is read, what is done to it, what is said when that does not work. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

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


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    readers: tuple[Reader, ...]
    transforms: tuple[Transform, ...]
    lookup: Callable[[str], str | None] | None
    join: str | None
    required: bool
    nullable: bool
    strict: bool
    limit: int | None
    # The record's key where the field is that text and nothing more: most values take the short way.
    key: str | None


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
    lookup = None
    if rule.values is not None:
        lookup = inward(shape.values[rule.values], (overrides or {}).get(name, {}))
    return Field(
        name=name,
        readers=tuple(compile_path(path) for path in rule.from_),
        transforms=tuple(build(use.name, use.args, zone=zone) for use in uses),
        lookup=lookup,
        join=rule.join,
        required=rule.required,
        nullable=rule.nullable,
        strict=rule.on_error == "quarantine",
        limit=limit,
        key=rule.from_[0] if plain and rule.from_[0].isidentifier() else None,
    )


def plain_text(each: Field, raw: dict[str, Any]) -> str | None:
    """The value where nothing needs to be done about it; None: it is not that easy."""
    value = raw.get(each.key)  # type: ignore[arg-type]
    if value.__class__ is not str or not (value.isascii() and value.isprintable()):
        return None
    if each.limit is not None and len(value) > each.limit:
        return None
    return value.strip() or None


def value_of(each: Field, raw: dict[str, Any], external_id: str, warnings: list[str]) -> Any:
    value = _joined(each, raw) if each.join is not None else _first(each, raw)
    if value is not ABSENT and value is not None:
        value = _transformed(each, value, external_id, warnings)
    if value is None and not each.nullable:
        value = ABSENT
    if each.required and (value is None or value is ABSENT):
        raise RecordProblem(
            gettext("It has no %(field)s.", field=each.name), external_id=external_id
        )
    if each.limit is not None and isinstance(value, str) and len(value) > each.limit:
        warnings.append(gettext("%(field)s was shortened.", field=each.name))
        value = shorten(value, each.limit)
    return value


def _first(each: Field, raw: dict[str, Any]) -> Any:
    """The first candidate that holds something; None when one is null or empty, ABSENT when none is there."""
    found: Any = ABSENT
    for reader in each.readers:
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


def _joined(each: Field, raw: dict[str, Any]) -> Any:
    values = [reader(raw) for reader in each.readers]
    if all(value is ABSENT for value in values):
        return ABSENT
    flat = [part for value in values for part in (value if isinstance(value, list) else [value])]
    kept = [clean(part) for part in flat if isinstance(part, str | int | float)]
    return (each.join or "").join(part for part in kept if part) or None


def _transformed(each: Field, value: Any, external_id: str, warnings: list[str]) -> Any:
    warn: Warn = lambda text: warnings.append(f"{each.name}: {text}")  # noqa: E731
    try:
        for transform in each.transforms:
            if value is None:
                break
            value = transform(value, warn)
    except (ValueError, TypeError, AttributeError) as error:
        said = str(error) if type(error) is ValueError else gettext("this cannot be read")
        if each.strict:
            raise RecordProblem(f"{each.name}: {said}", external_id=external_id) from None
        warn(said)
        return ABSENT
    return value


def moment_of(
    each: Field | None, raw: dict[str, Any], external_id: str, warnings: list[str]
) -> datetime | None:
    value = value_of(each, raw, external_id, warnings) if each is not None else None
    return value if isinstance(value, datetime) else None
