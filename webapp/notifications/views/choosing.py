"""What a person is told, and on which ways; what is usual for a role; a ticket that one does not want to hear of."""

from __future__ import annotations

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, signed_in, viewer
from webapp.accounts.roles import ROLES, Permission
from webapp.core.db import transaction
from webapp.core.errors import Invalid, NotFound
from webapp.core.forms import parse
from webapp.core.web import is_htmx, render, toast
from webapp.notifications import preferring, wishes
from webapp.notifications.audience import ROLE_WORDS
from webapp.notifications.forms import PreferencesForm, choices_of
from webapp.notifications.kinds import CHANNEL_WORDS, kinds_of, usual_of, wanted_by
from webapp.notifications.models import NoticeSettings
from webapp.notifications.views.blueprint import bp
from webapp.tickets import queries as tickets
from webapp.tickets.views import fragments

Answer = str | tuple[str, int] | Response

fragments.offer("ticket-told", "notifications.told_of")


@bp.get("/me/notifications")
@signed_in
def preferences() -> str:
    return _page({}, wishes.settings_of(viewer()))


@bp.post("/me/notifications")
@signed_in
def choose() -> Answer:
    user = viewer()
    if request.form.get("do") == "role":
        with transaction():
            preferring.follow_the_role(user)
        toast("info", _("What is usual for your role counts again."))
        return redirect(url_for(".preferences"), 303)
    try:
        form = parse(PreferencesForm, request.form)
    except Invalid as error:
        return _page(error.fields, wishes.settings_of(user)), 422
    with transaction():
        preferring.choose(user, choices_of(request.form), **form.values())
    toast("updated", _("It is saved: from now on you are told so."))
    return redirect(url_for(".preferences"), 303)


@bp.post("/me/notifications/muted")
@signed_in
def unmute() -> Response:
    with transaction():
        preferring.unmute(viewer(), request.form.get("thing", "")[:80])
    return redirect(url_for(".preferences") + "#muted", 303)


@bp.get("/settings/notifications")
@requires(Permission.DESK_MANAGE)
def defaults() -> str:
    """What is on for people of a role who have not chosen."""
    role = request.args.get("role", "agent")
    if role not in ROLES:
        raise NotFound(_("There is no such role."))
    chosen = wishes.defaults().get(role, {})
    return render(
        "notifications/defaults.html",
        role=role,
        roles=[(name, str(words)) for name, words in ROLE_WORDS.items()],
        kinds=kinds_of(role),
        channels=list(CHANNEL_WORDS.items()),
        ways=usual_of(role, chosen),
    )


@bp.post("/settings/notifications")
@requires(Permission.DESK_MANAGE)
def choose_defaults() -> Response:
    role = request.form.get("role", "")
    if role not in ROLES:
        raise NotFound(_("There is no such role."))
    with transaction():
        preferring.choose_for_role(role, choices_of(request.form), actor=viewer().actor)
    toast("updated", _("It is saved: who has not chosen is told so from now on."))
    return redirect(url_for(".defaults", role=role), 303)


@bp.get("/notifications/of/ticket/<int:ticket_id>")
@requires(Permission.TICKETS_SEE)
def told_of(ticket_id: int) -> str:
    """On the ticket's page: whether one hears of it."""
    return _told_of(ticket_id)


@bp.post("/notifications/of/ticket/<int:ticket_id>")
@requires(Permission.TICKETS_SEE)
def mute(ticket_id: int) -> str | Response:
    """Mute it, or hear of it again: the pressed button says which."""
    ticket = tickets.ticket_by_id(ticket_id)
    with transaction():
        if request.form.get("do") == "mute":
            preferring.mute(viewer(), f"ticket:{ticket.id}")
        else:
            preferring.unmute(viewer(), f"ticket:{ticket.id}")
    if is_htmx():
        return _told_of(ticket_id)
    return redirect(url_for("tickets.show_ticket", ref=ticket.ref), 303)


def _told_of(ticket_id: int) -> str:
    ticket = tickets.ticket_by_id(ticket_id)
    muting = wishes.muting_of(viewer(), f"ticket:{ticket.id}")
    return render("notifications/_told_of.html", ticket=ticket, muting=muting)


def _page(errors: dict[str, str], chosen: NoticeSettings) -> str:
    user = viewer()
    usual = wishes.defaults().get(user.role, {})
    ways = wanted_by(user.role, usual, chosen.choices)
    if errors:
        ways = {name: frozenset(found) for name, found in choices_of(request.form).items()}
    return render(
        "notifications/preferences.html",
        errors=errors,
        sent=request.form if errors else None,
        chosen=chosen,
        kinds=kinds_of(user.role),
        channels=list(CHANNEL_WORDS.items()),
        ways=ways,
        usual=usual_of(user.role, usual),
        muted=wishes.muted_tickets(user),
        zone=user.timezone,
    )
