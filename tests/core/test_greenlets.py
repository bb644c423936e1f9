"""What `up` has loaded when it forks the web process stops no greenlet afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# No web process runs these: the asyncio halves of libraries, the command line, the mail catcher.
NEVER_RUN = {
    "aiosmtpd.controller",
    "click.globals",
    "redis.asyncio.connection",
    "rich.live",
    "rich.progress",
    "sqlalchemy.dialects.sqlite.aiosqlite",
    "wrapt.synchronization",
}
LOADED = """
import gc, json, sys
from webapp.demo import forked
forked.load()
"""
TAKEN = (
    LOADED
    + """
from gevent import monkey
from webapp.core import greenlets
before = set(sys.modules)
greenlets.patch()
originals = {id(o) for found in monkey.saved.values() for o in found.values() if callable(o)}
others = sys.stdlib_module_names | {"gevent", "__main__"}
print(json.dumps(sorted(
    module for module in before if module.partition(".")[0] not in others
    for value in vars(sys.modules[module]).values() if id(value) in originals
)))
"""
)
MADE = (
    LOADED
    + """
import threading
print(json.dumps([[each.name for each in threading.enumerate()], "psycopg" in sys.modules, sorted(
    f"{module}.{name}" for module in sys.modules if module.startswith("webapp.")
    for name, value in vars(sys.modules[module]).items()
    for held in (value, *(vars(value).values() if type(value).__module__.startswith("webapp.") and hasattr(value, "__dict__") else ()))
    if type(held).__module__ == "_thread"
)]))
"""
)
WAITING = (
    LOADED
    + """
from webapp.core import greenlets
greenlets.patch()
import gevent, redis, redis.backoff, redis.retry, ssl, threading, time
ssl.create_default_context()
done = []
def fail():
    raise redis.ConnectionError("away")
def wait():
    try:
        redis.retry.Retry(redis.backoff.ConstantBackoff(0.5), 2).call_with_retry(fail, lambda error: None)
    except redis.ConnectionError:
        done.append("retried")
lock = threading.Lock()
def hold():
    with lock:
        time.sleep(0.2)
    done.append("held")
gevent.joinall([gevent.spawn(each) for each in (wait, hold, hold, lambda: done.append("went on"))], raise_error=True)
print(json.dumps(done))
"""
)


def said(code: str) -> object:
    """By a process of its own, as both the patches and what is loaded stay."""
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(answer.stdout)


def test_nobody_else_has_taken_by_its_name_what_stops_the_process() -> None:
    found = said(TAKEN)
    assert isinstance(found, list)
    assert set(found) <= NEVER_RUN


def test_modules_alone_are_loaded_before_no_lock_of_ours_no_thread_no_driver_that_looks_for_gevent() -> (
    None
):
    assert said(MADE) == [["MainThread"], False, []]


def test_a_greenlet_that_waits_lets_others_go_on() -> None:
    assert said(WAITING) == ["went on", "held", "held", "retried"]
