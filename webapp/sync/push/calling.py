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
from webapp.sync.connections import Access
from webapp.sync.connectors.engine import Engine
from webapp.sync.connectors.mapping import MappedRecord, RecordProblem

STATUS = "status"
SENT, CONFIRMED, NOTHING = "sent", "confirmed by reading", "nothing to do"


@dataclass(frozen=True, slots=True)
class Call:
    """Plain values. `base`: the status last agreed; `ours`: whether our status wins a conflict."""

    access: Access
    request: Request
    external_id: str
    status: str
    base: str | None
    key: str
    unsure: bool
    ours: bool
    version: str | None = None  # of their record, as last seen


@dataclass(frozen=True)
class Pushed(Answer):
    """What is known of their record after the call. `conflict`: what they had made of it meanwhile."""

    word: str = ""  # their status as it reads there
    version: str | None = None
    updated_at: datetime | None = None
    conflict: str = ""
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
            return _confirmed(there)
        seen.note(there)
        request = _again(engine, call, there.version, suffix="")
    try:
        return _seen_to_work(engine, seen, _sent(engine, request, conflict=seen.conflict))
    except RemoteError as error:
        if error.kind != "conflict":
            raise
    there = _read(engine, call)
    if seen.is_ours(there):
        return _confirmed(there)
    seen.note(there)
    # The refused call had no effect, so this is another call: with the version it was refused for, its own key.
    return _sent(
        engine, _again(engine, call, there.version, suffix="-again"), conflict=seen.conflict
    )


@dataclass(slots=True)
class _Seen:
    """Compares in their own words, of which there may be fewer than ours."""

    call: Call
    conflict: str = ""
    projection: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.projection = self.call.access.projection()

    def is_ours(self, there: MappedRecord) -> bool:
        return self._reads(there.fields.get(STATUS)) == self._reads(self.call.status)

    def note(self, there: MappedRecord) -> None:
        """Their value is kept as a conflict where it is neither ours nor the one last agreed."""
        theirs = there.fields.get(STATUS)
        if theirs is None or self._reads(theirs) == self._reads(self.call.base):
            return
        if not self.call.ours:
            raise RemoteError(
                gettext("The upstream has changed the status meanwhile; its value is kept."),
                kind="overruled",
            )
        self.conflict = str(theirs)

    def _reads(self, status: Any) -> Any:
        return self.projection.get(status, status)


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


def _sent(engine: Engine, request: Request, *, conflict: str) -> Pushed:
    answer = engine.send_push(STATUS, request)
    record = answer.record
    return Pushed(
        status=answer.status,
        text=redact_body(answer.body, content_type=answer.headers.get("content-type", "")),
        how=answer.warning,
        keep={"how": SENT, "version": record.version if record else None},
        word=_word(record),
        version=record.version if record else None,
        updated_at=record.updated_at if record else None,
        conflict=conflict,
    )


def _confirmed(there: MappedRecord) -> Pushed:
    return Pushed(
        how=gettext("confirmed by reading"),
        keep={"how": CONFIRMED, "version": there.version},
        word=_word(there),
        version=there.version,
        updated_at=there.updated_at,
    )


def _read(engine: Engine, call: Call) -> MappedRecord:
    raw = engine.fetch_one(call.external_id)
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
        STATUS,
        call.external_id,
        {STATUS: call.status},
        idempotency_key=call.key + suffix,
        version=version,
    )


def _word(record: MappedRecord | None) -> str:
    found = record.fields.get("external_status") if record else None
    return str(found) if found else ""
