"""The walk through a list, page by page. A position is plain JSON: it can be saved and gone on from. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx
from flask_babel import gettext

from webapp.sync.connectors import slices
from webapp.sync.connectors.declaration import (
    CreatedWindow,
    CursorPaging,
    Incremental,
    LinkPaging,
    NoPaging,
    Paging,
    WindowPaging,
)
from webapp.sync.connectors.paths import ABSENT, compile_path
from webapp.sync.connectors.slices import Slice
from webapp.sync.connectors.transforms import write_moment

Position = dict[str, Any]
MOST_PAGES = 100_000
MOST_EMPTY = 50


class Endless(Exception):
    """The walk does not get on; the message says how it was noticed."""


class WrongEnvelope(Exception):
    """The answer lacks what paging needs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What of an answer the walk goes by."""

    value: Any
    items: list[Any]
    hashes: list[str]  # of each of them, without what changes by itself
    link: str = ""


class Walk:
    def __init__(self, *, paging: Paging, incremental: Incremental) -> None:
        self._paging = paging
        self._incremental = incremental

    def start(self, since: datetime | None, until: datetime) -> Position:
        """The first position. Without `since` no filter is sent at all."""
        position: Position = {
            "since": since.isoformat() if since else None,
            "until": until.isoformat(),
            "at": self._first(),
            "page": 1,
        }
        piece = self._first_slice(since, until)
        if piece is not None:
            position["slice"] = piece.to_json()
        return position

    def url(self, position: Position) -> str | None:
        """The whole address to call, where the upstream gave one."""
        found = position["at"].get("url")
        return str(found) if found else None

    def params(self, position: Position) -> dict[str, str]:
        """The query parameters of this position."""
        return {**self._filter(position), **self._place(position["at"])}

    def next(self, position: Position, answer: Answer) -> Position | None:
        """The position after this answer; None when the walk is done. Raises Endless, WrongEnvelope."""
        digest = _digest(answer.hashes)
        self._check_progress(position, answer, digest)
        at = self._following(position["at"], answer)
        if at is not None:
            empty = 0 if answer.items else position.get("empty", 0) + 1
            return {
                **position,
                "at": at,
                "page": position["page"] + 1,
                "digest": digest,
                "empty": empty,
            }
        return self._following_slice(position, len(answer.items))

    def redo(self, position: Position, found: int | None) -> Position | None:
        """The same place in smaller slices when this answer was cut off (`found` records), or too large
        (None). None when the answer is fine, or nothing smaller can be asked for."""
        paging = self._paging
        if paging.kind != "window":
            return None
        if found is not None and not slices.is_saturated(found, paging.saturated_at):
            return None
        if "slice" in position:
            piece = slices.halved(Slice.from_json(position["slice"]), shortest=paging.min_seconds)
            if piece is None:
                if found is None:
                    return None
                raise Endless(gettext("More than %(n)s records share one moment.", n=found))
        else:
            until = slices.moment(position["until"])
            piece = slices.first_slice(slices.earliest(paging), until, days=paging.first_days)
        return {**position, "slice": piece.to_json()}

    def recent(self, position: Position) -> Position | None:
        """The same list, its newest slice only; None where it cannot be sliced."""
        paging = self._paging
        if not isinstance(paging, WindowPaging):
            return None
        until = slices.moment(position["until"])
        piece = slices.first_slice(
            until - timedelta(days=paging.first_days), until, days=paging.first_days
        )
        return {**position, "slice": piece.to_json()}

    def _first(self) -> dict[str, Any]:
        paging = self._paging
        if paging.kind == "page_number":
            return {"page": paging.first}
        return {"offset": 0} if paging.kind == "offset" else {}

    def _first_slice(self, since: datetime | None, until: datetime) -> Slice | None:
        """Slices go by creation; an update filter needs none until an answer is cut off."""
        window = self._incremental
        if since is None or window.kind != "created_window":
            return None
        if isinstance(self._paging, WindowPaging):
            return slices.first_slice(since, until, days=self._paging.first_days)
        days = window.max_days or max((until - since).total_seconds() / 86_400, 1.0)
        return slices.first_slice(since, until, days=days)

    def _filter(self, position: Position) -> dict[str, str]:
        params: dict[str, str] = {}
        changed = self._incremental
        if position["since"] is not None and changed.kind == "updated_since":
            params[changed.param] = write_moment(slices.moment(position["since"]), changed.format)
        window = self._paging if isinstance(self._paging, WindowPaging) else changed
        if "slice" in position and isinstance(window, WindowPaging | CreatedWindow):
            params |= slices.bounds(
                Slice.from_json(position["slice"]),
                from_param=window.from_param,
                to_param=window.to_param,
                form=window.format,
            )
        return params

    def _place(self, at: Mapping[str, Any]) -> dict[str, str]:
        paging = self._paging
        params: dict[str, str] = {}
        if isinstance(paging, NoPaging | WindowPaging):
            return params
        if paging.size_param:
            params[paging.size_param] = str(paging.size)
        if paging.kind == "cursor" and at.get("cursor"):
            params[paging.param] = str(at["cursor"])
        elif paging.kind == "page_number":
            params[paging.param] = str(at["page"])
        elif paging.kind == "offset":
            params[paging.param] = str(at["offset"])
        return params

    def _following(self, at: Mapping[str, Any], answer: Answer) -> dict[str, Any] | None:
        """The next place within this slice."""
        paging = self._paging
        if isinstance(paging, NoPaging | WindowPaging):
            return None
        if isinstance(paging, CursorPaging):
            return _next_cursor(paging, at, answer)
        if isinstance(paging, LinkPaging):
            return _next_link(paging, at, answer)
        found = len(answer.items)
        if found == 0 or (paging.ends == "short" and found < paging.size):
            return None
        if paging.kind == "page_number":
            return {"page": at["page"] + 1}
        return {"offset": at["offset"] + found}

    def _following_slice(self, position: Position, found: int) -> Position | None:
        if "slice" not in position:
            return None
        done = Slice.from_json(position["slice"])
        if self._paging.kind == "window":
            done = slices.regrown(done, found=found, longest_days=self._paging.max_days)
        piece = slices.next_slice(done, slices.moment(position["until"]))
        if piece is None:
            return None
        kept = {key: position[key] for key in ("since", "until")}
        return {**kept, "slice": piece.to_json(), "at": self._first(), "page": position["page"] + 1}

    def _check_progress(self, position: Position, answer: Answer, digest: str) -> None:
        if answer.items and digest == position.get("digest"):
            raise Endless(gettext("The same page came twice."))
        if position["page"] >= MOST_PAGES or position.get("empty", 0) >= MOST_EMPTY:
            raise Endless(gettext("The pages do not end."))


def _digest(hashes: list[str]) -> str:
    return hashlib.sha256("".join(hashes).encode()).hexdigest()[:24]


def _next_cursor(
    paging: CursorPaging, at: Mapping[str, Any], answer: Answer
) -> dict[str, Any] | None:
    found = _first_of(answer.value, paging.next)
    if found is ABSENT and paging.required:
        raise WrongEnvelope(paging.next[0])
    if found is ABSENT or found is None or found == "":
        return None
    if not isinstance(found, str | int):
        raise WrongEnvelope(paging.next[0])
    if str(found) == at.get("cursor"):
        raise Endless(gettext("The next cursor is the one just used."))
    return {"cursor": str(found)}


def _next_link(paging: LinkPaging, at: Mapping[str, Any], answer: Answer) -> dict[str, Any] | None:
    if paging.next is None:
        found: Any = (
            httpx.Response(200, headers={"link": answer.link}).links.get("next", {}).get("url")
        )
    else:
        found = _first_of(answer.value, paging.next)
    if found is ABSENT or found is None or found == "":
        return None
    if not isinstance(found, str):
        raise WrongEnvelope("next")
    if found == at.get("url"):
        raise Endless(gettext("The next page is the one just read."))
    return {"url": found}


def _first_of(value: Any, paths: tuple[str, ...]) -> Any:
    for path in paths:
        found = compile_path(path)(value)
        if found is not ABSENT:
            return found
    return ABSENT
