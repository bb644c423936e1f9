"""gevent's patches, for a process that may have loaded the desk's modules before: `up` forks the web process from one.

An app, its connections and its locks are made afterwards. Libraries that took by its name what stops the whole
process (`from time import sleep`) are given gevent's. To look for such names here would cost 40 MB, as whoever looks at
a value writes to its count of references: a test looks, and knows what stands here.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
import warnings
from types import ModuleType

from gevent import monkey

TAKEN_BY_NAME: tuple[tuple[str, ModuleType, str], ...] = (
    ("jinja2.utils", threading, "Lock"),
    ("redis.connection", queue, "LifoQueue"),
    ("redis.retry", time, "sleep"),
    ("werkzeug.routing.map", threading, "Lock"),
)


def patch() -> None:
    """Everything that waits lets the other greenlets go on from now on."""
    with warnings.catch_warnings():
        # Told where redis' asyncio half has taken `ssl.SSLContext` by its name: a web process never runs that.
        warnings.filterwarnings("ignore", category=monkey.MonkeyPatchWarning)
        monkey.patch_all()
    for module, source, name in TAKEN_BY_NAME:
        if module in sys.modules:
            setattr(sys.modules[module], name, getattr(source, name))
