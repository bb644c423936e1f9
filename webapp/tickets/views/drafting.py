"""What is between writing and sending: the draft that follows its writer, and the seconds in which to call back."""

from __future__ import annotations

from flask import make_response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Conflict
from webapp.core.forms import parse
from webapp.core.web import toast
from webapp.tickets import actions, attachments, queries
from webapp.tickets.attachments import StoredFile
from webapp.tickets.composing import queries as prepared
from webapp.tickets.composing.forms import DraftForm
from webapp.tickets.views import parts, working
from webapp.tickets.views.blueprint import bp
from webapp.tickets.views.intake import Shown


@bp.post("/tickets/<ref>/draft")
@requires(Permission.TICKETS_WORK)
def keep_draft(ref: str) -> Response:
    """What stands in the composer so far, for whoever is writing there."""
    form = parse(DraftForm, request.form)
    with transaction():
        actions.keep_draft(
            queries.ticket_for(viewer(), ref),
            user_id=viewer().id,
            body=form.body,
            mode=form.mode,
            status=form.status,
            seen_response_id=form.seen_response_id,
            submission_key=form.submission_key,
        )
    return make_response("", 204)


@bp.post("/tickets/<ref>/sending/<int:sending_id>")
@requires(Permission.TICKETS_WORK)
def sending(ref: str, sending_id: int) -> Response:
    """Call an answer back, or let it go at once: the pressed button says which."""
    if request.form.get("do") == "now":
        return _now(ref, sending_id)
    with transaction():
        ticket = queries.ticket_for(viewer(), ref, lock=True)
        held = prepared.sending_on(ticket, sending_id)
        files = list(held.files) if held is not None else []
        _check_there(held is not None)
        typed = parse(DraftForm, request.form).body
        draft = actions.call_back(sending_id, user=viewer(), typed=typed)
    toast("info", _("Your answer is called back. Its text stands in the box again."))
    kept = [(attachments.keep(StoredFile(**file)), file["name"]) for file in files]
    begun = {"body": draft.body, "status": draft.status} if draft else {}
    return working.done(
        ticket,
        ("conversation", "history", "composer"),
        form=Shown(Shown.fresh(**begun).values, kept=kept),
        saved=False,
    )


def _now(ref: str, sending_id: int) -> Response:
    with transaction():
        ticket = queries.ticket_for(viewer(), ref, lock=True)
        held = prepared.sending_on(ticket, sending_id)
        if held is not None:
            _check_there(held.user_id == viewer().id)
            actions.release_answer(sending_id, at_once=True)
    working.tell("response", _("Your answer to %(ref)s is sent.", ref=ref))
    return working.done(ticket, parts.LIVE)


def _check_there(there: bool) -> None:
    if not there:
        raise Conflict(_("It is too late: this answer has left."))
