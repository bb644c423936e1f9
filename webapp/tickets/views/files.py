"""Files of a ticket, to whoever may see the ticket. Nothing here can act in our pages' name."""

from __future__ import annotations

import logging
from typing import Any, Protocol

from flask import Response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts.guards import public, requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import db, storage
from webapp.core.db import transaction
from webapp.core.errors import Invalid, NotFound, RemoteError
from webapp.tickets import actions, queries
from webapp.tickets.models import Attachment
from webapp.tickets.remote import fetch_photo
from webapp.tickets.views.blueprint import bp

log = logging.getLogger(__name__)

# Only what we drew ourselves is shown in the browser; all else is saved.
SHOWN_INLINE = ("image/jpeg", "image/png")


class Kept(Protocol):
    """What is known of a file that somebody sent and that was checked (tickets.attachments)."""

    @property
    def name(self) -> Any: ...
    @property
    def content_type(self) -> Any: ...
    @property
    def storage_key(self) -> Any: ...
    @property
    def thumb_key(self) -> Any: ...


@bp.get("/tickets/<ref>/files/<int:attachment_id>")
@requires(Permission.TICKETS_SEE)
def ticket_file(ref: str, attachment_id: int) -> BaseResponse:
    ticket = queries.ticket_for(viewer(), ref)
    return _sent(queries.attachment_for(ticket, attachment_id))


@bp.get("/follow/<token>/files/<int:attachment_id>")
@public
def follow_file(token: str, attachment_id: int) -> BaseResponse:
    ticket = queries.ticket_by_follow_token(token)
    return _sent(queries.attachment_for_reporter(ticket, attachment_id))


def _sent(file: Attachment) -> BaseResponse:
    if file.is_remote_photo:
        kept = _fetched(file)
        if kept is None:
            return _away()
        file = kept
    return requested_file(file)


def requested_file(file: Kept) -> Response:
    """A file that is kept here, or its small picture (`?size=thumb`). Who asks was checked."""
    small = request.args.get("size") == "thumb"
    key = file.thumb_key if small else file.storage_key
    if key is None:
        raise NotFound(_("This file is not kept here."))
    content = storage.read(key)
    kind = _kind(content) if small else file.content_type
    how = "inline" if kind in SHOWN_INLINE else "attachment"
    response = Response(content, mimetype=kind)
    response.headers.set("Content-Disposition", how, filename=file.name)
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return response


def _fetched(file: Attachment) -> Attachment | None:
    """The file with a copy kept here; None when the upstream does not give it now."""
    file_id, url, name = file.id, file.remote_url or "", file.name
    db.session().close()  # nothing stays open while we wait for somebody else's machine
    try:
        photo = fetch_photo(url, name=name)
    except (RemoteError, Invalid) as error:
        log.info("a photo at its source cannot be shown: %s", error.code)
        return None
    with transaction() as session:
        kept = session.get(Attachment, file_id, with_for_update=True)
        if kept is not None and kept.is_remote_photo:
            actions.keep_copy(kept, photo)
    return kept


def _away() -> BaseResponse:
    response = redirect(url_for("static", filename="photo-away.svg"))
    response.headers["Cache-Control"] = "private, max-age=60"
    return response


def _kind(thumb: bytes) -> str:
    return "image/png" if thumb.startswith(b"\x89PNG") else "image/jpeg"
