"""Whether a part truly does its work, asked of the part itself. Each gives a function of its pid."""

import http.client
import smtplib
import urllib.request
from collections.abc import Callable

import redis

Ready = Callable[[int], bool]
PATIENCE_S = 2.0

_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def redis_answers(url: str) -> Ready:
    """PING, with the password."""

    def ready(_pid: int) -> bool:
        with _redis(url) as client:
            return _or_false(lambda: bool(client.ping()))

    return ready


def web_answers(port: int) -> Ready:
    """200 from /healthz."""
    return lambda _pid: _http_200(f"http://127.0.0.1:{port}/healthz")


def upstream_answers(port: int) -> Ready:
    """Its control address answers, trouble or not."""
    return lambda _pid: _http_200(f"http://127.0.0.1:{port}/_control")


def smtp_greets(port: int) -> Ready:
    """A whole SMTP greeting and NOOP."""

    def asked() -> bool:
        with smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE_S) as connection:
            return connection.noop()[0] == 250

    return lambda _pid: _or_false(asked)


def all_of(*ready: Ready) -> Ready:
    """Each of them."""
    return lambda pid: all(each(pid) for each in ready)


def worker_registered(url: str) -> Ready:
    """A worker with this pid, or one that it has forked, listens in Redis."""

    def ready(pid: int) -> bool:
        with _redis(url) as client:
            return _or_false(lambda: _listens(client, pid))

    return ready


def scheduler_beats(url: str) -> Ready:
    """The scheduler with this pid has polled."""

    def ready(pid: int) -> bool:
        with _redis(url) as client:
            return _or_false(lambda: _beat(client) == pid)

    return ready


def _listens(client: redis.Redis, pid: int) -> bool:
    found: set[bytes] = client.smembers("rq:workers")  # type: ignore[assignment]
    ours = f":pool-{pid}-".encode()
    return any(ours in key or client.hget(key, "pid") == str(pid).encode() for key in found)


def _beat(client: redis.Redis) -> int:
    value = client.get("tulay:scheduler:beat")
    return int(bytes(value).split()[1]) if value else 0  # type: ignore[arg-type]


def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=PATIENCE_S, socket_connect_timeout=PATIENCE_S)


def _http_200(url: str) -> bool:
    def asked() -> bool:
        with _direct.open(url, timeout=PATIENCE_S) as answer:
            return bool(answer.status == 200)

    return _or_false(asked)


def _or_false(ask: Callable[[], bool]) -> bool:
    try:
        return ask()
    except (OSError, http.client.HTTPException, redis.RedisError, smtplib.SMTPException):
        return False
