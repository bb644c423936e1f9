"""Our changes on their way to the upstreams: queued with the change, sent by the outbox's loop."""

from webapp.sync.push.channel import PushChannel
from webapp.sync.push.queueing import queue_pushes

__all__ = ["PushChannel", "queue_pushes"]
