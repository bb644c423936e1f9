"""`/live`, the stream of server-sent events, and `/live/poll` for places that forbid streaming.

Neither ever redirects: htmx would follow to a page that answers 200 and come back at once, for ever.
"""

from __future__ import annotations

from functools import partial
from hashlib import blake2b
from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext

from webapp.accounts import identity
from webapp.accounts.arrivals import Arrivals
from webapp.accounts.guards import public
from webapp.core import db, redis, settings
from webapp.core.web import address
from webapp.realtime import frames, presence, rights
from webapp.realtime.hub import FILLS_S, IDLE_MS, Hub
from webapp.realtime.opening import QuickStreams, asked_cursor
from webapp.realtime.quick import TIP, Grants, QuickPolls
from webapp.realtime.ring import Entry
from webapp.realtime.topics import TopicRefused
from webapp.realtime.writer import StreamResponse, can_be_handed_over

bp = Blueprint("realtime", __name__)

MOST_POLLED = 200  # entries in one answer; more than that is cheaper to read anew


@bp.record_once
def _install(state: BlueprintSetupState) -> None:
    app = cast(Flask, state.app)
    the_hub = app.extensions["live_hub"] = Hub(
        lambda: redis.connect(settings.current().redis_url, socket_timeout=IDLE_MS / 1000 + 5)
    )
    grants = app.extensions["live_grants"] = Grants()
    openings = QuickStreams(app.wsgi_app, the_hub, Arrivals(app))
    app.wsgi_app = QuickPolls(openings, the_hub, grants)  # type: ignore[method-assign]
    app.after_request(_answer_only_changes)
    app.jinja_env.globals.update(live_address=live_address, active_people=presence.active_people)


def hub() -> Hub:
    """This process's hub, running."""
    the_hub: Hub = current_app.extensions["live_hub"]
    the_hub.start()
    return the_hub


def cursor() -> str:
    """Where a page rendered now must begin to listen: the tip as it was *before* its data was read."""
    hub()
    tip = request.environ.get(TIP)
    return frames.format_id(tip) if tip else ""


def live_address(endpoint: str, topics: list[str]) -> str:
    """The address for a page's stream or poll; for templates."""
    return address(f"realtime.{endpoint}", topics=",".join(topics), after=cursor())


@bp.get("/live")
@public
def live() -> Response:
    """The stream. 401 signed out, 403 not your topic, 503 full; plain text, never a redirect."""
    the_hub = hub()
    the_hub.start(wait=FILLS_S)
    # None: this process has just begun, and knows nothing of before.
    rights_as_of = request.environ[TIP] or the_hub.tip
    topics, user_id = _heard()
    if the_hub.is_full:
        return _plain(503, gettext("Too many open pages. This one asks again by itself."))
    if not can_be_handed_over(request.environ):
        return _plain(503, gettext("This server cannot stream. The page asks every few seconds."))
    db.db.session.remove()  # joining may wait for a moment: not with a database connection
    join = partial(
        the_hub.join,
        topics=topics,
        user_id=user_id,
        cursor=asked_cursor(request),
        rights_as_of=rights_as_of,
    )
    return StreamResponse(join)


@bp.get("/live/poll")
@public
def poll() -> Response:
    """What came after the cursor, as `{"cursor", "resync", "events": [{"id", "event", "data"}]}`; 204 when nothing."""
    the_hub = hub()
    the_hub.start(wait=FILLS_S)
    rights_as_of = request.environ[TIP]
    topics, user_id = _heard()
    the_hub.also_seen(user_id)
    missed, tip = the_hub.missed(topics, asked_cursor(request))
    resync = missed is None or len(missed) > MOST_POLLED
    if not the_hub.connected:
        answer = _plain(503, gettext("No news can arrive at the moment."))
    elif missed or resync:
        answer = jsonify(
            cursor=frames.format_id(tip) if tip else "",
            resync=resync,
            events=[] if resync else [_event(entry) for entry in missed or ()],
        )
    else:
        answer = Response(status=204)
        if user_id is not None and rights_as_of is not None and identity.by_session():
            grants: Grants = current_app.extensions["live_grants"]
            grants.remember(request.environ, user_id, topics, rights_as_of)
    answer.headers["Live-Cursor"] = frames.format_id(tip) if tip else ""
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.errorhandler(rights.SignInNeeded)
def _signed_out(_error: rights.SignInNeeded) -> Response:
    return _plain(401, gettext("You are signed out. Sign in again."))


@bp.errorhandler(TopicRefused)
def _refused(_error: TopicRefused) -> Response:
    return _plain(403, gettext("There is no such topic, or it is not for you."))


def _heard() -> tuple[frozenset[str], int | None]:
    return rights.topics_of_request(request.args.get("topics", ""))


def _event(entry: Entry) -> dict[str, Any]:
    return {"id": frames.format_id(entry.id)} | frames.parse(entry.frame)


def _plain(status: int, text: str) -> Response:
    return Response(text, status, mimetype="text/plain", headers={"Cache-Control": "no-store"})


def _answer_only_changes(response: Response) -> Response:
    """A live region asks again and again: where nothing changed since, it gets 204 and no body.

    Not an ETag: compression on the way out changes those.
    """
    is_page = (
        response.status_code == 200
        and response.mimetype == "text/html"
        and not response.is_streamed
    )
    if "Live-Region" in request.headers and request.method == "GET" and is_page:
        tag = blake2b(response.get_data(), digest_size=12).hexdigest()
        if request.headers["Live-Region"] == tag:
            response = Response(status=204)
        response.headers["Live-Region"] = tag
        response.headers["Cache-Control"] = "no-store"
    return response
