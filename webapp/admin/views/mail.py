"""Trying out the mail settings: ask the server, or have a mail sent to oneself."""

from __future__ import annotations

from flask import redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import desk
from webapp.accounts.roles import Permission
from webapp.admin.views import bp
from webapp.core import db, settings
from webapp.core.db import transaction
from webapp.core.web import is_htmx, render, toast
from webapp.mail.actions import queue_mail
from webapp.mail.checking import Checked, check_server

Answer = str | Response


@bp.post("/settings/mail/check")
@requires(Permission.DESK_MANAGE)
def check_mail() -> Answer:
    """Connect and sign in, send nothing."""
    db.session().rollback()  # no transaction stays open over the call
    return _answer(check_server())


@bp.post("/settings/mail/test")
@requires(Permission.DESK_MANAGE)
def send_test_mail() -> Answer:
    """A mail to whoever asks, by the way that all mails take."""
    person = viewer()
    with transaction():
        delivery = queue_mail(
            "admin_test",
            to_address=person.email,
            to_name=person.name,
            values={
                "desk": desk().name,
                "ref": _("test"),
                "name": person.name,
                "url": settings.current().base_url + url_for("admin.health"),
            },
            subject=("user", person.id),
            role=f"user:{person.id}:test",
            summary=_("Test mail to an admin"),
        )
    words = _(
        "It is on its way to %(address)s. The outbox shows what becomes of it.",
        address=person.email,
    )
    return _answer(Checked(True, words), delivery_id=delivery.id)


def _answer(checked: Checked, *, delivery_id: int | None = None) -> Answer:
    if is_htmx():
        return render("admin/_mail_answer.html", checked=checked, delivery_id=delivery_id)
    toast("updated" if checked.ok else "error", f"{checked.text} {checked.advice}".strip())
    return redirect(url_for(".settings") + "#mail", 303)
