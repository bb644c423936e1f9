"""A stream opened before Flask: after a restart all pages come at once, and a request of Flask takes ten times as long.

Only for somebody signed in by a browser's session who may hear all that the page asks for. Everybody else takes the
full way, which opens or refuses: links, programs, whoever owes something, a full process. Rights are read as there.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from flask import Request

from webapp.accounts.arrivals import Arrivals
from webapp.core.web import SAFE_HEADERS
from webapp.realtime import frames, rights
from webapp.realtime.hub import FILLS_S, Hub
from webapp.realtime.quick import TIP, Environ, Wsgi
from webapp.realtime.topics import TopicRefused
from webapp.realtime.writer import StreamResponse, can_be_handed_over, hand_over

PATH = "/live"


class QuickStreams:
    """WSGI, around the app and within QuickPolls."""

    def __init__(self, app: Wsgi, hub: Hub, arrivals: Arrivals) -> None:
        self._app, self._hub, self._arrivals = app, hub, arrivals
        self._head = _head()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "GET":
            self._open(environ)
        return self._app(environ, start_response)

    def _open(self, environ: Environ) -> None:
        """Comes back only where the full way must decide."""
        hub = self._hub
        hub.start(wait=FILLS_S)
        if hub.is_full or not can_be_handed_over(environ):
            return
        rights_as_of = environ[TIP] or hub.tip
        request = Request(environ, populate_request=False)  # no circle to be collected
        who = self._arrivals.who(request)
        if who is None:
            return
        viewer = rights.viewer_who_may(who.user_id, who.held)
        try:
            topics = rights.topics_without_links(request.args.get("topics", ""), viewer)
        except TopicRefused:
            return
        join = partial(
            hub.join,
            topics=topics,
            user_id=who.user_id,
            cursor=asked_cursor(request),
            rights_as_of=rights_as_of,
        )
        hand_over(environ, self._head, join)


def asked_cursor(request: Request) -> frames.EntryId | None:
    """What the browser has. The header is newer: the address still holds the cursor of when the page was rendered."""
    return frames.parse_id(request.headers.get("Last-Event-ID") or request.args.get("after", ""))


def _head() -> bytes:
    """As the full way sends it: a test compares them."""
    answer = StreamResponse(lambda _fd, _head: None)
    answer.headers.extend(SAFE_HEADERS)
    answer.vary.update(("Accept-Encoding", "Cookie"))
    return answer.head({})
