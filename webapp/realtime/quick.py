"""A poll that finds nothing new, answered before Flask: where nothing may stream, each page asks every few seconds.

Whoever asked lately is remembered with the topics that they may hear, as an open stream is: until the order to end that
person's streams, which every loss of rights sends, until this process no longer knows what came (Redis was away or
emptied), and for a minute at most. All else takes the full way: news, another cookie, another page, another person.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Any
from urllib.parse import parse_qs

from webapp.core.web import SAFE_HEADERS
from webapp.realtime import frames
from webapp.realtime.hub import Hub

PATH = "/live/poll"
TIP = "tulay.live_tip"  # in a request's environ: the newest before anything was read for it
MOST = 20_000
LASTS_S = 60.0  # the full way also notes that the device is in use

Environ = dict[str, Any]
Wsgi = Callable[[Environ, Any], Iterable[bytes]]


@dataclass
class Grant:
    """`as_of`: nothing that ends this person's streams came until then."""

    user_id: int
    topics: frozenset[str]
    as_of: frames.EntryId
    until: float


class Grants:
    """Of one process. Keys are hashes: cookies are not kept."""

    def __init__(self) -> None:
        self._found: OrderedDict[bytes, Grant] = OrderedDict()
        self._lock = Lock()

    def remember(
        self, environ: Environ, user_id: int, topics: frozenset[str], as_of: frames.EntryId
    ) -> None:
        """`as_of`: the tip before the person's rights were read. What a link opens is looked up each time."""
        if any(topic.startswith(("follow:", "probe:")) for topic in topics):
            return
        grant = Grant(user_id, topics, as_of, time.monotonic() + LASTS_S)
        with self._lock:
            self._found[_who(environ)] = grant
            while len(self._found) > MOST:
                self._found.popitem(last=False)

    def of(self, environ: Environ) -> Grant | None:
        found = self._found.get(_who(environ))
        return found if found and time.monotonic() < found.until else None


class QuickPolls:
    """WSGI, around the app."""

    def __init__(self, app: Wsgi, hub: Hub, grants: Grants) -> None:
        self._app, self._hub, self._grants = app, hub, grants

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        environ[TIP] = self._hub.tip
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "GET":
            tip = self._quiet(environ)
            if tip is not None:
                return _no_news(tip, start_response)
        return self._app(environ, start_response)

    def _quiet(self, environ: Environ) -> frames.EntryId | None:
        grant = self._grants.of(environ)
        asked = environ.get("HTTP_LAST_EVENT_ID") or _argument(environ, "after")
        cursor = frames.parse_id(asked)
        if grant is None or cursor is None:
            return None
        tip = self._hub.quiet_since(grant.topics, grant.user_id, cursor, rights_as_of=grant.as_of)
        if tip is not None:
            grant.as_of = tip
            self._hub.also_seen(grant.user_id)
        return tip


def _no_news(tip: frames.EntryId, start_response: Any) -> Iterable[bytes]:
    own = [("Live-Cursor", frames.format_id(tip)), ("Cache-Control", "no-store")]
    start_response("204 NO CONTENT", [*own, *SAFE_HEADERS.items()])
    return []


def _argument(environ: Environ, name: str) -> str:
    return parse_qs(environ.get("QUERY_STRING", "")).get(name, [""])[0]


def _who(environ: Environ) -> bytes:
    """Who asks for what, to be compared: another cookie or token is somebody else."""
    sent = (environ.get(name, "") for name in ("HTTP_COOKIE", "HTTP_AUTHORIZATION"))
    text = "\n".join((*sent, _argument(environ, "topics")))
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()
