"""Runs a declaration against one upstream: pages, single records, pushes. Knows no database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from webapp.core.errors import RemoteError
from webapp.core.http import Client, Request, Response
from webapp.core.http.failures import failure
from webapp.sync.connectors.calling import Caller, absolute
from webapp.sync.connectors.declaration import CreatedWindow, Declaration
from webapp.sync.connectors.lists import item_of, items_of
from webapp.sync.connectors.mapping import CompiledMapping, compile_mapping
from webapp.sync.connectors.paths import compile_path
from webapp.sync.connectors.plan import Plan, parts, plan_of
from webapp.sync.connectors.pushing import PushAnswer, prepare_push, read_push
from webapp.sync.connectors.templating import fill_path, fill_texts
from webapp.sync.connectors.values import Overrides
from webapp.sync.connectors.walking import Answer, Endless, Position, Walk, WrongEnvelope


@dataclass(frozen=True, slots=True)
class Page:
    """Raw records of one page. `position` goes on after it (None with `is_last`); both are JSON.

    `requests` and `bytes` are this page's own. `missing`: ids asked for and not answered.
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


class Engine:
    """`plan` is what the probe returned; without it the declaration's certain choices are used.

    `values_in`: field → {theirs: ours}, `values_out`: field → {ours: theirs}; decided by an admin.
    `timezone` replaces the declaration's for times without a zone.
    """

    def __init__(
        self,
        declaration: Declaration,
        *,
        base_url: str,
        client: Client,
        secret: str = "",
        shape: str = "",
        plan: Mapping[str, Any] | Plan | None = None,
        options: Mapping[str, str] | None = None,
        values_in: Overrides | None = None,
        values_out: Overrides | None = None,
        timezone: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.declaration = declaration
        self.plan = plan_of(declaration, plan, shape)
        self.shape = declaration.shape(self.plan.shape)
        auth, paging, self.incremental = parts(self.shape, self.plan)
        self.options = dict(options or {})
        self.mapping: CompiledMapping = compile_mapping(
            declaration, self.shape, zone=timezone, overrides=values_in
        )
        self._values_out = values_out or {}
        self._walk = Walk(self.shape.list, paging=paging, incremental=self.incremental)
        self.caller = Caller(
            declaration=declaration,
            shape=self.shape,
            auth=auth,
            base_url=base_url.rstrip("/"),
            secret=secret,
            client=client,
            options=self.options,
            sleep=sleep,
        )

    @property
    def requests(self) -> int:
        """Requests sent so far."""
        return self.caller.tally.requests

    @property
    def repoll(self) -> str:
        """How open records are asked for again, as changes are not listed by their time: "" (no need),
        `ids` (fetch_many), `window` (pages since the oldest open record was created)."""
        return self.incremental.repoll if isinstance(self.incremental, CreatedWindow) else ""

    @property
    def lists_everything(self) -> bool:
        """Whether each complete walk shows every record, so that a missing one means something."""
        return self.incremental.kind == "full"

    def can_push(self, kind: str) -> bool:
        """Whether this upstream takes this kind of change, with the secret at hand."""
        call = self.shape.push.get(kind)
        return call is not None and not (call.needs_secret and not self.caller.secret)

    def pages(
        self,
        position: Position | None = None,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        etag: str | None = None,
    ) -> Iterator[Page]:
        """One page at a time, each fetched when asked for. `position` goes on where a page ended.

        `since` None: everything. `until`: now, where the upstream filters by a window. `etag`: of the
        first page last time; answered with one empty page that says not_modified.
        """
        here: Position | None = position
        if here is None:
            here = self._walk.start(since, until or datetime.now(UTC))
        while here is not None:
            page = self._page(here, etag if position is None and here["page"] == 1 else None)
            yield page
            here = page.position

    def sample(self, extra: Mapping[str, str] | None = None) -> Page:
        """What one request without our filters shows, be it cut off or not. `extra`: parameters to try."""
        here = self._walk.start(None, datetime.now(UTC))
        before = self.caller.tally.requests, self.caller.tally.bytes
        response = self._list(here, None, extra)
        value, items = self._items(response)
        return self._result(response, items, None, before, value=value)

    def fetch_one(self, external_id: str) -> dict[str, Any] | None:
        """The raw record; None when the upstream does not have it (404, 410 or an empty list)."""
        try:
            found = self._fetch_by_get(external_id)
            if found is None and self._by_ids() is not None:
                page = self._batch([external_id])
                found = page.items[0] if page.items else None
        except RemoteError as error:
            if error.kind in ("not_found", "gone"):
                return None
            raise
        return found

    def fetch_many(self, ids: Iterable[str]) -> Iterator[Page]:
        """These records in batches. `missing` may be a cap of the server: ask fetch_one before judging."""
        wanted = list(dict.fromkeys(ids))
        way = self._by_ids()
        size = way.batch if way is not None else 1
        for start in range(0, len(wanted), size):
            yield from self._batches(wanted[start : start + size])

    def prepare_push(
        self,
        kind: str,
        external_id: str,
        values: Mapping[str, Any],
        *,
        idempotency_key: str,
        version: str | None = None,
    ) -> Request:
        """The request that `send_push` sends; for keeping (redacted) before the call. Raises RemoteError
        (rejected) for a value that has no counterpart there."""
        return prepare_push(
            self.caller,
            kind,
            external_id,
            values,
            idempotency_key=idempotency_key,
            version=version,
            decided=self._values_out,
        )

    def send_push(self, kind: str, request: Request) -> PushAnswer:
        return read_push(self.caller, kind, request, self.mapping)

    def push(
        self,
        kind: str,
        external_id: str,
        values: Mapping[str, Any],
        *,
        idempotency_key: str,
        version: str | None = None,
    ) -> PushAnswer:
        """Sends a change. `values`: local field → local value (status, note …). Raises RemoteError."""
        request = self.prepare_push(
            kind, external_id, values, idempotency_key=idempotency_key, version=version
        )
        return self.send_push(kind, request)

    def _page(self, here: Position, etag: str | None) -> Page:
        before = self.caller.tally.requests, self.caller.tally.bytes
        while True:
            try:
                response = self._list(here, etag)
            except RemoteError as error:
                smaller = self._walk.redo(here, None) if error.kind == "too_large" else None
                if smaller is None:
                    raise
                here = smaller
                continue
            if response.status == 304:
                return self._result(response, [], None, before, not_modified=True)
            value, items = self._items(response)
            try:
                smaller = self._walk.redo(here, len(items))
                if smaller is not None:
                    here = smaller
                    continue
                link = response.headers.get("link", "")
                following = self._walk.next(here, Answer(value, items, link))
            except Endless as error:
                raise failure("endless", self.caller.host, advice=str(error)) from None
            except WrongEnvelope as error:
                raise self.caller.wrong_shape(f"{error} ?", response) from None
            if following is not None and "url" in following["at"]:
                following["at"]["url"] = absolute(response.url, following["at"]["url"])
            return self._result(response, items, following, before, value=value)

    def _list(
        self, here: Position, etag: str | None, extra: Mapping[str, str] | None = None
    ) -> Response:
        call = self.shape.list
        url = self._walk.url(here)
        params = (
            {}
            if url
            else {**self._fixed_params(call.params), **self._walk.params(here), **(extra or {})}
        )
        headers = {"If-None-Match": etag} if etag and call.etag else {}
        request = self.caller.build("GET", url or call.path, params=params, headers=headers)
        return self.caller.send(request)

    def _fixed_params(self, templates: Mapping[str, str]) -> dict[str, str]:
        return fill_texts(templates, self.options)

    def _items(self, response: Response) -> tuple[Any, list[Any]]:
        value = self.caller.value(response)
        items = items_of(value, self.shape.list.items, form=self.shape.format)
        if items is None:
            raise self.caller.wrong_shape(_wanted(self.shape.list.items), response)
        return value, items

    def _result(
        self,
        response: Response,
        items: list[Any],
        following: Position | None,
        before: tuple[int, int],
        *,
        value: Any = None,
        not_modified: bool = False,
    ) -> Page:
        total = compile_path(self.shape.list.total)(value) if self.shape.list.total else None
        return Page(
            items=items,
            position=following,
            is_last=following is None,
            requests=self.caller.tally.requests - before[0],
            bytes=self.caller.tally.bytes - before[1],
            server_date=response.date,
            etag=response.headers.get("etag"),
            not_modified=not_modified,
            total=total if isinstance(total, int) else None,
            elapsed=response.elapsed,
        )

    def _fetch_by_get(self, external_id: str) -> dict[str, Any] | None:
        call = self.shape.get
        if call is None:
            return None
        path = fill_path(call.path, {**self.options, "id": external_id})
        response = self.caller.send(
            self.caller.build("GET", path, params=self._fixed_params(call.params))
        )
        value = self.caller.value(response)
        found = item_of(value, call.item, form=self.shape.format)
        if found is None and items_of(value, call.item, form=self.shape.format) != []:
            raise self.caller.wrong_shape(_wanted(call.item), response)
        return found

    def _by_ids(self) -> CreatedWindow | None:
        """How this upstream lists records by id, whether or not that is how it is polled."""
        ways = self.shape.list.incremental
        return next((way for way in ways if isinstance(way, CreatedWindow) and way.id_param), None)

    def _batches(self, ids: list[str]) -> Iterator[Page]:
        """Asks again for what was left out, as long as that brings more: the server may cap its answer."""
        left = ids
        while left:
            page = self._batch(left)
            got = {self.mapping.find_id(item) for item in page.items}
            rest = [each for each in left if each not in got]
            stuck = len(rest) == len(left)
            yield _with_missing(page, rest if stuck else [])
            left = [] if stuck else rest

    def _batch(self, ids: list[str]) -> Page:
        before = self.caller.tally.requests, self.caller.tally.bytes
        way = self._by_ids()
        if way is None or way.id_param is None:
            found = self.fetch_one(ids[0])
            items = [] if found is None else [found]
            spent = self.caller.tally
            return Page(items, None, True, spent.requests - before[0], spent.bytes - before[1])
        params = {**self._fixed_params(self.shape.list.params), way.id_param: ",".join(ids)}
        response = self.caller.send(self.caller.build("GET", self.shape.list.path, params=params))
        _value, items = self._items(response)
        wanted = [item for item in items if self.mapping.find_id(item) in ids]
        return self._result(response, wanted, None, before)


def _with_missing(page: Page, missing: list[str]) -> Page:
    return replace(page, missing=tuple(missing), is_last=True)


def _wanted(paths: tuple[str, ...]) -> str:
    return " / ".join(path or "[…]" for path in paths) + " ?"
