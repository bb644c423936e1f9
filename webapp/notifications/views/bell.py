"""The bell in the top bar, the list of notices, and what a person does to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import signed_in, viewer
from webapp.accounts.identity import beside
from webapp.accounts.models import User
from webapp.core import clock
from webapp.core.db import transaction
from webapp.core.web import back_or, is_broken, is_htmx, render, toast
from webapp.notifications import actions, queries, shown
from webapp.notifications.kinds import KINDS, kinds_of
from webapp.notifications.queries import Wanted
from webapp.notifications.views.blueprint import bp

IN_BELL, ON_PAGE = 12, 50


@dataclass(frozen=True)
class Bell:
    """What each page needs to know of its reader's notices."""

    unread: int
    stay_ms: int


@bp.record_once
def _install(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["bell_of"] = bell_of


def bell_of(user: User) -> Bell:
    """Each page asks it."""
    if is_broken():
        return Bell(0, 5000)
    unread, seconds = beside("bell", lambda: queries.bell_of(user.id))
    return Bell(unread, seconds * 1000)


@bp.get("/notifications")
@signed_in
def list_notices() -> str:
    user, wanted = viewer(), _wanted()
    page = queries.page(user.id, wanted, after=request.args.get("after", ""), limit=ON_PAGE)
    values: dict[str, Any] = {
        "days": shown.by_day(page.rows, zone=user.zone, now=clock.now()),
        "wanted": wanted,
        "next": _older(wanted, page.next) if page.next else None,
        "src": request.full_path.rstrip("?"),
    }
    if is_htmx():
        return render("notifications/_list.html", **values)
    kinds = [(kind.name, kind.words) for kind in kinds_of(user.role)]
    return render("notifications/list_notices.html", kinds=kinds, **values)


@bp.get("/notifications/newest")
@signed_in
def newest() -> str:
    user = viewer()
    page = queries.page(user.id, Wanted(), limit=IN_BELL)
    return render(
        "notifications/_bell_news.html",
        days=shown.by_day(page.rows, zone=user.zone, now=clock.now()),
        unread=queries.shown_count(user.id),
    )


@bp.get("/notifications/count")
@signed_in
def count() -> str:
    return render("notifications/_bell_count.html", unread=queries.shown_count(viewer().id))


@bp.post("/notifications/<int:notice_id>")
@signed_in
def mark_one(notice_id: int) -> str | Response:
    """Read, unread or deleted: the pressed button says which. Answers with the row; other pages hear of it."""
    do = request.form.get("do")
    with transaction():
        notice = queries.get_notice(notice_id, user_id=viewer().id)
        if do == "delete":
            actions.remove(notice)
        else:
            actions.mark(notice, read=do != "unread")
    if not is_htmx():
        return back_or(url_for(".list_notices"))
    if do == "delete":
        return ""
    place = "bell" if request.form.get("place") == "bell" else "notice"
    words = shown.in_words(notice)
    return render("notifications/_news.html", notice=notice, words=words, prefix=place)


@bp.post("/notifications/read-all")
@signed_in
def read_all() -> str | Response:
    with transaction():
        actions.mark_read(viewer().id)
    return newest() if is_htmx() else back_or(url_for(".list_notices"))


@bp.post("/notifications/clear")
@signed_in
def clear() -> Response:
    with transaction():
        gone = actions.clear(viewer().id)
    toast("info", _("%(n)s notices are deleted.", n=gone))
    return back_or(url_for(".list_notices"))


def _wanted() -> Wanted:
    kind = request.args.get("kind", "")
    return Wanted(kind if kind in KINDS else "", unread=request.args.get("unread") == "1")


def _older(wanted: Wanted, after: str) -> str:
    kind, unread = wanted.kind or None, "1" if wanted.unread else None
    return url_for(".list_notices", kind=kind, unread=unread, after=after)
