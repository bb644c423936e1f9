"""A pull may bring a hundred records at once: the feed tells them in one line. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from webapp.events.models import Event

BUNDLED = ("ticket.created", "bordereau.created", "bulletin.created")
FEWEST = 4  # so many in a row become one line


def bundled(events: Iterable[Event]) -> list[list[Event]]:
    """The events in their order, without mere echoes; neighbours from one upstream stand together."""
    bundles: list[list[Event]] = []
    for key, group in groupby((event for event in events if not _echoed(event)), key=_key):
        found = list(group)
        if key is None or len(found) < FEWEST:
            bundles += [[event] for event in found]
        else:
            bundles.append(found)
    return bundles


def _echoed(event: Event) -> bool:
    """Their word for a status, which stands beside the move of our status that it brought."""
    return event.type == "ticket.edited" and list(event.data.get("changes") or ()) == [
        "external_status"
    ]


def _key(event: Event) -> tuple[str, int | None] | None:
    if event.type in BUNDLED and event.actor_kind == "connection":
        return event.type, event.actor_id
    return None
