"""The page behind `List-Unsubscribe`. Looking at it ends nothing: scanners of mail follow links; a POST does."""

from __future__ import annotations

from flask import request

from webapp.accounts.guards import checks_csrf_itself, public
from webapp.accounts.limits import limiter
from webapp.accounts.queries import desk
from webapp.core.db import transaction
from webapp.core.web import render
from webapp.notifications import unsubscribing
from webapp.notifications.unsubscribing import Ending
from webapp.notifications.views.blueprint import bp


@bp.get("/unsubscribe/<token>")
@public
def ask_to_unsubscribe(token: str) -> str:
    return _page(token, unsubscribing.read(token), done="")


@bp.post("/unsubscribe/<token>")
@public
@checks_csrf_itself  # the signed address is what allows it; a mail program has no form's token
@limiter.limit("60 per minute")
def unsubscribe(token: str) -> str:
    """Pressed on the page, or sent by a mail program: that posts `List-Unsubscribe=One-Click` and has no session."""
    ending, do = unsubscribing.read(token), request.form.get("do", "")
    with transaction():
        if do == "again":
            unsubscribing.begin_again(ending)
        else:
            unsubscribing.end(ending, whole_kind=do == "kind")
    return _page(token, ending, done="again" if do == "again" else "ended")


def _page(token: str, ending: Ending, *, done: str) -> str:
    return render(
        "notifications/unsubscribe.html",
        token=token,
        done=done,
        role=ending.role.partition(":")[0],
        again=unsubscribing.can_begin_again(ending),
        thing=unsubscribing.thing_in_words(ending),
        kind=unsubscribing.kind_in_words(ending),
        desk=desk(),
    )
