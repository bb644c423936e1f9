"""What is said in a channel: sending, reading, changing, files, who is writing."""

from __future__ import annotations

from flask import jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.chat import actions, queries, telling
from webapp.chat.forms import EditForm, MessageForm
from webapp.chat.models import Message
from webapp.chat.views.blueprint import bp
from webapp.chat.views.channels import channel_page, thread
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import number_from, parse
from webapp.core.web import render, toast, wants_json
from webapp.tickets import attachments
from webapp.tickets.attachments import StoredFile
from webapp.tickets.views.files import requested_file

Answer = str | tuple[str, int] | Response


@bp.get("/chat/<int:channel_id>/messages")
@requires(Permission.CHAT_USE)
def messages(channel_id: int) -> str:
    """The part that keeps itself fresh."""
    return render("chat/_messages.html", **thread(queries.channel_for(viewer(), channel_id)))


@bp.post("/chat/<int:channel_id>")
@requires(Permission.CHAT_USE)
def send(channel_id: int) -> Answer:
    """A page that keeps what is said until it has arrived asks for JSON."""
    try:
        form = parse(MessageForm, request.form)
        files, errors = _files()
        if errors:
            raise Invalid(errors[0], fields={"files": errors[0]})
        with transaction():
            channel = queries.channel_for(viewer(), channel_id)
            said = actions.send(channel, form, user=viewer(), files=files)
    except Invalid as error:
        if wants_json():
            raise
        channel = queries.channel_for(viewer(), channel_id)
        return channel_page(channel, errors=error.fields, typed=request.form.get("body", "")), 422
    if wants_json():
        return jsonify(outcome="done", message=said.id)
    return redirect(url_for(".show_channel", channel_id=channel_id, _anchor="end"), 303)


@bp.get("/chat/messages/<int:message_id>")
@requires(Permission.CHAT_USE)
def show_message(message_id: int) -> str:
    """A message alone: to change it, and what it said before."""
    return _message_page(queries.message_for(viewer(), message_id))


@bp.post("/chat/messages/<int:message_id>")
@requires(Permission.CHAT_USE)
def edit_message(message_id: int) -> Answer:
    try:
        with transaction():
            message = queries.message_for(viewer(), message_id)
            actions.edit(message, parse(EditForm, request.form).body, user=viewer())
    except Invalid as error:
        message = queries.message_for(viewer(), message_id)
        return _message_page(message, errors=error.fields), 422
    return redirect(url_for(".show_channel", channel_id=message.channel_id), 303)


@bp.post("/chat/messages/<int:message_id>/delete")
@requires(Permission.CHAT_USE)
def delete_message(message_id: int) -> Response:
    with transaction():
        message = queries.message_for(viewer(), message_id)
        actions.delete(message, user=viewer())
    toast("updated", _("Deleted."))
    return redirect(url_for(".show_channel", channel_id=message.channel_id), 303)


@bp.post("/chat/<int:channel_id>/read")
@requires(Permission.CHAT_USE)
def mark_read(channel_id: int) -> Response:
    """Everything up to `upto` was seen on this page."""
    upto = number_from(request.form.get("upto"))
    with transaction():
        queries.channel_for(viewer(), channel_id)
        message = queries.message_for(viewer(), upto or 0)
        actions.mark_read(message, user=viewer())
    return Response("", 204)


@bp.post("/chat/<int:channel_id>/typing")
@requires(Permission.CHAT_USE)
def typing(channel_id: int) -> Response:
    with transaction():
        channel = queries.channel_for(viewer(), channel_id)
        others = [key for key in queries.member_ids(channel.id) if key != viewer().id]
        telling.tell(others, "chat:typing", channel=channel.id, user=viewer().id)
    return Response("", 204)


@bp.get("/chat/files/<int:file_id>")
@requires(Permission.CHAT_USE)
def chat_file(file_id: int) -> Response:
    return requested_file(queries.file_for(viewer(), file_id))


@bp.get("/chat/names")
@requires(Permission.CHAT_USE)
def names() -> list[str]:
    """Whom @ can name."""
    return [each.name for each in queries.people(viewer())]


def _files() -> tuple[list[StoredFile], list[str]]:
    sent = [upload for upload in request.files.getlist("files") if upload.filename]
    return attachments.store_all(sent)


def _message_page(message: Message, *, errors: object = None) -> str:
    admin = viewer().may(Permission.DESK_MANAGE)
    mine = message.author_id == viewer().id
    return render(
        "chat/message.html",
        message=message,
        mine=mine,
        may_delete=mine or admin,
        # What was deleted is an admin's to look up; what was changed, everybody's.
        versions=message.versions if message.deleted_at is None or admin else [],
        name=queries.name_of(message.channel, viewer()),
        errors=errors or {},
    )
