"""Following another person's report: asked for instead of sending one's own, confirmed from the mail, or stopped."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import public
from webapp.accounts.limits import limiter
from webapp.accounts.queries import desk
from webapp.core import settings
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.events.queries import history_of
from webapp.tickets import words
from webapp.tickets.clustering.words import likeness_words
from webapp.tickets.portal import following
from webapp.tickets.portal.following import Alike
from webapp.tickets.portal.forms import FollowForm
from webapp.tickets.views.blueprint import bp

bp.add_app_template_filter(following.public_title, "public_title")


@bp.post("/report/follow")
@public
@limiter.limit("10 per minute")
def follow_instead() -> Response:
    try:
        form = parse(FollowForm, request.form)
    except Invalid as error:
        raise Invalid(next(iter(error.fields.values()), error.message)) from None
    with transaction():
        follower = following.follow_instead(form.ticket, email=form.follow_email)
        token = follower.token
    if not settings.current().mail_configured:
        return redirect(url_for(".following_page", token=token), 303)  # nothing could be mailed
    return redirect(url_for(".follow_asked"), 303)


@bp.get("/following")
@public
def follow_asked() -> str:
    return render("tickets/portal/follow_asked.html", desk=desk())


@bp.get("/following/<token>")
@public
def following_page(token: str) -> str:
    follower, ticket = following.follower_by_token(token)
    moves = [
        event
        for event in history_of("ticket", ticket.id, public_only=True)
        if event.type == "ticket.status_changed"
    ]
    return render(
        "tickets/portal/following.html",
        follower=follower,
        ticket=ticket,
        status_words=words.status_for_reporter(ticket.status),
        moves=moves,
        desk=desk(),
    )


@bp.post("/following/<token>")
@public
@limiter.limit("20 per minute")
def decide_following(token: str) -> Response:
    """Confirm or stop: the pressed button says which. A link alone does neither, as scanners of mail follow links."""
    with transaction():
        follower, _ticket = following.follower_by_token(token, lock=True)
        stops = request.form.get("do") == "stop"
        if stops:
            following.stop(follower)
        else:
            following.confirm(follower)
    if stops:
        toast("info", _("You no longer follow it. Nothing of you is kept."))
        return redirect(url_for(".new_report"), 303)
    toast("info", _("You will hear of every change of its status."))
    return redirect(url_for(".following_page", token=token), 303)


def shown_alike(found: list[Alike]) -> list[dict[str, object]]:
    """For the page: what may be told of somebody else's report."""
    return [
        {
            "title": following.public_title(each.ticket),
            "status": each.ticket.status,
            "category": each.ticket.category,
            "reported_at": each.ticket.reported_at,
            "why": likeness_words(each.likeness),
            "handle": each.handle,
        }
        for each in found
    ]
