"""Telling a worker that a connection is due. SQL says that it is; a lost message is made good by the tick."""

from __future__ import annotations

from webapp.core import queue
from webapp.sync.models import road_of


def wake(connection_id: int, *, trigger: str) -> None:
    """After the commit. `trigger`: schedule, manual or resume."""
    from webapp.sync.tasks import (
        pull_connection,
    )  # tasks stand above everything else in this package

    queue.enqueue(
        pull_connection, connection_id, trigger, queue="pull", road=road_of(connection_id)
    )
