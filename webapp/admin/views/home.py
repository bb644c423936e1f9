"""The front door: a dashboard for staff, their own day for field workers, their own reports for reporters."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from webapp.accounts import queries as accounts
from webapp.accounts.guards import public, requires, signed_in, viewer
from webapp.accounts.models import User
from webapp.accounts.roles import STAFF, Permission
from webapp.admin import queries
from webapp.admin.views import bp
from webapp.audit.queries import newest
from webapp.audit.sentences import Told
from webapp.audit.views import feed
from webapp.core.web import render
from webapp.sync.concerns import concerns_of
from webapp.sync.queries import connections_overview
from webapp.tickets import queries as tickets
from webapp.tickets.queries import Filters
from webapp.tickets.states import UNFINISHED

FEED = 15  # lines
FEED_READ = 250  # events that they are made of
# An agent's feed is about tickets; an admin's about the whole desk.
_AGENT_KINDS = ("ticket",)


@bp.get("/")
@public
def home() -> str | Response:
    if not current_user.is_authenticated:
        return render("public_home.html", desk=accounts.desk())
    user = viewer()
    if not user.may(STAFF) and user.may(Permission.JOBS_WORK):
        return redirect(url_for("fieldwork.my_day"))
    if not user.may(STAFF):
        own = _own(user)
        heard = [f"follow:{ticket.follow_token}" for ticket in own["tickets"]]
        return render("admin/welcome.html", desk=accounts.desk(), live_topics=heard, **own)
    return render(
        "admin/home.html",
        desk=accounts.desk(),
        told=_feed(user),
        live_topics=_topics(user),
        **_figures(user),
        **_attention(user),
    )


@bp.get("/home/own")
@signed_in
def home_own() -> str:
    """What the person reported themselves, for the live page."""
    return render("tickets/_own_reports.html", **_own(viewer()))


@bp.get("/home/figures")
@requires(STAFF)
def home_figures() -> str:
    """The tiles alone, for the live page."""
    return render("admin/_figures.html", **_figures(viewer()))


@bp.get("/home/feed")
@requires(STAFF)
def home_feed() -> str:
    return render("admin/_feed.html", told=_feed(viewer()))


@bp.get("/home/attention")
@requires(STAFF)
def home_attention() -> str:
    return render("admin/_attention.html", **_attention(viewer()))


def _own(user: User) -> dict[str, Any]:
    after = request.args.get("after") or None
    found = tickets.own_reports(user, after=after)
    return {
        "tickets": found.rows,
        "older": url_for(".home", after=found.next) if found.next else None,
        "newest": url_for(".home") if after else None,
        "src": url_for(".home_own", after=after),
    }


def _figures(user: User) -> dict[str, object]:
    return {
        "figures": tickets.figures(user, zone=user.zone),
        "upstreams": connections_overview() if user.may(Permission.SYNC_MANAGE) else None,
    }


def _feed(user: User) -> list[Told]:
    kinds = () if user.may(Permission.AUDIT_SEE) else _AGENT_KINDS
    events = newest(limit=FEED_READ, subject_kinds=kinds, without_types=queries.QUIET_TYPES)
    return feed(events, limit=FEED)


def _attention(user: User) -> dict[str, object]:
    """What needs somebody; each part only for those who may decide it."""
    mine = tickets.count_by_status(tickets.matching(user, Filters(assignee="me")))
    troubled = connections_overview() if user.may(Permission.SYNC_MANAGE) else []
    return {
        "problems": queries.problems() if user.may(Permission.OUTBOX_MANAGE) else None,
        "troubled": troubled,
        "concerns": concerns_of([each.connection for each in troubled]),
        "mine": sum(mine[status] for status in UNFINISHED),
    }


def _topics(user: User) -> list[str]:
    topics = ["staff"]
    if user.may(Permission.DESK_MANAGE):
        topics.append("admin")
    if user.may(Permission.OUTBOX_MANAGE):
        topics.append("outbox")
    return topics
