"""Trying out which filters and which paging a server really honours."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from webapp.core.errors import RemoteError
from webapp.core.http import Client
from webapp.sync.connectors.declaration import (
    Declaration,
    FullList,
    Incremental,
    Shape,
    UpdatedSince,
)
from webapp.sync.connectors.engine import Engine
from webapp.sync.connectors.mapping import RecordProblem
from webapp.sync.connectors.pages import Page
from webapp.sync.connectors.plan import Plan
from webapp.sync.connectors.transforms import write_moment

# These have nothing to do with the shape: another try would only fail again, later.
AT_ONCE = frozenset({"network", "dns", "tls", "timeout", "blocked"})


@dataclass(slots=True)
class Trial:
    declaration: Declaration
    base_url: str
    secret: str
    client: Client
    options: Mapping[str, str]
    timezone: str
    requests: int = 0

    def engine(self, plan: Plan) -> Engine:
        return Engine(
            self.declaration,
            base_url=self.base_url,
            client=self.client,
            secret=self.secret,
            plan=plan,
            options=self.options,
            timezone=self.timezone,
        )


def prove(trial: Trial, shape: Shape, plan: Plan, page: Page) -> tuple[Plan, dict[str, bool]]:
    """Tries what the declaration wants proved; takes the first option that is certain or proved."""
    honours: dict[str, bool] = {}
    incremental, paging = plan.incremental, plan.paging
    for position, way in enumerate(shape.list.incremental):
        if not way.prove:
            incremental = position
            break
        honours[way.kind] = _filters(trial, way, plan, page)
        if honours[way.kind]:
            incremental = position
            break
    for position, walk in enumerate(shape.list.paging):
        if not walk.prove:
            paging = position
            break
        honours[walk.kind] = _moves_on(
            trial, Plan(plan.shape, plan.auth, position, plan.incremental)
        )
        if honours[walk.kind]:
            paging = position
            break
    return Plan(plan.shape, plan.auth, paging, incremental), honours


def _filters(trial: Trial, way: Incremental, plan: Plan, page: Page) -> bool:
    """A filter is honoured when nothing has changed since next year, and something has at all.

    It is of no use where records lack the time that it goes by: they would never be listed.
    """
    engine = trial.engine(plan)
    if not page.items or isinstance(way, FullList) or not _all_dated(engine, way, page.items):
        return False
    param = way.param if isinstance(way, UpdatedSince) else way.from_param
    next_year = write_moment(datetime.now(UTC) + timedelta(days=365), way.format)
    try:
        return engine.sample({param: next_year}).items == []
    except RemoteError as error:
        if error.kind in AT_ONCE or error.kind == "rate_limited":
            raise
        return False
    finally:
        trial.requests += engine.requests


def _all_dated(engine: Engine, way: Incremental, items: list[Any]) -> bool:
    for item in items:
        try:
            record = engine.mapping.map_record(item)
        except RecordProblem:
            continue
        moment = record.updated_at if isinstance(way, UpdatedSince) else record.created_at
        if moment is None:
            return False
    return True


def _moves_on(trial: Trial, plan: Plan) -> bool:
    """Paging is honoured when the second page is another one than the first."""
    engine = trial.engine(plan)
    pages: list[Page] = []
    try:
        pages.extend(itertools.islice(engine.pages(), 2))
    except RemoteError as error:
        if error.kind in AT_ONCE or error.kind == "rate_limited":
            raise
        return False
    finally:
        trial.requests += engine.requests
    return len(pages) == 2 or pages[0].is_last
