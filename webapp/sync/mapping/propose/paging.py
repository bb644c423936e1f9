"""How a list goes on, as far as one answer and the address that was asked show it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from webapp.sync.connectors.paths import ABSENT, read

Part = dict[str, Any]

_CURSORS = (
    "nextCursor", "next_cursor", "cursor.next", "meta.next_cursor", "meta.nextCursor", "pagination.next_cursor",
    "pagination.nextCursor", "paging.next_cursor", "meta.after_cursor", "after_cursor", "next_page_token",
    "nextPageToken", "continuation_token",
)  # fmt: skip
_LINKS = ("next", "next_page", "links.next", "_links.next.href", "_links.next", "paging.next", "pagination.next",
          "meta.next",
          "@odata.nextLink", "next_url", "nextLink", "result._links.next")  # fmt: skip
_PAGES = (
    "page",
    "current_page",
    "meta.page",
    "meta.current_page",
    "pagination.page",
    "page_number",
    "pageNumber",
    "meta.currentPage",
)
_OFFSETS = (
    "offset",
    "meta.offset",
    "skip",
    "start",
    "$offset",
    "pagination.offset",
    "result.offset",
)
_SIZES = (
    "per_page",
    "limit",
    "page_size",
    "pagesize",
    "pageSize",
    "size",
    "count",
    "$limit",
    "rows",
    "$top",
)
_TOTALS = ("total", "count", "total_count", "totalCount", "meta.total", "meta.total_count", "pagination.total",
           "result.count",
           "result.total", "total_results")  # fmt: skip


def paging_of(value: Any, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Part:
    """The one way that fits best. `headers`: names in small letters."""
    size = _size(params)
    links = headers.get("link", "")
    if 'rel="next"' in links or "rel=next" in links or 'rel="last"' in links:
        return {"kind": "link", **size}
    for path in _LINKS:
        there = read(value, path) if isinstance(value, dict) else ABSENT
        if isinstance(there, str) and there.startswith(("http://", "https://", "/")):
            return {"kind": "link", "next": path, **size}
    for path in _CURSORS:
        there = read(value, path) if isinstance(value, dict) else ABSENT
        if there is not ABSENT and isinstance(there, str | int):
            return {"kind": "cursor", "param": _cursor_param(path), "next": path, **size}
    return _counted(value, params, size)


def total_of(value: Any, records: Sequence[Any]) -> str | None:
    """The path of a count that is no smaller than what came."""
    if not isinstance(value, dict):
        return None
    for path in _TOTALS:
        found = read(value, path)
        if isinstance(found, int) and not isinstance(found, bool) and found >= len(records):
            return path
    return None


def paging_params(params: Mapping[str, str]) -> set[str]:
    """Those that page, and so are not sent always."""
    names = {
        *(p.rpartition(".")[2] for p in (*_PAGES, *_OFFSETS)),
        *_SIZES,
        "cursor",
        "page_token",
        "after",
    }
    return {name for name in params if name in names}


def _counted(value: Any, params: Mapping[str, str], size: Part) -> Part:
    body: Mapping[str, Any] = value if isinstance(value, dict) else {}
    for name in _OFFSETS:
        key = name.rpartition(".")[2]
        if key in params or isinstance(read(body, name), int):
            return {"kind": "offset", "param": key, **size}
    for name in _PAGES:
        key = name.rpartition(".")[2]
        if key in params or isinstance(read(body, name), int):
            first = 0 if params.get(key) == "0" or read(body, name) == 0 else 1
            param = {"current_page": "page", "currentPage": "page"}.get(key, key)
            return {"kind": "page_number", "param": param, "first": first, **size}
    return {"kind": "none"}


def _size(params: Mapping[str, str]) -> Part:
    for name in _SIZES:
        given = params.get(name, "")
        if given.isdecimal():
            return {"size_param": name, "size": min(max(int(given), 1), 1000)}
    return {}


def _cursor_param(path: str) -> str:
    last = path.rpartition(".")[2]
    known = {
        "next_page_token": "page_token",
        "nextPageToken": "pageToken",
        "after_cursor": "page[after]",
    }
    return known.get(last, "continuation_token" if last == "continuation_token" else "cursor")
