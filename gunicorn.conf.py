"""gunicorn's settings. `up` and the Procfile use the same ones; `-b` and WEB_CONCURRENCY override."""

import contextlib
import os
import resource

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_class = "gevent"
worker_connections = 10_000  # an open live page is one connection
preload_app = False  # connections and greenlets belong to one process
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


def post_worker_init(_worker):
    """Whether live pages get through the proxies in front is tried out as soon as this process serves."""
    # Imported here: nothing of ours may load before gevent has patched the standard library.
    from webapp.realtime import roundtrip

    roundtrip.check_soon()
