"""Records asked for by their ids: one, or many in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from webapp.core.errors import RemoteError
from webapp.core.http import Response
from webapp.sync.connectors.calling import Caller
from webapp.sync.connectors.declaration import CreatedWindow
from webapp.sync.connectors.lists import item_of, items_of
from webapp.sync.connectors.mapping import CompiledMapping
from webapp.sync.connectors.pages import Page, listed, made_page, wanted
from webapp.sync.connectors.templating import fill_path, fill_texts


class SingleReads:
    def __init__(self, caller: Caller, mapping: CompiledMapping) -> None:
        self._caller = caller
        self._shape = caller.shape
        self._mapping = mapping
        ways = self._shape.list.incremental
        # How this upstream lists records by id, whether or not that is how it is polled.
        self._by_ids = next(
            (way for way in ways if isinstance(way, CreatedWindow) and way.id_param), None
        )

    @property
    def batches(self) -> bool:
        return self._by_ids is not None

    def fetch_one(self, external_id: str) -> dict[str, Any] | None:
        try:
            found = self._got(external_id)
            if found is None and self._by_ids is not None:
                page = self._listed(self._by_ids, [external_id])
                found = page.items[0] if page.items else None
        except RemoteError as error:
            if error.kind in ("not_found", "gone"):
                return None
            raise
        return found

    def fetch_many(self, ids: Iterable[str]) -> Iterator[Page]:
        left = list(dict.fromkeys(ids))
        way = self._by_ids
        if way is None:
            for external_id in left:
                yield self._alone(external_id)
            return
        for start in range(0, len(left), way.batch):
            yield from self._batches(way, left[start : start + way.batch])

    def _batches(self, way: CreatedWindow, ids: list[str]) -> Iterator[Page]:
        """Asks again for what was left out, as long as that brings more: the server may cap its answer."""
        left = ids
        while left:
            page = self._listed(way, left)
            got = {self._mapping.find_id(item) for item in page.items}
            rest = [each for each in left if each not in got]
            stuck = len(rest) == len(left)
            yield replace(page, missing=tuple(rest) if stuck else ())
            left = [] if stuck else rest

    def _listed(self, way: CreatedWindow, ids: list[str]) -> Page:
        tally = self._caller.tally
        before = tally.requests, tally.bytes
        call = self._shape.list
        params = {**fill_texts(call.params, self._caller.options), str(way.id_param): ",".join(ids)}
        response = self._caller.send(self._caller.build("GET", call.path, params=params))
        _value, items = listed(self._caller, response)
        # A server that does not know the parameter lists something else.
        asked = [item for item in items if self._mapping.find_id(item) in ids]
        return made_page(self._caller, response, asked, None, before)

    def _alone(self, external_id: str) -> Page:
        tally = self._caller.tally
        before = tally.requests, tally.bytes
        found = self.fetch_one(external_id)
        return Page(
            items=[] if found is None else [found],
            position=None,
            is_last=True,
            requests=tally.requests - before[0],
            bytes=tally.bytes - before[1],
            missing=(external_id,) if found is None else (),
        )

    def _got(self, external_id: str) -> dict[str, Any] | None:
        call = self._shape.get
        if call is None:
            return None
        options = self._caller.options
        path = fill_path(call.path, {**options, "id": external_id})
        request = self._caller.build("GET", path, params=fill_texts(call.params, options))
        response = self._caller.send(request)
        value = self._caller.value(response)
        if call.among:
            return self._among(value, external_id, response)
        found = item_of(value, call.item, form=self._shape.format)
        if found is None and items_of(value, call.item, form=self._shape.format) != []:
            raise self._caller.wrong_shape(wanted(call.item), response)
        return found

    def _among(self, value: Any, external_id: str, response: Response) -> dict[str, Any] | None:
        """The one with the id among several; an answer that is no list says nothing about it."""
        paths = self._shape.list.items
        items = items_of(value, paths, form=self._shape.format)
        if items is None:
            raise self._caller.wrong_shape(wanted(paths), response)
        return next((each for each in items if self._mapping.find_id(each) == external_id), None)
