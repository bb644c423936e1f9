"""Runs a declaration against one upstream: pages, single records, pushes. Knows no database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from webapp.core.errors import RemoteError
from webapp.core.http import Client, Request, Response
from webapp.core.http.failures import failure
from webapp.sync.connectors.calling import Caller, absolute
from webapp.sync.connectors.declaration import CreatedWindow, Declaration
from webapp.sync.connectors.lists import inner
from webapp.sync.connectors.mapping import CompiledMapping, compile_mapping
from webapp.sync.connectors.pacing import Pace
from webapp.sync.connectors.pages import Page, joined, listed, made_page
from webapp.sync.connectors.plan import Plan, parts, plan_of
from webapp.sync.connectors.pushing import PushAnswer, prepare_push, read_push
from webapp.sync.connectors.single import SingleReads
from webapp.sync.connectors.templating import fill_path, fill_texts
from webapp.sync.connectors.values import Overrides
from webapp.sync.connectors.walking import Answer, Endless, Position, Walk, WrongEnvelope

__all__ = ["Engine", "Page", "Position", "PushAnswer"]

MOST_LOOKED_THROUGH = 200  # pages, for one record that only the list shows


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
        self.options = {name: value for name, value in (options or {}).items() if value != ""}
        self.mapping: CompiledMapping = compile_mapping(
            declaration, self.shape, zone=timezone, overrides=values_in
        )
        self._values_out = values_out or {}
        self._walk = Walk(paging=paging, incremental=self.incremental)
        self.caller = caller = Caller(
            declaration=declaration,
            shape=self.shape,
            auth=auth,
            base_url=base_url.rstrip("/"),
            secret=secret,
            client=client,
            options=self.options,
            pace=Pace(declaration.pacing.requests_per_minute, sleep=sleep),
        )
        self._single = SingleReads(caller, self.mapping)

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
    def batches_ids(self) -> bool:
        """Whether many records can be asked for by their ids in one call."""
        return self._single.batches

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
        """What one request without our filters shows, be it cut off or not. `extra`: parameters to try.

        Where everything is too large for one answer and slices are possible, the newest slice.
        """
        here = self._walk.start(None, datetime.now(UTC))
        before = self.caller.tally.requests, self.caller.tally.bytes
        try:
            response = self._list(here, None, extra)
        except RemoteError as error:
            recent = self._walk.recent(here) if error.kind == "too_large" else None
            if recent is None:
                raise
            response = self._list(recent, None, extra)
        value, items = listed(self.caller, response)
        return made_page(self.caller, response, items, None, before, value=value)

    def fetch_one(
        self, external_id: str, *, since: datetime | None = None
    ) -> dict[str, Any] | None:
        """The raw record; None when the upstream does not have it (404, 410 or an empty list).

        `since`: not changed before; where records can be found in the list alone, it is read from there on.
        """
        if self.shape.get is not None or self.batches_ids:
            return self._single.fetch_one(external_id)
        for page in islice(self.pages(since=since), MOST_LOOKED_THROUGH):
            for item in inner(page.items, self.shape.within):
                if self.mapping.find_id(item) == external_id:
                    return dict(item)
        return None

    def fetch_many(self, ids: Iterable[str]) -> Iterator[Page]:
        """These records in batches. `missing` may be a cap of the server: ask fetch_one before judging."""
        return self._single.fetch_many(ids)

    def fetch_all(self, ids: Iterable[str]) -> Page:
        """These records as one page."""
        return joined(list(self.fetch_many(ids)))

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
                return made_page(self.caller, response, [], None, before, not_modified=True)
            value, items = listed(self.caller, response)
            try:
                smaller = self._walk.redo(here, len(items))
                if smaller is not None:
                    here = smaller
                    continue
                came = list(map(self.mapping.came, items))
                link = response.headers.get("link", "")
                following = self._walk.next(
                    here, Answer(value, items, [each.hash for each in came], link)
                )
            except Endless as error:
                raise failure("endless", self.caller.host, advice=str(error)) from None
            except WrongEnvelope as error:
                raise self.caller.wrong_shape(f"{error} ?", response) from None
            if following is not None and "url" in following["at"]:
                following["at"]["url"] = absolute(response.url, following["at"]["url"])
            found = made_page(self.caller, response, items, following, before, value=value)
            return replace(found, came=came)

    def _list(
        self, here: Position, etag: str | None, extra: Mapping[str, str] | None = None
    ) -> Response:
        call = self.shape.list
        url = self._walk.url(here)
        params = (
            {}
            if url
            else {
                **fill_texts(call.params, self.options),
                **self._walk.params(here),
                **(extra or {}),
            }
        )
        headers = {"If-None-Match": etag} if etag and call.etag else {}
        path = url or fill_path(call.path, self.options)
        request = self.caller.build("GET", path, params=params, headers=headers)
        return self.caller.send(request)
