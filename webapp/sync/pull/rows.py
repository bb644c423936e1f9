"""Records as they came, read by the connector's mapping: rows ready to be merged, and those that cannot be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext
from pydantic import ValidationError

from webapp.sync.connectors.canonical import payload_hash
from webapp.sync.connectors.mapping import Came, CompiledMapping, MappedRecord, RecordProblem

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # an update time before it is a placeholder, no time


@dataclass(
    slots=True
)  # not frozen: that would make it four times as slow to make, and a pull makes many
class Row:
    """`hash`: over all that counts here, so that equal hashes mean nothing to do. `came.hash`: over all there is."""

    external_id: str
    hash: str
    came: Came
    raw: Mapping[str, Any]
    fields: Mapping[str, Any]
    unmapped: tuple[tuple[str, str], ...] = ()
    version: str | None = None
    updated_at: datetime | None = None
    created_at: datetime | None = None
    withdrawn: bool = False

    @property
    def raw_hash(self) -> str:
        return self.came.hash

    @property
    def moment(self) -> datetime | None:
        """How far the list has come with this row; where it says no update time, that of its creation."""
        return self.updated_at or self.created_at


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that cannot be applied, and why, for people."""

    external_id: str
    raw: Any
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """`doubles`: records that stood on one page more than once; the latest of them is in `rows`."""

    rows: list[Row]
    bad: list[Bad]
    doubles: int = 0
    warnings: frozenset[str] = frozenset()


def read(
    records: Sequence[Any],
    mapping: CompiledMapping,
    *,
    now: datetime,
    came: Sequence[Came] | None = None,
) -> Reading:
    """Every record becomes a row or a bad one; none is dropped, none stops the others. `came`: of each record,
    where it is at hand."""
    gathered = _Gathered()
    latest = now + timedelta(days=1)
    for place, (raw, mapped) in enumerate(zip(records, mapping.map_page(records), strict=True)):
        if isinstance(mapped, RecordProblem):
            external_id = mapped.external_id or fallback_id(raw, mapping)
            gathered.refuse(Bad(external_id, raw, mapped.reason))
            continue
        gathered.warnings.update(mapped.warnings)
        how = mapping.came(raw) if came is None else came[place]
        gathered.add(row_of(raw, mapped, came=how, latest=latest))
    return gathered.reading()


class _Gathered:
    """A page's records by their ids, of which one may stand there more than once."""

    def __init__(self) -> None:
        self.warnings: set[str] = set()
        self._rows: dict[str, Row] = {}
        self._bad: dict[str, Bad] = {}
        self._doubles = 0

    def refuse(self, bad: Bad) -> None:
        self._doubles += bad.external_id in self._bad
        self._bad[bad.external_id] = bad

    def add(self, row: Row) -> None:
        known = self._rows.get(row.external_id)
        if known is None:
            self._rows[row.external_id] = row
            return
        older, later = _by_age(known, row)
        self._rows[row.external_id] = later
        if older.created_at and later.created_at and older.created_at != later.created_at:
            # Seen in real data: two people's reports under one id. None may be lost without a word.
            named = f"{older.external_id[:160]} · {older.created_at:%Y-%m-%d %H:%M:%S}"
            reason = gettext("Another record on the same page has the same id.")
            self.refuse(Bad(named, older.raw, reason))
        else:
            self._doubles += 1

    def reading(self) -> Reading:
        for external_id in self._bad.keys() & self._rows.keys():  # one good copy is enough
            del self._bad[external_id]
            self._doubles += 1
        return Reading(
            list(self._rows.values()),
            list(self._bad.values()),
            self._doubles,
            frozenset(self.warnings),
        )


def row_of(raw: Any, mapped: MappedRecord, *, came: Came, latest: datetime) -> Row:
    """`latest`: a time beyond it is a placeholder as well, and is not believed."""
    counted = {**mapped.fields, "_deleted": mapped.deleted, "_unmapped": mapped.unmapped}
    return Row(
        external_id=mapped.external_id,
        hash=payload_hash(counted),
        came=came,
        raw=raw,
        fields=mapped.fields,
        unmapped=tuple(mapped.unmapped),
        version=mapped.version,
        updated_at=plausible(mapped.updated_at, latest),
        created_at=plausible(mapped.created_at, latest),
        withdrawn=mapped.deleted,
    )


def why(error: Exception) -> str:
    """A sentence about what a record of ours could not take, without the values themselves."""
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(step) for step in first["loc"]) or gettext("The record")
        return f"{field}: {first['msg'].removeprefix('Value error, ')}"
    return gettext("It could not be stored (%(kind)s).", kind=type(error).__name__)


def fallback_id(raw: Any, mapping: CompiledMapping) -> str:
    """What a record without a readable id is known by in the list of problems."""
    found = mapping.find_id(raw)
    if found is not None:
        return found
    written = json.dumps(raw, sort_keys=True, default=str).encode("utf-8", "surrogatepass")
    return "?" + hashlib.sha256(written).hexdigest()[:32]


def _by_age(one: Row, other: Row) -> tuple[Row, Row]:
    """(older, later) by update time; the one that stood later on the page where they are equal."""
    if one.updated_at and other.updated_at and other.updated_at < one.updated_at:
        return other, one
    return one, other


def plausible(moment: datetime | None, latest: datetime) -> datetime | None:
    return moment if moment is not None and EARLIEST <= moment <= latest else None
