"""The list of channels, each one's page, and what is done with them."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import get_user
from webapp.accounts.roles import Permission
from webapp.chat import actions, queries
from webapp.chat.forms import ChannelForm
from webapp.chat.models import Channel
from webapp.chat.views import mentioned
from webapp.chat.views.blueprint import bp
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import number_from, parse
from webapp.core.web import render, toast

Answer = str | tuple[str, int] | Response


@bp.get("/chat")
@requires(Permission.CHAT_USE)
def index() -> str:
    return render("chat/index.html", **_list(), words="", found=None, live_topics=_topics())


@bp.get("/chat/list")
@requires(Permission.CHAT_USE)
def listed() -> str:
    """The part beside the messages that keeps itself fresh."""
    return render("chat/_list.html", **_list(number_from(request.args.get("here"))))


@bp.get("/chat/unread")
@requires(Permission.CHAT_USE)
def unread() -> str:
    """The count in the sidebar."""
    return render("chat/_unread.html", count=queries.unread_count(viewer()))


@bp.get("/chat/search")
@requires(Permission.CHAT_USE)
def search() -> str:
    words = request.args.get("q", "").strip()[:200]
    found = queries.search(viewer(), words) if words else []
    return render(
        "chat/index.html",
        **_list(),
        words=words,
        found=[(each, queries.name_of(each.channel, viewer())) for each in found],
        things=mentioned.things_in([each.body for each in found], viewer()),
        live_topics=_topics(),
    )


@bp.post("/chat/new")
@requires(Permission.CHAT_USE)
def make_channel() -> Answer:
    try:
        with transaction():
            channel = actions.make_channel(parse(ChannelForm, request.form), user=viewer())
    except Invalid as error:
        errors = error.fields or {"": error.message}
        page = render(
            "chat/index.html",
            **_list(),
            words="",
            found=None,
            errors=errors,
            values=request.form,
            live_topics=_topics(),
        )
        return page, 422
    return redirect(url_for(".show_channel", channel_id=channel.id), 303)


@bp.post("/chat/to")
@requires(Permission.CHAT_USE)
def write_to() -> Answer:
    """The conversation with one person."""
    with transaction():
        other = get_user(number_from(request.form.get("person")) or 0)
        channel = actions.direct_channel(viewer(), other)
    return redirect(url_for(".show_channel", channel_id=channel.id), 303)


@bp.get("/chat/<int:channel_id>")
@requires(Permission.CHAT_USE)
def show_channel(channel_id: int) -> str:
    return channel_page(queries.channel_for(viewer(), channel_id))


@bp.post("/chat/<int:channel_id>/settings")
@requires(Permission.CHAT_USE)
def edit_channel(channel_id: int) -> Answer:
    try:
        with transaction():
            channel = queries.channel_for(viewer(), channel_id)
            actions.edit_channel(channel, parse(ChannelForm, request.form), user=viewer())
    except Invalid as error:
        channel = queries.channel_for(viewer(), channel_id)
        return channel_page(channel, errors=error.fields, values=request.form), 422
    toast("updated", _("Saved."))
    return redirect(url_for(".show_channel", channel_id=channel_id), 303)


@bp.post("/chat/<int:channel_id>/archive")
@requires(Permission.CHAT_USE)
def archive(channel_id: int) -> Response:
    with transaction():
        channel = queries.channel_for(viewer(), channel_id)
        actions.archive(channel, away=request.form.get("away") == "1", user=viewer())
    return redirect(url_for(".show_channel", channel_id=channel_id), 303)


@bp.get("/chat/<int:channel_id>/members")
@requires(Permission.CHAT_USE)
def members(channel_id: int) -> str:
    channel = queries.channel_for(viewer(), channel_id)
    inside = queries.members_of(channel)
    return render("chat/_members.html", channel=channel, members=inside)


@bp.post("/chat/<int:channel_id>/members")
@requires(Permission.CHAT_USE)
def join(channel_id: int) -> Response:
    """Takes somebody in; without `person`, oneself."""
    with transaction():
        channel = queries.channel_for(viewer(), channel_id)
        person = number_from(request.form.get("person"))
        actions.join(channel, get_user(person) if person else viewer(), user=viewer())
    return redirect(url_for(".show_channel", channel_id=channel_id), 303)


@bp.post("/chat/<int:channel_id>/leave")
@requires(Permission.CHAT_USE)
def leave(channel_id: int) -> Response:
    with transaction():
        actions.leave(queries.channel_for(viewer(), channel_id), user=viewer())
    toast("updated", _("You have left the channel."))
    return redirect(url_for(".index"), 303)


def channel_page(
    channel: Channel, *, errors: Any = None, values: Any = None, typed: str = ""
) -> str:
    shown, beside = thread(channel), _list(channel.id)
    known = {each.user_id for each in shown["members"]}
    return render(
        "chat/channel.html",
        **shown,
        **beside,
        name=queries.name_of(channel, viewer()),
        others=[pair for pair in beside["people"] if int(pair[0]) not in known],
        joined=viewer().id in known,
        names=dict(beside["people"]),
        client_id=token_urlsafe(16),
        typed=typed,
        errors=errors or {},
        values=values or channel,
        live_topics=_topics(),
    )


def thread(channel: Channel) -> dict[str, Any]:
    """The newest messages, and how far the others have read."""
    before = number_from(request.args.get("before"))
    rows, more = queries.messages_of(channel, before=before)
    inside = queries.members_of(channel)
    mine = [row for row in rows if row.author_id == viewer().id and row.deleted_at is None]
    last = mine[-1] if mine else None
    return {
        "channel": channel,
        "members": inside,
        "rows": rows,
        "older": rows[0].id if more else None,
        "before": before,
        "things": mentioned.things_in([row.body for row in rows], viewer()),
        "last_own": last.id if last else None,
        "read_by": [
            each.user.name
            for each in inside
            if last and each.read_id >= last.id and each.user_id != viewer().id
        ],
    }


def _list(here: int | None = None) -> dict[str, Any]:
    return {
        "channels": queries.channels_of(viewer()),
        # (number, name) of those one can write to
        "people": [(str(each.id), each.name) for each in queries.people(viewer())],
        "here": here,
    }


def _topics() -> list[str]:
    return [f"user:{viewer().id}"]
