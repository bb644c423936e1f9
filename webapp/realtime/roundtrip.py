"""Sends an event through the public address and back, as a browser would see it, and keeps what was found.

Run by a worker when a web process has started and every ten minutes, and by the button on the health page. The topic is
signed by this desk and good for a minute, so that nobody else can hold such a stream. What is found lies in Redis.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import httpx
import redis as redis_errors
from itsdangerous import BadSignature, URLSafeTimedSerializer

from webapp.core import settings
from webapp.core.queue import enqueue
from webapp.core.redis import client
from webapp.realtime import stream
from webapp.realtime.frames import READY, named

log = logging.getLogger(__name__)

KEY = "tulay:live:roundtrip"
KEPT_S = 3 * 86_400
GOOD_FOR_S = 60
PATIENCE_S = 4.0  # a page begins to poll after as long
STARTS_S = 20.0  # how long a start may take on a busy machine
PAUSE_S = 0.5  # between two looks meanwhile
EVENT = "probe:sent"

OK, UNREACHABLE, ELSEWHERE, REFUSED, HELD, PACKED, SILENT = (
    "ok", "unreachable", "elsewhere", "refused", "held", "packed", "silent",
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """`kind`: one of the above. `via`: what the answer says of the server in front. `said`: a status or an error."""

    kind: str
    at: float
    ms: int = 0
    via: str = ""
    said: str = ""


class _Stopped(Exception):
    def __init__(self, kind: str, said: str = "") -> None:
        self.kind, self.said = kind, said


def is_ours(token: str) -> bool:
    """Whether a topic `probe:<token>` was signed by this desk a moment ago."""
    try:
        _signer().loads(token, max_age=GOOD_FOR_S)
    except BadSignature:
        return False
    return True


def last() -> Found | None:
    """What was found last; None while nothing is known."""
    try:
        kept = client().get(KEY)
        return Found(**json.loads(bytes(kept))) if kept else None  # type: ignore[arg-type]
    except (redis_errors.RedisError, TypeError, ValueError):
        return None


def watch() -> Found:
    """By a worker. As a desk starts, its web process may not listen yet: that is waited for."""
    return check(patience_s=STARTS_S)


def check(*, patience_s: float = 0.0) -> Found:
    """Go the whole way once, at most some fifteen seconds, and keep what was found. `patience_s`: for so long an
    address that nobody listens at is tried again first."""
    until = time.monotonic() + patience_s
    found = _go(settings.current().base_url)
    while found.kind == UNREACHABLE and time.monotonic() < until:
        time.sleep(PAUSE_S)
        found = _go(settings.current().base_url)
    if found.kind != OK:
        log.warning("live: no way through the public address (%s %s)", found.kind, found.said)
    try:
        client().set(KEY, json.dumps(asdict(found)), ex=KEPT_S)
    except redis_errors.RedisError:
        log.warning("live: what the round trip found was not kept, Redis is away")
    return found


def check_soon() -> None:
    """By a worker, as soon as one is free; once for all web processes that start now."""
    try:
        if client().set(f"{KEY}:begun", b"1", nx=True, ex=30):
            enqueue(watch)
    except redis_errors.RedisError:
        log.info("live: Redis is away, the next round trip is the scheduler's")


def _go(base: str) -> Found:
    via = ""
    try:
        with httpx.Client(base_url=base, timeout=PATIENCE_S, trust_env=False) as web:
            via = _reach(web)
            ms = _there_and_back(web)
    except _Stopped as stopped:
        return Found(stopped.kind, time.time(), via=via, said=stopped.said)
    return Found(OK, time.time(), ms=ms, via=via)


def _reach(web: httpx.Client) -> str:
    try:
        answer = web.get("/healthz")
    except httpx.HTTPError as error:
        raise _Stopped(UNREACHABLE, type(error).__name__) from None
    if answer.status_code != 200 or "alive" not in answer.text:
        raise _Stopped(ELSEWHERE, str(answer.status_code))
    return " ".join(answer.headers.get(name, "") for name in ("Server", "Via")).strip()


def _there_and_back(web: httpx.Client) -> int:
    token = _signer().dumps(secrets.token_hex(8))
    try:
        with web.stream("GET", f"/live?topics=probe:{token}&after=") as answer:
            if answer.status_code != 200:
                raise _Stopped(REFUSED, str(answer.status_code))
            if answer.headers.get("Content-Encoding", "identity") != "identity":
                raise _Stopped(PACKED, answer.headers["Content-Encoding"])
            lines = answer.iter_lines()
            _wait_for(READY, lines)
            return _send_and_wait(token, lines)
    except httpx.HTTPError as error:
        raise _Stopped(HELD, type(error).__name__) from None


def _send_and_wait(token: str, lines: Iterator[str]) -> int:
    sent = time.monotonic()
    try:
        stream.add(client(), [(frozenset({f"probe:{token}"}), named(EVENT, {}))])
        _wait_for(EVENT, lines)
    except (httpx.HTTPError, redis_errors.RedisError) as error:
        raise _Stopped(SILENT, type(error).__name__) from None
    return max(1, round((time.monotonic() - sent) * 1000))


def _wait_for(event: str, lines: Iterator[str]) -> None:
    """Raises httpx's ReadTimeout after PATIENCE_S without a line."""
    for line in lines:
        if line == f"event: {event}":
            return
    raise httpx.ReadError("The stream ended.")


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.current().secret_key.get_secret_value(), salt="live")
