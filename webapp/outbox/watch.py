"""Whom to tell that a delivery moved. create_app installs what live pages need; this package knows none of them."""

from __future__ import annotations

from collections.abc import Callable

from webapp.outbox.models import Delivery

Tell = Callable[[Delivery], None]

_tell: list[Tell] = []


def install(tell: Tell) -> None:
    """`tell(delivery)` runs in the transaction that moved the delivery; it may only ask for things after commit."""
    _tell[:] = [tell]


def tell(delivery: Delivery) -> None:
    for each in _tell:
        each(delivery)
