"""For gunicorn.conf.py: open streams end when their worker is told to stop, instead of holding it up."""

from __future__ import annotations

import threading
import time
from typing import Any


def end_streams_with(worker: Any) -> None:
    """Call from `post_worker_init`. Pages come back to the next worker and resume where they were."""
    threading.Thread(target=_watch, args=(worker,), name="live-watch", daemon=True).start()


def _watch(worker: Any) -> None:
    while worker.alive:
        time.sleep(0.3)
    hub = getattr(worker.wsgi, "extensions", {}).get("live_hub")
    if hub is not None:
        hub.stop()
