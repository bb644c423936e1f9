"""/report: anybody tells the desk what is wrong, without an account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import jsonify, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import public, reporter_here
from webapp.accounts.limits import limiter
from webapp.accounts.queries import desk
from webapp.core import settings
from webapp.core.db import transaction
from webapp.core.errors import Forbidden, Invalid
from webapp.core.web import render, wants_json
from webapp.events.types import Actor
from webapp.tickets import actions, machines
from webapp.tickets import queries as tickets
from webapp.tickets.forms import ReportForm
from webapp.tickets.portal import following, queries
from webapp.tickets.portal.models import PublicForm
from webapp.tickets.portal.views.answered import Answered, shown_form
from webapp.tickets.portal.views.following import shown_alike
from webapp.tickets.views import intake
from webapp.tickets.views.blueprint import bp
from webapp.tickets.views.intake import Intake, Shown


@bp.get("/report")
@bp.get("/report/<slug>")
@public
def new_report(slug: str = "") -> str:
    own = queries.form_by_slug(slug) if slug else None
    known = reporter_here()
    given = {"name": known.name, "email": known.email} if known else {}
    return _page(Shown.fresh(category=request.args.get("category", ""), **given), own)


@bp.post("/report")
@bp.post("/report/<slug>")
@public
@limiter.limit("20 per minute")
def send_report(slug: str = "") -> tuple[str, int] | Response:
    if not desk().public_reports:
        raise Forbidden(_("This desk takes no reports over the web at the moment."))
    own = queries.form_by_slug(slug) if slug else None
    asked = Answered.read(own)
    came = intake.read(ReportForm, asked=asked, categories=tickets.active_categories() or None)
    quick = machines.too_fast(request.form.get("shown", ""))
    if came.form is None or quick:
        return _again(
            came, own, _("That was very quick. Please press Send once more.") if quick else ""
        )
    alike = [] if request.form.get("seen_alike") else following.alike_reports(came.form)
    if alike:
        return _page(came.again(), own, shown_alike(alike)), 200
    actor = Actor("reporter", None, came.form.name or _("Reporter"))
    with transaction():
        ticket = actions.submit_report(
            came.form, photos=came.files, beginning=asked.beginning, actor=actor
        )
        ref, token = ticket.ref, ticket.follow_token
    sent = url_for(".report_sent", token=token)
    return jsonify(outcome="done", ref=ref, url=sent) if wants_json() else redirect(sent, 303)


@bp.get("/report/sent/<token>")
@public
def report_sent(token: str) -> str:
    ticket = tickets.ticket_by_follow_token(token)
    follow_url = settings.current().base_url + url_for(".follow", token=token)
    return render(
        "tickets/report_sent.html",
        ticket=ticket,
        follow_url=follow_url,
        mail=settings.current().mail_configured,
    )


def _again(came: Intake[ReportForm], own: PublicForm | None, whole: str) -> tuple[str, int]:
    """With all that is wrong; in JSON for a device that sends what was typed before. `whole`: of the form as such."""
    if wants_json():
        first = whole or next(iter(came.errors.values()))
        raise Invalid(first, fields=came.errors)
    return _page(came.again(whole), own), 422


def _page(form: Shown, own: PublicForm | None, alike: Sequence[Mapping[str, object]] = ()) -> str:
    if not desk().public_reports:
        return render("tickets/reports_closed.html", desk=desk())
    return render(
        "tickets/new_report.html",
        form=form,
        desk=desk(),
        categories=intake.category_choices(),
        shown=machines.stamp_again(request.form.get("shown", "")),
        others=[each for each in queries.active_forms() if own is None or each.id != own.id],
        alike=alike,
        place_map=intake.place_map(),
        **shown_form(own),
    )
