"""Who wants to know that mail came in or was settled. Realtime stands above this package, so it registers here."""

from __future__ import annotations

from collections.abc import Callable

listeners: list[Callable[[], None]] = []  # each may only ask for things after the commit


def tell() -> None:
    """Needs an open transaction."""
    for listener in listeners:
        listener()
