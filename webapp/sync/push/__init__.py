"""Our changes on their way to the upstreams: queued with the change, sent by the outbox's loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webapp.core.loading import on_demand

if TYPE_CHECKING:
    from webapp.sync.push.channel import PushChannel
    from webapp.sync.push.queueing import queue_pushes
else:
    __getattr__ = on_demand(__name__)

__all__ = ["PushChannel", "queue_pushes"]
