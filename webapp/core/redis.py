"""One Redis client per process. Redis only nudges: every caller copes with it being away or empty."""

from __future__ import annotations

import redis

from webapp.core import settings

_clients: dict[str, redis.Redis] = {}


def client() -> redis.Redis:
    """The shared client (bytes in, bytes out); commands time out after 3 s."""
    url = settings.current().redis_url
    if url not in _clients:
        _clients[url] = connect(url, socket_timeout=3)
    return _clients[url]


def connect(url: str, *, socket_timeout: float | None) -> redis.Redis:
    """A client of its own, for those who block (`socket_timeout` None) or fork."""
    return redis.Redis.from_url(
        url,
        socket_timeout=socket_timeout,
        socket_connect_timeout=3,
        health_check_interval=30,
        # Each connection would read the package's metadata to tell Redis its version: half of what connecting costs.
        driver_info=None,
    )


def forget() -> None:
    """Drop the shared client, as after a fork."""
    _clients.clear()
