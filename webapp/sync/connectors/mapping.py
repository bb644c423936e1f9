"""A declaration's mapping, compiled once, applied to many raw records. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask_babel import gettext

from webapp.core.errors import Invalid
from webapp.sync.connectors.canonical import raw_bytes
from webapp.sync.connectors.columns import texts, values_at
from webapp.sync.connectors.declaration import TARGET_FIELDS, Declaration, Shape
from webapp.sync.connectors.declaration.fields import Deleted
from webapp.sync.connectors.paths import ABSENT, compile_path
from webapp.sync.connectors.reading import RecordProblem, compiled, moment_of
from webapp.sync.connectors.together import Together
from webapp.sync.connectors.transforms.texts import clean
from webapp.sync.connectors.values import Overrides

__all__ = ["Came", "CompiledMapping", "MappedRecord", "RecordProblem", "compile_mapping"]

T = TypeVar("T")

LONGEST_ID = 200
# Of how records are read: raised when the same declaration reads otherwise than before.
REVISION = 1


@dataclass(slots=True)
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


class Came(NamedTuple):
    """How a record came: the hash over all there is, and the whole of it as JSON where that is at hand."""

    hash: str
    written: bytes | None


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
        self._first_ids = values_at(rule.id[0])
        self._version = compile_path(rule.version) if rule.version else None
        self._deleted = _deleted(rule.deleted)
        known = TARGET_FIELDS[declaration.target]
        self._fields = tuple(
            compiled(name, each, shape, zone=place, limit=known.get(name), overrides=overrides)
            for name, each in shape.fields.items()
        )
        self._updated, self._created = (
            compiled(name, each, shape, zone=place, limit=None, overrides=None) if each else None
            for name, each in (("updated_at", rule.updated_at), ("created_at", rule.created_at))
        )

    def map_record(self, raw: Any) -> MappedRecord:
        if not isinstance(raw, dict):
            raise RecordProblem(gettext("The record is not an object with named values."))
        external_id = self._id(raw)
        warnings: list[str] = []
        unmapped: list[tuple[str, str]] = []
        fields: dict[str, Any] = {}
        for field in self._fields:
            value: Any = field.as_it_is(raw)
            if value is None:
                value = field.read(raw, external_id, warnings)
                if value is ABSENT:
                    continue
            if field.lookup is not None and value is not None:
                theirs = str(value)
                value = field.lookup(theirs)
                if value is None:
                    unmapped.append((field.name, theirs))
                    continue
            fields[field.name] = value
        return MappedRecord(
            external_id=external_id,
            version=self._version_of(raw, external_id),
            updated_at=moment_of(self._updated, raw, external_id, warnings),
            created_at=moment_of(self._created, raw, external_id, warnings),
            deleted=self._deleted(raw),
            fields=fields,
            unmapped=unmapped,
            warnings=warnings,
        )

    def map_page(self, raws: Sequence[Any]) -> list[MappedRecord | RecordProblem]:
        """What `map_record` makes of each, or the problem that it raises: a field of all of them at a time."""
        if not self._fields or any(raw.__class__ is not dict for raw in raws):
            return list(map(self._tried, raws))
        page = Together(raws)
        page.ids = self._ids_of(page, raws)
        columns = [page.column(each) for each in self._fields]
        versions = page.each(self._version_of, None)
        updated, created = page.moments(self._updated), page.moments(self._created)
        names = [each.name for each in self._fields]
        found: list[MappedRecord | RecordProblem] = []
        for place, values in enumerate(zip(*columns, strict=True)):
            if place in page.wrong:
                found.append(self._tried(raws[place]))
                continue
            fields = dict(zip(names, values, strict=True))
            if page.has_gaps:
                fields = {name: value for name, value in fields.items() if value is not ABSENT}
            record = MappedRecord(
                page.ids[place],
                versions[place],
                updated[place],
                created[place],
                self._deleted(raws[place]),
                fields,
                page.unmapped.get(place, []),
                page.warnings.get(place, []),
            )
            found.append(record)
        return found

    def _tried(self, raw: Any) -> MappedRecord | RecordProblem:
        try:
            return self.map_record(raw)
        except RecordProblem as problem:
            return problem

    def written(self, raw: Any) -> bytes:
        """The record as JSON, without the values that change by themselves."""
        return raw_bytes(raw, without=self._volatile)

    def raw_hash(self, written: bytes) -> str:
        """64 digits that stay the same as long as the record comes as it came and is read as it was read.

        Needs no mapping.
        """
        return hashlib.sha256(self._salt + written).hexdigest()

    def came(self, raw: Any) -> Came:
        written = self.written(raw)
        return Came(self.raw_hash(written), None if self._volatile else written)

    def moments(self, raw: dict[str, Any]) -> tuple[datetime | None, datetime | None]:
        """When the record was updated and created. Raises RecordProblem."""
        return moment_of(self._updated, raw, "", []), moment_of(self._created, raw, "", [])

    def find_id(self, raw: Any) -> str | None:
        """The record's id as far as it can be read; never raises."""
        try:
            return self._id(raw) if isinstance(raw, dict) else None
        except RecordProblem:
            return None

    def _ids_of(self, page: Together, raws: Sequence[dict[str, Any]]) -> list[str]:
        found = texts(self._first_ids(raws))
        if found is not None and max(map(len, found), default=0) <= LONGEST_ID:
            return found
        return page.each(self._id, "")

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

    def _version_of(self, raw: dict[str, Any], external_id: str = "") -> str | None:
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
    decided = tuple((field, tuple(values.items())) for field, values in (overrides or {}).items())
    return _compiled_once(_Same(declaration), _Same(shape), zone, decided)


class _Same(Generic[T]):
    """Declarations are never changed: which one it is decides what it says."""

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.it is other.it

    def __hash__(self) -> int:
        return id(self.it)


# A pull compiles the same one several times, and each pull of the connection again.
@lru_cache(maxsize=64)
def _compiled_once(
    declaration: _Same[Declaration],
    shape: _Same[Shape],
    zone: str,
    decided: tuple[tuple[str, tuple[tuple[str, str], ...]], ...],
) -> CompiledMapping:
    overrides = {field: dict(values) for field, values in decided}
    return CompiledMapping(declaration.it, shape.it, zone=zone, overrides=overrides)


def _deleted(rule: Deleted | None) -> Callable[[dict[str, Any]], bool]:
    if rule is None:
        return lambda raw: False
    reader, words = compile_path(rule.path), frozenset(word.casefold() for word in rule.equals)
    if not words:
        return lambda raw: reader(raw) is True or str(reader(raw)).lower() == "true"
    return lambda raw: str(reader(raw)).casefold() in words
