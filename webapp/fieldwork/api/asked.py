"""What a program sends and gets: objects, pages, ETags, and both values where two changed the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import jsonify
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.core import api
from webapp.core.errors import Conflict
from webapp.core.pagination import Page
from webapp.core.web import problem
from webapp.fieldwork.values import as_sent
from webapp.tickets.merging import Merged, merge

Row = TypeVar("Row")


class Disputed(Conflict):
    """Somebody else changed the same fields. `conflicts`: field → theirs and yours."""

    def __init__(self, merged: Merged, now: Mapping[str, Any], typed: Mapping[str, str]) -> None:
        super().__init__(_("Meanwhile somebody else changed the same. Choose, then send it again."))
        self.now = now
        self.conflicts = {
            name: {"theirs": theirs, "yours": typed[name]}
            for name, theirs in merged.disputed.items()
        }


def merged_into(
    sent: Mapping[str, Any], now: Mapping[str, str], *, version: int, shown: Mapping[str, Any]
) -> dict[str, str]:
    """Which of the fields `sent` names are to be set: S8. `sent["version"]`, or If-Match: what the sender saw;
    `sent["seen"]`: the values that it showed. Where the version is another one by now, fields that nobody else
    touched since then are set all the same. Raises Disputed."""
    typed = as_sent({name: value for name, value in sent.items() if name in now})
    before = sent.get("version", _if_match())
    if before is None or before == version:
        return {name: text for name, text in typed.items() if text != now[name]}
    seen = sent.get("seen")
    told = as_sent(seen) if isinstance(seen, dict) else {}
    # Without what was seen, every difference may be somebody else's.
    merged = merge(typed, seen={**dict.fromkeys(typed, "\0"), **told}, now=now)
    if merged.disputed:
        raise Disputed(merged, shown, typed)
    return merged.taken


def check_fresh(version: int) -> None:
    """For deeds that cannot merge. Raises Conflict where If-Match names another version."""
    asked = _if_match()
    if asked is not None and asked != version:
        raise Conflict(_("Meanwhile somebody else changed it. Read it again first."), code="stale")


def one(name: str, shown: Mapping[str, Any], *, status: int = 200) -> Response:
    """With its version as ETag; 304 for who has it."""
    answer = jsonify({name: shown})
    answer.status_code = status
    answer.set_etag(f"{shown['id']}.{shown['version']}")
    return answer


def many(name: str, page: Page[Row], show: Callable[[Row], dict[str, Any]]) -> Response:
    shown = [show(row) for row in page.rows]
    return api.listed(name, shown, next_by=("after", page.next), next=page.next)


def disputed(error: Disputed) -> Response:
    """409, with both values of each field and the record as it is now."""
    return problem(error, conflicts=error.conflicts, current=error.now)


def _if_match() -> int | None:
    """The version in If-Match: "7.3" is the third of number 7."""
    tag = api.if_match()
    if tag is None:
        return None
    version = tag.rpartition(".")[2]
    return int(version) if version.isdecimal() and len(version) < 10 else -1
