"""Bodies into values: JSON as it is, XML as objects. What cannot be read is said in its own words."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from flask_babel import gettext
from pydantic_core import from_json

from webapp.core.errors import RemoteError
from webapp.core.http import Response
from webapp.core.http.failures import failure
from webapp.core.http.status import status_error
from webapp.sync.connectors.paths import ABSENT

_STATUS_LINE = re.compile(rb"\s*HTTP/\d(?:\.\d)? (\d{3})\b[^\r\n]*")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
DEEPEST = 60


def parse_body(response: Response, *, form: str, host: str) -> Any:
    """The value in an answer. `form`: json or xml. Raises RemoteError not_json / not_xml."""
    stray = _stray_status(response, host)
    if stray is not None:
        raise stray
    try:
        return _json(response.body) if form == "json" else _xml(response.body)
    except (ValueError, RecursionError, LookupError):
        raise _unreadable(response, form, host) from None


def _stray_status(response: Response, host: str) -> RemoteError | None:
    """San Francisco sends its status line as the first line of the body, before the XML."""
    found = _STATUS_LINE.match(response.body)
    return status_error(int(found[1]), host=host, body=response.body) if found else None


def _unreadable(response: Response, form: str, host: str) -> RemoteError:
    kind = "not_json" if form == "json" else "not_xml"
    message = ""
    if re.match(rb"\s*(<!doctype html|<html)", response.body[:200], re.IGNORECASE):
        message = gettext("%(host)s answered with a web page instead of data.", host=host)
    return failure(kind, host, message=message, http_status=response.status, body=response.body)


def _json(body: bytes) -> Any:
    value = _quickly(body)
    if value is ABSENT:
        value = json.loads(body, parse_constant=_refuse, parse_float=_finite)
    if b"\\u" in body and (b"\\u0000" in body or b"\\ud" in body or b"\\uD" in body):
        value = storable(value)
    return value


def _quickly(body: bytes) -> Any:
    """The value where a quick reader takes it as well, as it does nearly always; else ABSENT."""
    try:
        value = from_json(body, allow_inf_nan=False)
        return value if _is_finite(value) else ABSENT  # it takes 1e999 for infinite
    except ValueError:  # half a surrogate pair, a byte order mark, another encoding, or no JSON
        return ABSENT


def _is_finite(value: Any) -> bool:
    """Of all numbers in it."""
    parts = value.values() if value.__class__ is dict else (value,)
    for part in parts:
        kind = part.__class__
        if kind is float:
            if not math.isfinite(part):
                return False
        elif (kind is dict and not _is_finite(part)) or (
            kind is list and not all(map(_is_finite, part))
        ):
            return False
    return True


def _finite(written: str) -> float:
    """1e999 is infinite, which no column takes."""
    number = float(written)
    return number if math.isfinite(number) else _refuse(written)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def storable(value: Any, depth: int = 0) -> Any:
    """The value without the characters that PostgreSQL and UTF-8 refuse (NUL, half surrogates)."""
    if depth > DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, str):
        return _UNSTORABLE.sub("", value)
    if isinstance(value, list):
        return [storable(each, depth + 1) for each in value]
    if isinstance(value, dict):
        return {storable(key): storable(each, depth + 1) for key, each in value.items()}
    return value


def _xml(body: bytes) -> dict[str, Any]:
    from webapp.sync.connectors.xml import read_xml  # few upstreams speak it

    return read_xml(body)
