"""/progress/activity: a person's own feed."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.web import render, toast
from webapp.progress import actions, queries
from webapp.progress.models import Activity
from webapp.progress.views.blueprint import bp

MOST = 600  # lines that “load more” goes on to


@bp.get("/progress/activity")
@requires(Permission.PROGRESS_KEEP)
def feed() -> str:
    return render("progress/activity.html", **_values())


@bp.get("/progress/activity/lines")
@requires(Permission.PROGRESS_KEEP)
def feed_lines() -> str:
    """The part that keeps itself fresh."""
    return render("progress/_activity.html", **_values())


@bp.post("/progress/activity/read")
@requires(Permission.PROGRESS_KEEP)
def read_all() -> Response:
    with transaction():
        count = actions.mark_all_read(viewer())
    toast("updated", _("%(count)s marked as read.", count=count))
    return redirect(url_for(".feed"), 303)


@bp.post("/progress/activity/<int:activity_id>/read")
@requires(Permission.PROGRESS_KEEP)
def read_one(activity_id: int) -> Response:
    with transaction():
        actions.mark_read(queries.own(Activity, activity_id, viewer()))
    return redirect(url_for(".feed", shown=request.args.get("shown")), 303)


@bp.post("/progress/activity/<int:activity_id>/delete")
@requires(Permission.PROGRESS_KEEP)
def delete_one(activity_id: int) -> Response:
    with transaction():
        actions.delete_activity(queries.own(Activity, activity_id, viewer()))
    return redirect(url_for(".feed", shown=request.args.get("shown")), 303)


def _values() -> dict[str, object]:
    shown = min(max(request.args.get("shown", queries.PAGE, type=int), 1), MOST)
    rows, total = queries.activities_page(viewer(), skip=0, limit=shown)
    return {
        "rows": rows,
        "shown": shown,
        "total": total,
        "unread": queries.unread_activities(viewer()),
        "more": min(shown + queries.PAGE, MOST) if total > shown and shown < MOST else None,
        "live_topics": [f"user:{viewer().id}"],
    }
