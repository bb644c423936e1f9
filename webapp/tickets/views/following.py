"""/follow/<token>: a reporter's own ticket, without an account. No note ever comes near this file."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import public
from webapp.accounts.limits import limiter
from webapp.accounts.queries import desk
from webapp.core.db import transaction
from webapp.core.web import render, toast
from webapp.events.queries import history_of
from webapp.events.types import Actor
from webapp.tickets import actions, queries, words
from webapp.tickets.forms import ResponseForm
from webapp.tickets.models import Ticket
from webapp.tickets.views import intake
from webapp.tickets.views.blueprint import bp
from webapp.tickets.views.intake import Shown


@bp.get("/follow/<token>")
@public
def follow(token: str) -> str:
    return _page(queries.ticket_by_follow_token(token), Shown.fresh())


@bp.get("/follow/<token>/part")
@public
def follow_part(token: str) -> str:
    """Status and conversation alone, for their live region."""
    return render("tickets/_follow.html", **_shared(queries.ticket_by_follow_token(token)))


@bp.post("/follow/<token>")
@public
@limiter.limit("20 per minute")
def follow_reply(token: str) -> tuple[str, int] | Response:
    came = intake.read(ResponseForm)
    if came.form is None:
        return _page(queries.ticket_by_follow_token(token), came.again()), 422
    with transaction():
        ticket = queries.ticket_by_follow_token(token, lock=True)
        actions.respond(
            ticket,
            body=came.form.body,
            actor=Actor("reporter", ticket.id, ticket.reporter_name or _("Reporter")),
            attachments=came.files,
            submission_key=came.form.submission_key,
        )
    toast("info", _("Thank you. Your message has reached the desk."))
    return redirect(url_for(".follow", token=token), 303)


def _page(ticket: Ticket, form: Shown) -> str:
    return render(
        "tickets/follow.html",
        form=form,
        desk=desk(),
        live_topics=[f"follow:{ticket.follow_token}"],
        **_shared(ticket),
    )


def _shared(ticket: Ticket) -> dict[str, Any]:
    token = ticket.follow_token
    return {
        "ticket": ticket,
        "status_words": words.status_for_reporter(ticket.status),
        "entries": _timeline(ticket),
        "src": url_for(".follow_part", token=token),
        "file_url": lambda file, **how: url_for(
            ".follow_file", token=token, attachment_id=file.id, **how
        ),
    }


def _timeline(ticket: Ticket) -> list[dict[str, Any]]:
    """Messages and changes of status, oldest first; only facts that a reporter may know."""
    messages: list[dict[str, Any]] = [
        {"at": message.at, "message": message}
        for message in queries.conversation_of(ticket, internal=False)
    ]
    moves: list[dict[str, Any]] = [
        {"at": event.at, "status": event.data["new"], "id": event.id}
        for event in history_of("ticket", ticket.id, public_only=True)
        if event.type == "ticket.status_changed"
    ]
    return messages[:1] + sorted(messages[1:] + moves, key=lambda entry: entry["at"])
