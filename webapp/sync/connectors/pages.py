"""One page of records: what it holds and how it is made of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webapp.core.http import Response
from webapp.sync.connectors.calling import Caller
from webapp.sync.connectors.lists import items_of
from webapp.sync.connectors.mapping import Came
from webapp.sync.connectors.paths import compile_path
from webapp.sync.connectors.walking import Position


@dataclass(frozen=True, slots=True)
class Page:
    """Raw records of one page. `position` goes on after it (None with `is_last`); both are JSON.

    `requests` and `bytes` are this page's own. `missing`: ids asked for and not answered. `came`: how each
    of the items did, where that was looked at already.
    """

    items: list[Any]
    position: Position | None
    is_last: bool
    requests: int
    bytes: int
    server_date: datetime | None = None
    etag: str | None = None
    not_modified: bool = False
    total: int | None = None
    elapsed: float = 0.0
    missing: tuple[str, ...] = ()
    came: list[Came] | None = None

    def skew(self, now: datetime) -> float | None:
        """Their clock minus ours in seconds; their Date header knows whole seconds, ours has moved on since."""
        if self.server_date is None:
            return None
        return round((self.server_date - now).total_seconds() + 0.5 + self.elapsed / 2)


def joined(pages: Sequence[Page]) -> Page:
    """The pages of one batch as one, so that all of it was asked for before any of it is applied."""
    return Page(
        items=[item for each in pages for item in each.items],
        position=None,
        is_last=True,
        requests=sum(each.requests for each in pages),
        bytes=sum(each.bytes for each in pages),
        missing=tuple(external_id for each in pages for external_id in each.missing),
    )


def listed(caller: Caller, response: Response) -> tuple[Any, list[Any]]:
    """The parsed answer and its records. Raises RemoteError wrong_shape where there is no list."""
    value = caller.value(response)
    paths = caller.shape.list.items
    items = items_of(value, paths, form=caller.shape.format)
    if items is None:
        raise caller.wrong_shape(wanted(paths), response)
    return value, items


def made_page(
    caller: Caller,
    response: Response,
    items: list[Any],
    following: Position | None,
    before: tuple[int, int],
    *,
    value: Any = None,
    not_modified: bool = False,
) -> Page:
    """`before`: the caller's tally when this page was begun."""
    path = caller.shape.list.total
    total = compile_path(path)(value) if path else None
    return Page(
        items=items,
        position=following,
        is_last=following is None,
        requests=caller.tally.requests - before[0],
        bytes=caller.tally.bytes - before[1],
        server_date=response.date,
        etag=response.headers.get("etag"),
        not_modified=not_modified,
        total=total if isinstance(total, int) else None,
        elapsed=response.elapsed,
    )


def wanted(paths: tuple[str, ...]) -> str:
    """The paths that were looked for, for a sentence."""
    return " / ".join(path or "[…]" for path in paths) + " ?"
