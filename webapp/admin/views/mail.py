"""Every mail looked at as it would arrive, and the mail settings tried out."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response as FlaskResponse
from flask import make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.queries import desk
from webapp.accounts.roles import Permission
from webapp.admin.views import bp
from webapp.core import db, settings
from webapp.core.db import transaction
from webapp.core.errors import NotFound
from webapp.core.web import is_htmx, render, toast
from webapp.mail import samples
from webapp.mail.actions import queue_mail
from webapp.mail.checking import Checked, check_server
from webapp.mail.compose import Letter, html_of, subject_of, text_of
from webapp.mail.samples import SAMPLES, Sample
from webapp.notifications.unsubscribing import end_of

Answer = str | Response

LIGHT, DARK, TEXT = "light", "dark", "text"
# The mail's own styles and nothing else: no script, no picture from elsewhere, no form.
_ALONE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"


@dataclass(frozen=True)
class Chosen:
    sample: Sample
    look: str  # light, dark, text


@bp.get("/settings/mail")
@requires(Permission.DESK_MANAGE)
def mails() -> str:
    chosen = _chosen(request.args.get("kind", ""), request.args.get("look", ""))
    letter = _letter(chosen.sample)
    return render(
        "admin/mails.html",
        chosen=chosen,
        looks=((LIGHT, _("Light")), (DARK, _("Dark")), (TEXT, _("Text only"))),
        groups=samples.by_reader(),
        title_of=samples.title_of,
        subject=subject_of(letter),
        text=text_of(letter) if chosen.look == TEXT else "",
        mail_configured=settings.current().mail_configured,
        nav_active="admin.settings",
    )


@bp.get("/settings/mail/<name>/<look>")
@requires(Permission.DESK_MANAGE)
def mail_alone(name: str, look: str) -> FlaskResponse:
    """The HTML of a mail, for the frame on its page: shut off from the desk around it."""
    if name not in SAMPLES or look not in (LIGHT, DARK):
        raise NotFound(_("There is no such mail."))
    answer = make_response(_looking(html_of(_letter(SAMPLES[name])), look))
    answer.headers["Content-Security-Policy"] = _ALONE
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


@bp.post("/settings/mail/<name>/send")
@requires(Permission.DESK_MANAGE)
def send_sample(name: str) -> Answer:
    """An example to whoever asks, by the way that all mails take."""
    if name not in SAMPLES:
        raise NotFound(_("There is no such mail."))
    sample, person = SAMPLES[name], viewer()
    with transaction():
        delivery = queue_mail(
            sample.template,
            to_address=person.email,
            to_name=person.name,
            values=_values(sample),
            subject=("user", person.id),
            role=f"user:{person.id}:example",
            summary=_("Example of a mail to an admin"),
            unsubscribe=_end_of(sample),
            bulk=sample.bulk,
        )
    return _answer(_on_its_way(), delivery_id=delivery.id)


@bp.post("/settings/mail/check")
@requires(Permission.DESK_MANAGE)
def check_mail() -> Answer:
    """Connect and sign in, send nothing."""
    db.session().rollback()  # no transaction stays open over the call
    return _answer(check_server())


@bp.post("/settings/mail/test")
@requires(Permission.DESK_MANAGE)
def send_test_mail() -> Answer:
    return send_sample("admin_test")


def _chosen(name: str, look: str) -> Chosen:
    sample = SAMPLES.get(name) or next(iter(SAMPLES.values()))
    return Chosen(sample, look if look in (LIGHT, DARK, TEXT) else LIGHT)


def _letter(sample: Sample) -> Letter:
    return Letter(
        template=sample.template,
        to_address=viewer().email,
        to_name=viewer().name,
        values=_values(sample),
        message_id="",
        unsubscribe=_end_of(sample),
    )


def _values(sample: Sample) -> dict[str, object]:
    base = settings.current().base_url
    return samples.values_of(sample, desk=desk().name, name=viewer().name, base_url=base)


def _end_of(sample: Sample) -> str:
    """A real one: what goes to reporters is about no report, so that link ends nothing."""
    reader = "reporter" if sample.template.startswith(("reporter_", "follower_")) else viewer()
    return end_of(sample.template, reader)


def _looking(html: str, look: str) -> str:
    """As with a reader whose device is light or dark, whatever this one is."""
    applies = "all" if look == DARK else "not all"
    html = html.replace("@media (prefers-color-scheme: dark)", f"@media {applies}")
    return html.replace("color-scheme: light dark", f"color-scheme: {look}")


def _on_its_way() -> Checked:
    words = _(
        "It is on its way to %(address)s. The outbox shows what becomes of it.",
        address=viewer().email,
    )
    return Checked(True, words)


def _answer(checked: Checked, *, delivery_id: int | None = None) -> Answer:
    if is_htmx():
        return render("admin/_mail_answer.html", checked=checked, delivery_id=delivery_id)
    toast("updated" if checked.ok else "error", f"{checked.text} {checked.advice}".strip())
    return redirect(url_for(".mails"), 303)
