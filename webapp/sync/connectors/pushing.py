"""A change of ours, put into the upstream's words, and its answer read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext

from webapp.core.errors import RemoteError
from webapp.core.http import Request, Response
from webapp.core.http.failures import failure
from webapp.sync.connectors.calling import Caller
from webapp.sync.connectors.declaration import PushCall
from webapp.sync.connectors.lists import item_of
from webapp.sync.connectors.mapping import CompiledMapping, MappedRecord, RecordProblem
from webapp.sync.connectors.templating import fill, fill_path, fill_texts
from webapp.sync.connectors.values import Overrides, outward


@dataclass(frozen=True, slots=True)
class PushAnswer:
    """What came back. `record` is the changed record where the upstream returns it. `warning` says
    when the change went through and the answer could not be read."""

    status: int
    record: MappedRecord | None
    raw: dict[str, Any] | None
    duplicate: bool
    elapsed: float
    headers: Mapping[str, str]
    body: bytes  # its first 2 kB
    warning: str = ""


def prepare_push(
    caller: Caller,
    kind: str,
    external_id: str,
    values: Mapping[str, Any],
    *,
    idempotency_key: str,
    version: str | None = None,
    decided: Overrides | None = None,
) -> Request:
    """The request, not sent. Raises RemoteError (rejected) where it cannot be said in their words."""
    call = _call(caller, kind)
    said = _translated(caller, call, values, decided or {})
    known = {
        **caller.options,
        # A field that is empty here is emptied there; a note that is empty is none.
        **{name: value for name, value in said.items() if value != "" or name in call.fields},
        "id": external_id,
        "version": version,
        "idempotency_key": idempotency_key,
    }
    body = fill(call.body, known)
    form = {key: str(value) for key, value in body.items()} if call.encoding == "form" else None
    headers = fill_texts(call.headers, known)
    if call.encoding == "json":
        headers["Content-Type"] = "application/json"
    return caller.build(
        call.method,
        fill_path(call.path, known),
        params=fill_texts(call.params, known),
        headers=headers,
        form=form,
        body=b"" if form is not None else json.dumps(body, ensure_ascii=False).encode(),
        auth=call.auth,
    )


def read_push(caller: Caller, kind: str, request: Request, mapping: CompiledMapping) -> PushAnswer:
    """Sends it. Raises RemoteError; an answer that declares itself a duplicate is a success."""
    call = _call(caller, kind)
    try:
        response = caller.send(request)
    except RemoteError as error:
        status = error.http_status or 0
        if _is_duplicate(call, status, error.body):
            return PushAnswer(status, None, None, True, 0.0, {}, error.body[:2048])
        if 200 <= status < 300 and error.kind in ("too_large", "wrong_shape"):
            # It went through; only its answer was too long or badly packed.
            return PushAnswer(status, None, None, False, 0.0, {}, b"", warning=error.message)
        raise
    _check_success(caller, call, response)
    record, raw, warning = _record(caller, call, response, mapping)
    return PushAnswer(
        status=response.status,
        record=record,
        raw=raw,
        duplicate=_is_duplicate(call, response.status, response.body),
        elapsed=response.elapsed,
        headers=response.headers,
        body=response.body[:2048],
        warning=warning,
    )


def _call(caller: Caller, kind: str) -> PushCall:
    call = caller.shape.push.get(kind)
    if call is None:
        raise failure(
            "rejected",
            caller.host,
            message=gettext("%(host)s does not take this kind of change.", host=caller.host),
        )
    return call


def _translated(
    caller: Caller, call: PushCall, values: Mapping[str, Any], decided: Overrides
) -> dict[str, Any]:
    found = dict(values)
    for name, map_name in call.values.items():
        if found.get(name) in (None, ""):
            continue
        theirs = outward(caller.shape.values[map_name], str(found[name]), decided.get(name, {}))
        if theirs is None:
            raise failure(
                "rejected",
                caller.host,
                message=gettext(
                    "%(host)s has no value for our %(field)s “%(value)s”.",
                    host=caller.host,
                    field=name,
                    value=found[name],
                ),
                advice=gettext("Choose one in the connection's mapping, then retry."),
            )
        found[name] = theirs
    return found


def _is_duplicate(call: PushCall, status: int | None, body: bytes) -> bool:
    text = body.decode("utf-8", "replace").casefold()
    return any(
        rule.status == status and rule.contains.casefold() in text for rule in call.duplicate
    )


def _check_success(caller: Caller, call: PushCall, response: Response) -> None:
    """An error inside a 200 is found here; a body that cannot be read is not one."""
    if call.success and response.status not in call.success:
        raise failure("rejected", caller.host, http_status=response.status, body=response.body)
    if response.body and caller.shape.errors:
        try:
            caller.value(response)
        except RemoteError as error:
            if error.kind not in ("not_json", "not_xml"):
                raise


def _record(
    caller: Caller, call: PushCall, response: Response, mapping: CompiledMapping
) -> tuple[MappedRecord | None, dict[str, Any] | None, str]:
    if call.answer is None or not response.body:
        return None, None, ""
    try:
        raw = item_of(caller.value(response), call.answer, form=caller.shape.format)
        return (mapping.map_record(raw), raw, "") if raw is not None else (None, None, "")
    except RecordProblem as problem:
        return None, None, problem.reason
    except RemoteError as error:
        return None, None, error.message
