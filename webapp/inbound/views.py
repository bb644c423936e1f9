"""/mail-in: what came by mail and what became of it. /settings/mail-in: where it is fetched."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import storage
from webapp.core.db import transaction
from webapp.core.errors import AppError, Conflict, Invalid
from webapp.core.forms import number_from, parse
from webapp.core.web import render, toast
from webapp.inbound import actions, imap, queries, returning, words
from webapp.inbound.forms import MailboxForm
from webapp.inbound.pulling import place_of
from webapp.mail import queries as mailing
from webapp.mail.models import Mailbox

Answer = str | tuple[str, int] | Response
bp = Blueprint("inbound", __name__)


@bp.get("/mail-in")
@requires(Permission.OUTBOX_MANAGE)
def list_mails() -> str:
    return render("inbound/list_mails.html", **_shown(), live_topics=["staff", "outbox"])


@bp.get("/mail-in/rows")
@requires(Permission.OUTBOX_MANAGE)
def mail_rows() -> str:
    """What came in alone, for its live region."""
    return render("inbound/_mails.html", **_shown())


def _shown() -> dict[str, Any]:
    state = request.args.get("state", "")
    found = queries.mails(state=state, before=number_from(request.args.get("before")))
    page = found[: queries.PAGE]
    further = (
        url_for(".list_mails", state=state, before=page[-1][0].id) if found[len(page) :] else ""
    )
    before = request.args.get("before")
    return {
        "mails": page,
        "older": further,
        "newer": url_for(".list_mails", state=state) if before else "",
        "state": state if state in queries.STATES else "",
        "states": {each: words.state_name(each) for each in queries.STATES},
        "state_tabs": _tabs(state),
        "stops": queries.stops(),
        "mailbox": mailing.mailbox(),
        "src": url_for(".mail_rows", state=state or None, before=before),
    }


@bp.get("/mail-in/<int:mail_id>/original")
@requires(Permission.OUTBOX_MANAGE)
def original(mail_id: int) -> Response:
    """As it came, to be saved: never shown from our address."""
    row = queries.get(mail_id)
    response = make_response(storage.read(row.storage_key))
    response.headers["Content-Type"] = "application/octet-stream"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.set("Content-Disposition", "attachment", filename=f"mail-{row.id}.eml")
    return response


@bp.post("/mail-in/<int:mail_id>/again")
@requires(Permission.OUTBOX_MANAGE)
def try_again(mail_id: int) -> Response:
    return _decide(mail_id, as_new=False)


@bp.post("/mail-in/<int:mail_id>/take")
@requires(Permission.OUTBOX_MANAGE)
def take_as_new(mail_id: int) -> Response:
    return _decide(mail_id, as_new=True)


@bp.post("/mail-in/stops/<int:stop_id>/lift")
@requires(Permission.OUTBOX_MANAGE)
def lift_stop(stop_id: int) -> Response:
    with transaction():
        returning.lift(stop_id, actor=viewer().actor)
    toast("updated", _("Mail may go to this address again."))
    return redirect(url_for(".list_mails"), 303)


@bp.get("/settings/mail-in")
@requires(Permission.DESK_MANAGE)
def show_mailbox() -> str:
    return _page()


@bp.post("/settings/mail-in")
@requires(Permission.DESK_MANAGE)
def save_mailbox() -> Answer:
    """It is tried out first: what does not work is not saved."""
    try:
        form = parse(MailboxForm, request.form)
        _try_out(form)
        with transaction():
            actions.save_mailbox(form, actor=viewer().actor)
    except Invalid as error:
        return _page(error.fields or {"form": error.message}), 422
    toast("updated", _("The mailbox is saved."))
    return redirect(url_for(".show_mailbox"), 303)


def _tabs(chosen: str) -> list[tuple[object, ...]]:
    failed = queries.failed_count() or None
    states = [
        (words.state_name(each), url_for(".list_mails", state=each), chosen == each)
        + ((failed,) if each == "failed" else ())
        for each in queries.STATES
    ]
    return [(_("All"), url_for(".list_mails"), chosen not in queries.STATES), *states]


def _decide(mail_id: int, *, as_new: bool) -> Response:
    queries.get(mail_id)
    act = actions.take_as_new if as_new else actions.try_again
    try:
        with transaction():
            row = act(mail_id, actor=viewer().actor)
            told = row.reason
    except Conflict as error:
        told = error.message
    toast("updated", told)
    return redirect(url_for(".list_mails", state=request.form.get("state", "")), 303)


def _try_out(form: MailboxForm) -> None:
    if not form.active:
        return
    box = mailing.mailbox()
    password = form.password
    if not password and box is not None and _same_server(box, form):
        password = place_of(box).password
    if not password:
        raise Invalid(_("Enter the password."), fields={"password": _("Enter the password.")})
    place = imap.Place(form.host, form.port, form.security, form.username, password, form.folder)
    try:
        with imap.opened(place, into=form.done_folder):
            pass
    except AppError as error:
        raise Invalid(error.message, fields={"host": error.message}) from None


def _same_server(box: Mailbox, form: MailboxForm) -> bool:
    return bool(box.sealed) and (box.host, box.port) == (form.host, form.port)


def _page(errors: dict[str, str] | None = None) -> str:
    return render(
        "inbound/mailbox.html",
        box=mailing.mailbox(),
        values=request.form if errors else mailing.mailbox(),
        errors=errors or {},
        rules=words.rule_choices(),
        securities=words.security_choices(),
    )
