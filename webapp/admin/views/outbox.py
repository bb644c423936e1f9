"""Whatever leaves, on one page: what waits, why, what was tried; send again, or cancel with a reason."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.admin import queries
from webapp.admin.forms import CancelForm, MailEdit
from webapp.admin.views import bp
from webapp.core import settings
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import number_from, parse
from webapp.core.web import back_or, render, toast
from webapp.mail.actions import readdress
from webapp.outbox import actions, editing
from webapp.outbox import queries as deliveries
from webapp.outbox.filters import filter_from
from webapp.outbox.models import Delivery
from webapp.sync import subjects
from webapp.sync.push.editing import controls, read_values
from webapp.sync.subjects import Face

Answer = str | tuple[str, int] | Response

PAGE = 50


@bp.get("/outbox")
@requires(Permission.OUTBOX_MANAGE)
def outbox() -> str:
    chosen = filter_from(request.args)
    before = number_from(request.args.get("before"))
    found = deliveries.filtered(chosen, zone=viewer().zone, before_id=before, limit=PAGE + 1)
    older = (
        url_for(".outbox", **chosen.as_args(), before=found[PAGE - 1].id)
        if len(found) > PAGE
        else None
    )
    return render(
        "admin/outbox.html",
        chosen=chosen,
        deliveries=found[:PAGE],
        older=older,
        newest=url_for(".outbox", **chosen.as_args()) if before else None,
        counts=deliveries.counts(),
        count_limit=deliveries.COUNT_LIMIT,
        connections=queries.connections_by_id(),
        **_mail_waits(),
        live_topics=["staff", "outbox"],
    )


@bp.get("/outbox/<int:delivery_id>")
@requires(Permission.OUTBOX_MANAGE)
def show_delivery(delivery_id: int) -> str:
    return _delivery_page(deliveries.get(delivery_id), {})


@bp.post("/outbox/<int:delivery_id>/retry")
@requires(Permission.OUTBOX_MANAGE)
def retry_delivery(delivery_id: int) -> Response:
    with transaction():
        actions.retry_now(delivery_id, actor=viewer().actor)
    toast(
        "updated",
        _("It is next: it leaves now, or as soon as its target no longer asks us to wait."),
    )
    return back_or(url_for(".show_delivery", delivery_id=delivery_id))


@bp.post("/outbox/<int:delivery_id>/edit")
@requires(Permission.OUTBOX_MANAGE)
def edit_delivery(delivery_id: int) -> Answer:
    """Other values for what is wanted, sent at once under a new key."""
    delivery = deliveries.get(delivery_id)
    editing.check_editable(delivery)
    try:
        mail = delivery.channel == "mail"
        values = (
            parse(MailEdit, request.form).model_dump()
            if mail
            else read_values(delivery, request.form)
        )
        hide = tuple(values) if mail else ()
        with transaction():
            edited = editing.edit_and_retry(
                delivery_id, values=values, actor=viewer().actor, hide=hide
            )
            if mail:
                readdress(edited)
    except Invalid as error:
        return _delivery_page(deliveries.get(delivery_id), error.fields), 422
    toast("updated", _("It is sent with the new values."))
    return redirect(url_for(".show_delivery", delivery_id=delivery_id), 303)


@bp.post("/outbox/<int:delivery_id>/cancel")
@requires(Permission.OUTBOX_MANAGE)
def cancel_delivery(delivery_id: int) -> Answer:
    try:
        form = parse(CancelForm, request.form)
        with transaction():
            actions.cancel(delivery_id, reason=form.reason, actor=viewer().actor)
    except Invalid as error:
        return _delivery_page(deliveries.get(delivery_id), error.fields), 422
    toast("updated", _("It is cancelled and will not be sent."))
    return redirect(url_for(".show_delivery", delivery_id=delivery_id), 303)


def _delivery_page(delivery: Delivery, errors: dict[str, str]) -> str:
    return render(
        "admin/delivery.html",
        delivery=delivery,
        about=_about(delivery),
        blocked_by=deliveries.blocked_by(delivery) if not delivery.settled_at else None,
        connections=queries.connections_by_id(),
        errors=errors,
        reason=request.form.get("reason", ""),
        retryable=delivery.state in actions.RETRYABLE,
        editable=editing.is_editable(delivery),
        wanted={**delivery.payload, **request.form},
        controls=controls(delivery, request.form) if delivery.channel == "push" else [],
        live_topics=["staff", "outbox"],
        nav_active="admin.outbox",
    )


def _about(delivery: Delivery) -> Face | None:
    """The record that it is about, if there is one."""
    subject = subjects.find(delivery.subject_kind)
    local = subject.load([delivery.subject_id]).get(delivery.subject_id) if subject else None
    return subject.face(local) if subject and local is not None else None


def _mail_waits() -> dict[str, object]:
    configured = settings.current().mail_configured
    return {
        "mail_configured": configured,
        "mails_waiting": 0 if configured else queries.waiting_mails(),
    }
