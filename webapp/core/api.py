"""What every JSON address shares: what was sent, lists in pages, and answers that say when nothing has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from flask import Flask, Response, jsonify, request, url_for
from flask_babel import gettext
from pydantic import BaseModel

from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import JSON_PATHS

Model = TypeVar("Model", bound=BaseModel)
Row = TypeVar("Row")

USUAL, MOST = 50, 200  # rows of a page


def init_app(app: Flask) -> None:
    app.after_request(_answer_only_changes)


def sent(known: set[str] | None = None) -> dict[str, Any]:
    """What was sent, an empty body being an empty object. Raises Invalid for anything unexpected."""
    found = request.get_json(silent=True) if request.get_data(cache=True) else {}
    if not isinstance(found, dict):
        raise Invalid(gettext("Send a JSON object with Content-Type: application/json."))
    unknown = sorted(str(name) for name in found.keys() - known) if known is not None else []
    if unknown:
        fields = {name: gettext("There is no such field.") for name in unknown}
        raise Invalid(gettext("Some fields are not known here."), fields=fields)
    return dict(found)


def parsed(model: type[Model]) -> Model:
    """What was sent as that model. Raises Invalid, which names each wrong or unknown field."""
    return parse(model, sent({field.alias or name for name, field in model.model_fields.items()}))


def limit(*, usual: int = USUAL, most: int = MOST) -> int:
    """How many rows were asked for, within bounds."""
    return max(1, min(request.args.get("limit", usual, type=int), most))


def skip() -> int:
    """How many rows were asked to be left out at the start."""
    return max(0, min(request.args.get("skip", 0, type=int), 2**31))


def after() -> str | None:
    """The position that the page before ended with."""
    return request.args.get("after") or None


def page_of(rows: Sequence[Row]) -> tuple[Sequence[Row], int | None]:
    """The asked part of a short list that is read whole, and the `skip` of the next."""
    start, end = skip(), skip() + limit()
    return rows[start:end], end if len(rows) > end else None


def listed(
    name: str, rows: Sequence[Any], *, next_by: tuple[str, Any] | None = None, **more: Any
) -> Response:
    """One page of a list. `next_by`: the parameter and the value that lead to the next page, told as a Link header."""
    answer = jsonify({name: list(rows), **more})
    if next_by is not None and next_by[1] is not None:
        values = {**request.args.to_dict(), next_by[0]: next_by[1]}
        place = url_for(request.endpoint or "", **{**(request.view_args or {}), **values})
        answer.headers["Link"] = f'<{place}>; rel="next"'
    return answer


def shown_once(status: int, **fields: Any) -> Response:
    """With a secret that no other answer tells, and that nobody on the way may keep."""
    answer = jsonify(fields)
    answer.status_code = status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def if_match() -> str | None:
    """The tag in If-Match, without what compression adds to it; None where none was sent."""
    for tag in request.if_match.as_set(include_weak=True):
        return str(tag).partition(":")[0]
    return None


def _answer_only_changes(response: Response) -> Response:
    """Every JSON answer to a GET has a tag; who sends it back gets 304 and no body while it fits."""
    reading = request.method in ("GET", "HEAD") and request.path.startswith(JSON_PATHS)
    if not reading or response.status_code != 200 or response.mimetype != "application/json":
        return response
    response.headers.setdefault("Cache-Control", "private, no-cache")
    if "no-store" in response.headers["Cache-Control"] or response.is_streamed:
        return response
    response.add_etag()
    response.make_conditional(request)
    return response
