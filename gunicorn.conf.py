"""gunicorn's settings. `up` and the Procfile use the same ones; `-b` and WEB_CONCURRENCY override."""

import contextlib
import gc
import os
import resource
import threading

from webapp.core import greenlets

greenlets.patch()  # before the app is made: that is done here, in the first process

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_class = "gevent"
worker_connections = 10_000  # an open live page is one connection
# Of a process that died all come back at once. Linux takes net.core.somaxconn at most.
backlog = 10_000
preload_app = True  # a process that died is back in a moment: all that it shares is loaded
timeout = 60
graceful_timeout = 5  # open streams would hold a restart up; they resume at the next worker
keepalive = 30
max_requests = 0  # a worker that ends takes its streams with it
control_socket_disable = True  # else a socket in the home directory
# In memory where there is such a place: a slow disk must not look like a hung worker.
worker_tmp_dir = next(filter(os.path.isdir, ["/dev/shm"]), None)  # noqa: S108
errorlog = "-"
accesslog = None
loglevel = os.environ.get("LOG_LEVEL", "info").lower()
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")


def on_starting(_server):
    """Room for many open streams; below `up`, end when it does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for most in (65_536, 10_240):  # macOS names no limit, and then takes no more than it likes
        wanted = most if hard == resource.RLIM_INFINITY else min(hard, most)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
            break
    if os.environ.get("TULAY_UP_PID"):
        from webapp.demo.orphan import end_with_parent

        end_with_parent()


def pre_fork(server, _worker):
    """No connection is handed down, and no collection in a worker may write to, and so copy, what all share."""
    from webapp.core import redis
    from webapp.core.db import db

    redis.forget()
    with server.app.wsgi().app_context():
        for engine in db.engines.values():
            engine.dispose()
    for timer in [one for one in threading.enumerate() if isinstance(one, threading.Timer)]:
        timer.join(1)  # the rate limits' own; a copy of a running one fails
    gc.collect()
    gc.freeze()


def post_worker_init(worker):
    """What was told lately is read before pages come back, half a second after their process died; and whether live
    pages get through the proxies in front is tried out as soon as this process serves."""
    from webapp.realtime import roundtrip

    app = worker.app.wsgi()
    app.extensions["live_hub"].start()
    with app.app_context():
        roundtrip.check_soon()
