"""/replies: words that are used again and again; and how they come into an answer."""

from __future__ import annotations

from collections.abc import Mapping

from flask import jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Forbidden, Invalid
from webapp.core.forms import parse
from webapp.core.web import render, toast
from webapp.tickets import actions, queries
from webapp.tickets.composing import placeholders
from webapp.tickets.composing import queries as prepared
from webapp.tickets.composing.forms import ReplyForm
from webapp.tickets.composing.models import SavedReply
from webapp.tickets.views.blueprint import bp

Answer = str | tuple[str, int] | Response


@bp.get("/replies")
@requires(Permission.TICKETS_WORK)
def list_replies() -> str:
    return _page()


@bp.post("/replies")
@requires(Permission.TICKETS_WORK)
def add_reply() -> Answer:
    try:
        form = parse(ReplyForm, request.form)
        _check_may_share(form.shared)
        owner_id = None if form.shared else viewer().id
        with transaction():
            actions.add_reply(form.name, body=form.body, owner_id=owner_id, actor=viewer().actor)
    except Invalid as error:
        return _page(errors=error.fields), 422
    toast("new", _("“%(name)s” can be put into answers now.", name=form.name))
    return redirect(url_for(".list_replies"), 303)


@bp.post("/replies/<int:reply_id>")
@requires(Permission.TICKETS_WORK)
def edit_reply(reply_id: int) -> Answer:
    """Save it, or remove it: the pressed button says which."""
    try:
        with transaction():
            reply = prepared.reply_for(viewer(), reply_id)
            _check_may_share(reply.owner_id is None)
            told = _do(reply)
    except Invalid as error:
        return _page(errors=error.fields, wrong=reply_id), 422
    toast("updated", told)
    return redirect(url_for(".list_replies"), 303)


@bp.get("/tickets/<ref>/replies")
@requires(Permission.TICKETS_WORK)
def offer_replies(ref: str) -> str:
    """Those that fit what is typed, to choose from beside the answer."""
    ticket = queries.ticket_for(viewer(), ref)
    words = request.args.get("q", "").strip()[:100]
    found = prepared.replies_for(viewer(), words, limit=prepared.MOST_REPLIES)
    return render("tickets/_replies_found.html", ticket=ticket, replies=found, words=words)


@bp.get("/tickets/<ref>/replies/<int:reply_id>")
@requires(Permission.TICKETS_WORK)
def fill_reply(ref: str, reply_id: int) -> Response:
    """Its text, filled in for this ticket, and a sentence where that left something open."""
    ticket = queries.ticket_for(viewer(), ref)
    reply = prepared.reply_for(viewer(), reply_id)
    filled = placeholders.fill(reply.body, prepared.placeholder_values(ticket, viewer()))
    return jsonify(text=filled.text, told=_left_open(filled, placeholders.unknown_in(reply.body)))


def _left_open(filled: placeholders.Filled, unknown: list[str]) -> str:
    told = []
    if filled.empty:
        names = ", ".join(filled.empty)
        told.append(_("This ticket has nothing for %(names)s: it was left out.", names=names))
    if unknown:
        names = ", ".join(f"{{{{ {name} }}}}" for name in unknown)
        told.append(_("Nothing fills %(names)s: put it right before you send.", names=names))
    return " ".join(told)


def _do(reply: SavedReply) -> str:
    if request.form.get("do") == "remove":
        actions.remove_reply(reply, actor=viewer().actor)
        return _("“%(name)s” is removed.", name=reply.name)
    form = parse(ReplyForm, request.form)
    actions.edit_reply(reply, name=form.name, body=form.body, actor=viewer().actor)
    return _("“%(name)s” is saved.", name=reply.name)


def _check_may_share(shared: bool) -> None:
    if shared and not viewer().may(Permission.DESK_MANAGE):
        raise Forbidden(_("Only an admin changes the replies of everybody."))


def _page(*, errors: Mapping[str, str] | None = None, wrong: int | None = None) -> str:
    return render(
        "tickets/replies.html",
        replies=prepared.replies_for(viewer()),
        may_share=viewer().may(Permission.DESK_MANAGE),
        known=placeholders.KNOWN,
        errors=errors or {},
        wrong=wrong,
        typed=request.form,
        live_topics=["staff"],
    )
