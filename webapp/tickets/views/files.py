"""Files of a ticket, to whoever may see the ticket. Nothing here can act in our pages' name."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _

from webapp.accounts.guards import public, requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import storage
from webapp.core.errors import NotFound
from webapp.tickets import queries
from webapp.tickets.models import Attachment
from webapp.tickets.views.blueprint import bp

# Only what we drew ourselves is shown in the browser; all else is saved.
SHOWN_INLINE = ("image/jpeg", "image/png")


@bp.get("/tickets/<ref>/files/<int:attachment_id>")
@requires(Permission.TICKETS_SEE)
def ticket_file(ref: str, attachment_id: int) -> Response:
    ticket = queries.ticket_for(viewer(), ref)
    return _sent(queries.attachment_for(ticket, attachment_id))


@bp.get("/follow/<token>/files/<int:attachment_id>")
@public
def follow_file(token: str, attachment_id: int) -> Response:
    ticket = queries.ticket_by_follow_token(token)
    return _sent(queries.attachment_for(ticket, attachment_id))


def _sent(file: Attachment) -> Response:
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


def _kind(thumb: bytes) -> str:
    return "image/png" if thumb.startswith(b"\x89PNG") else "image/jpeg"
