"""A push on the wire: look first where the last try may have arrived, answer a conflict by reading, once.

No transaction is open in here and no row is touched.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask_babel import gettext

from webapp.core.errors import RemoteError
from webapp.core.http import Request, redact_body
from webapp.outbox.channels import Answer, Hold
from webapp.sync.connections import Access, shape_of
from webapp.sync.connectors.engine import Engine
from webapp.sync.connectors.mapping import MappedRecord, RecordProblem
from webapp.sync.connectors.values import outward
from webapp.sync.pull.rows import why
from webapp.sync.subjects import Subject

SENT, CONFIRMED, NOTHING = "sent", "confirmed by reading", "nothing to do"


@dataclass(frozen=True, slots=True)
class Call:
    """Plain values. `name`: the push call of the declaration; `wanted`: field → our value; `base`: those last
    agreed; `ours`: the fields of which our value wins a conflict."""

    access: Access
    subject: Subject
    request: Request
    name: str
    external_id: str
    wanted: Mapping[str, Any]
    base: Mapping[str, Any]
    key: str
    unsure: bool
    ours: frozenset[str]
    version: str | None = None  # of their record, as last seen
    along: Mapping[str, Any] = field(default_factory=dict)  # what the call needs besides
    confirmed_by: frozenset[str] = frozenset()  # fields that tell ours; empty: all that are wanted
    once: bool = False  # refused because of what they have is refused for good
    since: datetime | None = None  # their record has not changed before


@dataclass(frozen=True)
class Pushed(Answer):
    """What is known of their record after the call. `told`: fields that keep their own words; `conflicts`:
    field → what they had made of it meanwhile."""

    told: Mapping[str, str] = field(default_factory=dict)
    version: str | None = None
    updated_at: datetime | None = None
    conflicts: Mapping[str, Any] = field(default_factory=dict)
    fell_back: bool = False  # the token was refused, the one before it was not


class Refused(Hold):
    """The token does not do: a matter of the whole connection, and no attempt of this delivery."""

    def __init__(self, error: RemoteError) -> None:
        super().__init__(error.message)
        self.error = error


def carry_out(call: Call) -> Pushed:
    """With the token in use; where it is refused, once with the one before it. Raises RemoteError or Refused."""
    try:
        return _with_token(call)
    except Refused as refusal:
        if refusal.error.kind != "unauthorized" or not call.access.fallback:
            raise
    old = replace(call, access=call.access.with_fallback())
    with old.access.engine() as engine:
        request = _again(engine, old, call.version, suffix="")
    return replace(_with_token(replace(old, request=request)), fell_back=True)


def _with_token(call: Call) -> Pushed:
    with call.access.engine() as engine:
        try:
            return _carry_out(engine, call)
        except RemoteError as error:
            if error.kind in ("unauthorized", "forbidden"):
                raise Refused(error) from None
            raise


def _carry_out(engine: Engine, call: Call) -> Pushed:
    seen = _Seen(call)
    request = call.request
    if call.unsure:
        there = _look(engine, call)
        if seen.is_ours(there):
            return _confirmed(call, there)
        seen.note(there)
        request = _again(engine, call, there.version, suffix="")
    try:
        return _seen_to_work(engine, seen, _sent(engine, call, request, seen.conflicts))
    except RemoteError as error:
        if error.kind != "conflict":
            raise
        refused = error
    there = _read(engine, call)
    if seen.is_ours(there):
        return _confirmed(call, there)
    if call.once:
        raise refused
    seen.note(there)
    # The refused call had no effect, so this is another call: with the version it was refused for, its own key.
    again = _again(engine, call, there.version, suffix="-again")
    return _sent(engine, call, again, seen.conflicts)


class _Seen:
    """Compares in their own words, of which there may be fewer than ours."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.conflicts: dict[str, Any] = {}
        self._projection = call.access.projection()

    def is_ours(self, there: MappedRecord) -> bool:
        theirs = self._values(there)
        telling = self.call.confirmed_by or self.call.wanted.keys()
        return all(
            field in theirs and self._reads(field, theirs[field]) == self._reads(field, ours)
            for field, ours in self.call.wanted.items()
            if field in telling
        )

    def note(self, there: MappedRecord) -> None:
        """Their value is kept as a conflict where it is neither ours nor the one last agreed."""
        call, values = self.call, self._values(there)
        for name in call.wanted.keys() & values.keys():
            theirs = self._reads(name, values[name])
            if theirs in (
                self._reads(name, call.base.get(name)),
                self._reads(name, call.wanted[name]),
            ):
                continue
            if name not in call.ours:
                field_name = call.subject.label(name)
                raise RemoteError(
                    gettext(
                        "The upstream has changed this meanwhile; its value is kept: %(field)s",
                        field=field_name,
                    ),
                    kind="overruled",
                )
            self.conflicts[name] = values[name]

    def _values(self, there: MappedRecord) -> Mapping[str, Any]:
        try:
            return self.call.subject.canonical(self.call.subject.check(there.fields))
        except ValueError as error:  # pydantic's are such
            raise RemoteError(why(error), kind="wrong_shape") from None

    def _reads(self, field: str, value: Any) -> Any:
        known = self._projection.get(field)
        return value if known is None else known.get(value, value)


def _seen_to_work(engine: Engine, seen: _Seen, pushed: Pushed) -> Pushed:
    """A success whose answer cannot be read may be a sign-in page, so we look whether anything changed."""
    if not pushed.how:
        return pushed
    try:
        there = _look(engine, seen.call)
    except RemoteError as error:
        if error.retryable:
            raise
        return pushed  # it cannot be told, and they said that it went well
    if seen.is_ours(there):
        return pushed
    raise RemoteError(
        gettext("The upstream said yes with an answer that cannot be read, and changed nothing."),
        kind="wrong_shape",
        retryable=True,
        ambiguous=True,
    )


def _sent(engine: Engine, call: Call, request: Request, conflicts: Mapping[str, Any]) -> Pushed:
    answer = engine.send_push(call.name, request)
    record = answer.record
    return Pushed(
        status=answer.status,
        text=redact_body(answer.body, content_type=answer.headers.get("content-type", "")),
        how=answer.warning,
        keep={"how": SENT, "version": record.version if record else None},
        told=_told(call, record),
        version=record.version if record else None,
        updated_at=record.updated_at if record else None,
        conflicts=dict(conflicts),
    )


def _confirmed(call: Call, there: MappedRecord) -> Pushed:
    return Pushed(
        how=gettext("confirmed by reading"),
        keep={"how": CONFIRMED, "version": there.version},
        told=_told(call, there),
        version=there.version,
        updated_at=there.updated_at,
    )


def _read(engine: Engine, call: Call) -> MappedRecord:
    raw = engine.fetch_one(call.external_id, since=call.since)
    if raw is None:
        raise RemoteError(gettext("The upstream no longer has this record."), kind="gone")
    try:
        return engine.mapping.map_record(raw)
    except RecordProblem as problem:
        raise RemoteError(problem.reason, kind="wrong_shape") from None


def _look(engine: Engine, call: Call) -> MappedRecord:
    """Whether our value has arrived. A web page in place of data hides that only for a while: look again later."""
    try:
        return _read(engine, call)
    except RemoteError as error:
        if error.kind in ("not_json", "not_xml"):
            error.retryable = True
        error.ambiguous = True
        raise


def _again(engine: Engine, call: Call, version: str | None, *, suffix: str) -> Request:
    return engine.prepare_push(
        call.name,
        call.external_id,
        {**call.along, **call.wanted},
        idempotency_key=call.key + suffix,
        version=version,
    )


def _told(call: Call, record: MappedRecord | None) -> dict[str, str]:
    """Their words for what they hold now: as they say them, else as we have just said them."""
    fields = record.fields if record else _said(call)
    names = [name for field in call.wanted for name in call.subject.told.get(field, ())]
    return {name: str(fields[name]) for name in names if fields.get(name)}


def _said(call: Call) -> dict[str, Any]:
    access = call.access
    shape = shape_of(access.declaration, access.shape, access.options)
    push, found = shape.push[call.name], dict[str, Any]()
    for name, map_name in push.values.items():
        ours, decided = call.wanted.get(name), access.decided.get(name, {})
        theirs = outward(shape.values[map_name], str(ours), decided) if ours else None
        found |= dict.fromkeys(call.subject.told.get(name, ()), theirs)
    return found
