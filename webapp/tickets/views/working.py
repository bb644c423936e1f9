"""What staff do on a ticket's page. To htmx: the changed parts and a toast; to others: 303 back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import desk, get_user
from webapp.accounts.roles import Permission
from webapp.core.db import transaction
from webapp.core.errors import Conflict, Invalid
from webapp.core.forms import parse
from webapp.core.web import is_htmx, toast
from webapp.tickets import actions, queries
from webapp.tickets.attachments import StoredFile
from webapp.tickets.forms import AssignForm, NoteForm, RefineForm, ResponseForm, StatusForm
from webapp.tickets.models import Response as Answered
from webapp.tickets.models import Ticket
from webapp.tickets.relating.queries import unfinished_children
from webapp.tickets.states import FINISHED
from webapp.tickets.views import intake, parts
from webapp.tickets.views.blueprint import bp
from webapp.tickets.views.intake import Shown
from webapp.tickets.views.ticket import page
from webapp.tickets.words import status_name


class Stale(Conflict):
    """Somebody else moved the ticket since the person's page showed it."""


class Asks(Conflict):
    """It can be done, and the person is asked first."""


class Unread(Conflict):
    """Others answered while the person was writing."""

    def __init__(self, responses: Sequence[Answered]) -> None:
        super().__init__("Something came while you were writing.")
        self.responses = responses


@bp.post("/tickets/<ref>/status")
@requires(Permission.TICKETS_WORK)
def change_status(ref: str) -> Response:
    form = parse(StatusForm, request.form)
    try:
        with transaction():
            ticket = queries.ticket_for(viewer(), ref, lock=True)
            _check_fresh(ticket, form)
            _check_finishing(ticket, form)
            actions.change_status(ticket, status=form.status, actor=viewer().actor)
    except (Stale, Asks) as stale:
        ticket = queries.ticket_for(viewer(), ref)
        asked = isinstance(stale, Asks)
        again = {"chosen": form.status, "conflict": stale.message, "asked": asked}
        return not_done(ticket, "actions", again, status=409)
    tell("updated", _("%(ref)s: %(status)s", ref=ref, status=status_name(form.status)))
    return done(ticket, parts.LIVE)


@bp.post("/tickets/<ref>/assign")
@requires(Permission.TICKETS_WORK)
def assign(ref: str) -> Response:
    form = parse(AssignForm, request.form)
    with transaction():
        ticket = queries.ticket_for(viewer(), ref, lock=True)
        assignee = get_user(form.assignee) if form.assignee else None
        if assignee and not assignee.may(Permission.TICKETS_WORK):
            raise Invalid(_("%(name)s does not work on tickets.", name=assignee.name))
        actions.assign(ticket, assignee=assignee, actor=viewer().actor)
    name = assignee.name if assignee else _("nobody")
    toast("updated", _("%(ref)s is now with %(name)s.", ref=ref, name=name))
    return done(ticket, ("actions", "history"))


@bp.post("/tickets/<ref>/respond")
@requires(Permission.TICKETS_WORK)
def respond(ref: str) -> Response:
    if request.form.get("mode") == "note":
        return note(ref)
    came = intake.read(ResponseForm)
    if came.form is None:
        return _compose_again(ref, came.again(), status=422)
    form, waits = came.form, desk().undo_send_s
    try:
        with transaction():
            ticket = queries.ticket_for(viewer(), ref, lock=True)
            _check_fresh(ticket, form)
            _check_read(ticket, form)
            _check_finishing(ticket, form)
            _send(ticket, form, came.files, waits)
            actions.drop_draft(ticket, user_id=viewer().id)
    except Unread as unread:
        return _compose_again(ref, came.again(), status=409, came_since=unread.responses)
    except (Stale, Asks) as stale:
        asked = isinstance(stale, Asks)
        return _compose_again(ref, came.again(stale.message), status=409, asked=asked)
    if waits:
        toast("info", _("Your answer to %(ref)s leaves in %(n)s seconds.", ref=ref, n=waits))
    else:
        tell("response", _("Your answer to %(ref)s is sent.", ref=ref))
    return done(ticket, (*parts.LIVE, "composer"))


@bp.post("/tickets/<ref>/note")
@requires(Permission.TICKETS_WORK)
def note(ref: str) -> Response:
    came = intake.read(NoteForm)
    if came.form is None:
        return _compose_again(ref, came.again(), status=422)
    with transaction():
        ticket = queries.ticket_for(viewer(), ref, lock=True)
        actions.add_note(
            ticket,
            body=came.form.body,
            actor=viewer().actor,
            submission_key=came.form.submission_key,
        )
        actions.drop_draft(ticket, user_id=viewer().id)
    toast("info", _("The note is kept. Only staff can see it."))
    return done(ticket, ("conversation", "history", "composer"))


@bp.post("/tickets/<ref>/refine")
@requires(Permission.TICKETS_WORK)
def refine(ref: str) -> Response:
    """Say more exactly what it is about. What was typed is kept where it cannot be taken."""
    typed = request.form.get("refined_category", "")
    try:
        form = parse(RefineForm, request.form)
        with transaction():
            ticket = queries.ticket_for(viewer(), ref, lock=True)
            _check_unrefined(ticket, form)
            actions.refine_category(ticket, refined=form.refined_category, actor=viewer().actor)
    except Invalid as error:
        again = {"typed": typed, "error": error.fields.get("refined_category", error.message)}
        return not_done(queries.ticket_for(viewer(), ref), "refined", again, status=422)
    except Stale as stale:
        again = {"typed": typed, "conflict": stale.message}
        return not_done(queries.ticket_for(viewer(), ref), "refined", again, status=409)
    toast("updated", _("%(ref)s is refined.", ref=ref))
    return done(ticket, ("refined", "history"))


def _send(ticket: Ticket, form: ResponseForm, files: Sequence[StoredFile], waits: int) -> None:
    """With the status that goes with it: now, or in so many seconds."""
    if waits:
        actions.hold_answer(
            ticket,
            user=viewer(),
            body=form.body,
            seconds=waits,
            attachments=files,
            status=form.status,
            submission_key=form.submission_key,
        )
        return
    actions.respond(
        ticket,
        body=form.body,
        actor=viewer().actor,
        attachments=files,
        submission_key=form.submission_key,
    )
    if form.status:
        actions.change_status(ticket, status=form.status, actor=viewer().actor)


def _check_finishing(ticket: Ticket, form: StatusForm | ResponseForm) -> None:
    """Raises Conflict for a merged ticket, Asks where parts of it are unfinished."""
    if not form.status or form.status == ticket.status:
        return
    if ticket.merged_into_id is not None:
        raise Conflict(_("%(ref)s was merged: its status is that of the other.", ref=ticket.ref))
    if form.status not in FINISHED or form.anyway:
        return
    if children := unfinished_children(ticket):
        refs = ", ".join(child.ref for child in children[:5])
        raise Asks(
            ngettext(
                "%(num)s part of it is unfinished: %(refs)s. Press again to finish this one alone.",
                "%(num)s parts of it are unfinished: %(refs)s. Press again to finish this one alone.",
                len(children),
                refs=refs,
            )
        )


def _check_read(ticket: Ticket, form: ResponseForm) -> None:
    """Raises Unread when others answered since the person began to write."""
    if form.seen_response_id is None:
        return
    newer = queries.responses_after(ticket, form.seen_response_id, not_by=viewer().id)
    if newer:
        raise Unread(newer)


def _check_unrefined(ticket: Ticket, form: RefineForm) -> None:
    """Raises Stale when somebody else has refined it since the page showed it."""
    now, stale = ticket.refined_category, form.version not in (None, ticket.version)
    if stale and now not in (form.seen, form.refined_category):
        raise Stale(
            _(
                "Meanwhile somebody else wrote “%(now)s” here; you wrote “%(typed)s”. "
                "Save again to set yours, or take theirs.",
                now=now or _("nothing"),
                typed=form.refined_category or _("nothing"),
            )
        )


def tell(kind: str, text: str) -> None:
    """The live toast that everybody gets tells this page, too; a plain browser is told on the next."""
    if not is_htmx():
        toast(kind, text)


def _check_fresh(ticket: Ticket, form: StatusForm | ResponseForm) -> None:
    """Raises Stale when the person's choice rests on a status that is no longer true."""
    stale = form.version not in (None, ticket.version)
    wanted = form.status not in ("", ticket.status)
    if stale and wanted and form.seen_status not in ("", ticket.status):
        raise Stale(
            _(
                "Meanwhile somebody else changed the status from “%(seen)s” to “%(now)s”; "
                "you chose “%(chosen)s”. Press again to set yours, or choose another.",
                seen=status_name(form.seen_status),
                now=status_name(ticket.status),
                chosen=status_name(form.status),
            )
        )


def _compose_again(
    ref: str,
    form: Shown,
    *,
    status: int,
    came_since: Sequence[Answered] = (),
    asked: bool = False,
) -> Response:
    """What was typed, once more. It knows now what came meanwhile: sent again, it goes."""
    again = {"form": form, "came_since": came_since, "draft_at": 0, "asked": asked}
    return not_done(queries.ticket_for(viewer(), ref), "composer", again, status=status)


def not_done(ticket: Ticket, part: str, again: dict[str, Any], *, status: int) -> Response:
    """The part once more, with what was chosen and why it was not taken."""
    if is_htmx():
        # htmx takes a form back with 422 only; the page shows the fresh state around it.
        fresh = [name for name in parts.LIVE if name != part]
        html = parts.answer(ticket, fresh) + parts.answer(ticket, [part], **again)
        return make_response(html, 422)
    return make_response(page(ticket, **{part: again}), status)


def done(ticket: Ticket, names: tuple[str, ...], **more: Any) -> Response:
    """The changed parts, for htmx; `more`: what they show differently this time."""
    if not is_htmx():
        return redirect(url_for(".show_ticket", ref=ticket.ref), 303)
    return make_response(parts.answer(ticket, names, **{"saved": True, **more}))
