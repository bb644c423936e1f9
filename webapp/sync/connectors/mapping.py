"""A declaration's mapping, compiled once, applied to many raw records. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import gettext

from webapp.core.errors import Invalid
from webapp.sync.connectors.canonical import raw_bytes
from webapp.sync.connectors.declaration import TARGET_FIELDS, Declaration, FieldRule, Shape
from webapp.sync.connectors.declaration.fields import Deleted, TransformUse
from webapp.sync.connectors.paths import ABSENT, Reader, compile_path
from webapp.sync.connectors.transforms import build
from webapp.sync.connectors.transforms.registry import Transform, Warn
from webapp.sync.connectors.transforms.texts import clean, shorten
from webapp.sync.connectors.values import Overrides, inward

LONGEST_ID = 200
REVISION = (
    1  # of how records are read: raised when the same declaration reads otherwise than before
)

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
class MappedRecord:
    """A field that is not in `fields` was absent (keep ours); one that is None was null or empty.

    `unmapped`: (field, their value) pairs that no value map knows; such a field is not in `fields`.
    """

    external_id: str
    version: str | None
    updated_at: datetime | None
    created_at: datetime | None
    deleted: bool
    fields: dict[str, Any]
    unmapped: list[tuple[str, str]]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    readers: tuple[Reader, ...]
    transforms: tuple[Transform, ...]
    lookup: Callable[[str], str | None] | None
    join: str | None
    required: bool
    nullable: bool
    strict: bool
    limit: int | None


class CompiledMapping:
    """`map_record(raw)` → MappedRecord, or raises RecordProblem."""

    def __init__(
        self,
        declaration: Declaration,
        shape: Shape,
        *,
        zone: str = "",
        overrides: Overrides | None = None,
    ) -> None:
        place = _zone(zone or declaration.timezone)
        rule = shape.record
        self._salt = _salt(declaration, shape, str(place), overrides)
        self._volatile = rule.volatile
        self._ids = tuple(compile_path(path) for path in rule.id)
        self._version = compile_path(rule.version) if rule.version else None
        self._deleted = _deleted(rule.deleted)
        known = TARGET_FIELDS[declaration.target]
        self._fields = tuple(
            _compiled(name, each, shape, zone=place, limit=known.get(name), overrides=overrides)
            for name, each in shape.fields.items()
        )
        self._updated, self._created = (
            _compiled(name, each, shape, zone=place, limit=None, overrides=None) if each else None
            for name, each in (("updated_at", rule.updated_at), ("created_at", rule.created_at))
        )

    def map_record(self, raw: Any) -> MappedRecord:
        if not isinstance(raw, dict):
            raise RecordProblem(gettext("The record is not an object with named values."))
        external_id = self._id(raw)
        warnings: list[str] = []
        unmapped: list[tuple[str, str]] = []
        fields: dict[str, Any] = {}
        for each in self._fields:
            value = _value(each, raw, external_id, warnings)
            if value is not ABSENT and each.lookup is not None and value is not None:
                found = each.lookup(str(value))
                if found is None:
                    unmapped.append((each.name, str(value)))
                    continue
                value = found
            if value is not ABSENT:
                fields[each.name] = value
        return MappedRecord(
            external_id=external_id,
            version=self._version_of(raw, external_id),
            updated_at=_moment(self._updated, raw, external_id, warnings),
            created_at=_moment(self._created, raw, external_id, warnings),
            deleted=self._deleted(raw),
            fields=fields,
            unmapped=unmapped,
            warnings=warnings,
        )

    def raw_hash(self, raw: Any) -> str:
        """64 digits that stay the same as long as the record comes as it came and is read as it was read.

        Needs no mapping; values that change by themselves do not count.
        """
        return hashlib.sha256(self._salt + raw_bytes(raw, without=self._volatile)).hexdigest()

    def moments(self, raw: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
        """When the record was updated and created. Raises RecordProblem."""
        return _moment(self._updated, raw, "", []), _moment(self._created, raw, "", [])

    def find_id(self, raw: Any) -> str | None:
        """The record's id as far as it can be read; never raises."""
        try:
            return self._id(raw) if isinstance(raw, dict) else None
        except RecordProblem:
            return None

    def _id(self, raw: dict[str, Any]) -> str:
        for reader in self._ids:
            value = reader(raw)
            if isinstance(value, str | int) and not isinstance(value, bool):
                written = clean(value)
                if written is not None and len(written) <= LONGEST_ID:
                    return written
                if written is not None:
                    raise RecordProblem(gettext("Its id is longer than 200 characters."))
            elif value is not None and value is not ABSENT:
                raise RecordProblem(gettext("Its id is neither a text nor a whole number."))
        raise RecordProblem(gettext("It has no id."))

    def _version_of(self, raw: dict[str, Any], external_id: str) -> str | None:
        value = self._version(raw) if self._version is not None else None
        if value is None or value is ABSENT:
            return None
        try:
            written = clean(value)
        except ValueError:
            written = ""
        if written == "" or len(written or "") > 80:
            raise RecordProblem(gettext("Its version cannot be read."), external_id=external_id)
        return written


def _salt(declaration: Declaration, shape: Shape, zone: str, overrides: Overrides | None) -> bytes:
    """All that decides how a raw record is read, in 32 bytes."""
    decided = {field: dict(values) for field, values in (overrides or {}).items()}
    read_by = [REVISION, declaration.target, shape.model_dump(mode="json"), zone, decided]
    return hashlib.sha256(json.dumps(read_by, sort_keys=True).encode()).digest()


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        said = gettext("“%(name)s” is no time zone such as Asia/Manila.", name=name)
        raise Invalid(said, fields={"timezone": said}) from None


def compile_mapping(
    declaration: Declaration, shape: Shape, *, zone: str = "", overrides: Overrides | None = None
) -> CompiledMapping:
    """`overrides`: field → {their value: ours}, decided by an admin; they win over the declaration.

    `zone`: an IANA name in place of the declaration's, for times without a zone. Raises Invalid.
    """
    return CompiledMapping(declaration, shape, zone=zone, overrides=overrides)


def _compiled(
    name: str,
    rule: FieldRule,
    shape: Shape,
    *,
    zone: ZoneInfo,
    limit: int | None,
    overrides: Overrides | None,
) -> _Field:
    uses = rule.transforms or (_USUAL.get(name, TransformUse(name="text")),)
    lookup = None
    if rule.values is not None:
        lookup = inward(shape.values[rule.values], (overrides or {}).get(name, {}))
    return _Field(
        name=name,
        readers=tuple(compile_path(path) for path in rule.from_),
        transforms=tuple(build(use.name, use.args, zone=zone) for use in uses),
        lookup=lookup,
        join=rule.join,
        required=rule.required,
        nullable=rule.nullable,
        strict=rule.on_error == "quarantine",
        limit=limit,
    )


def _value(each: _Field, raw: dict[str, Any], external_id: str, warnings: list[str]) -> Any:
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


def _first(each: _Field, raw: dict[str, Any]) -> Any:
    """The first candidate that holds something; None when one is null or empty, ABSENT when none is there."""
    found: Any = ABSENT
    for reader in each.readers:
        value = reader(raw)
        if value is None or value is ABSENT:
            found = None if value is None else found
        elif value in ("", []) or (isinstance(value, str) and not value.strip()):
            found = value if value == [] else None
        else:
            return value
    return found


def _joined(each: _Field, raw: dict[str, Any]) -> Any:
    values = [reader(raw) for reader in each.readers]
    if all(value is ABSENT for value in values):
        return ABSENT
    flat = [part for value in values for part in (value if isinstance(value, list) else [value])]
    kept = [clean(part) for part in flat if isinstance(part, str | int | float)]
    return (each.join or "").join(part for part in kept if part) or None


def _transformed(each: _Field, value: Any, external_id: str, warnings: list[str]) -> Any:
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


def _moment(
    each: _Field | None, raw: dict[str, Any], external_id: str, warnings: list[str]
) -> datetime | None:
    value = _value(each, raw, external_id, warnings) if each is not None else None
    return value if isinstance(value, datetime) else None


def _deleted(rule: Deleted | None) -> Callable[[dict[str, Any]], bool]:
    if rule is None:
        return lambda raw: False
    reader, words = compile_path(rule.path), frozenset(word.casefold() for word in rule.equals)
    if not words:
        return lambda raw: reader(raw) is True or str(reader(raw)).lower() == "true"
    return lambda raw: str(reader(raw)).casefold() in words
