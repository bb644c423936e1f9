"""What a comparison asks the upstream for: pages of its list, and records by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from webapp.core.errors import RemoteError
from webapp.sync.connectors.engine import Engine


def page(
    engine: Engine, position: dict[str, Any] | None, until: datetime
) -> tuple[Sequence[Any], dict[str, Any]]:
    """The next page of their list, and where to go on after it."""
    try:
        found = next(engine.pages(position, until=until))
    except RemoteError as error:
        if error.kind != "gone" or position is None:
            raise
        # Their cursor has expired: the list anew; what was compared is known by its mark.
        found = next(engine.pages(None, until=until))
    if found.is_last:
        return found.items, {"position": None, "phase": "links"}
    return found.items, {"position": found.position}


def by_id(engine: Engine, ids: Sequence[str]) -> tuple[list[Any], tuple[str, ...]]:
    """(records, ids that are not there). Left out of a batch may be the server's cap: each is asked for alone."""
    items, missing = [], []
    for batch in engine.fetch_many(ids):
        items += batch.items
        for external_id in batch.missing:
            raw = engine.fetch_one(external_id)
            if raw is None:
                missing.append(external_id)
            else:
                items.append(raw)
    return items, tuple(missing)
