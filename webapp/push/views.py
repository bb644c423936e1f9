"""The devices of whoever asks, and the service worker that shows what is told."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as BaseResponse

from webapp.accounts import agents
from webapp.accounts.guards import public, signed_in, viewer
from webapp.accounts.identity import browser_name
from webapp.accounts.limits import limiter
from webapp.core.db import transaction
from webapp.core.errors import NotFound
from webapp.core.forms import parse
from webapp.core.web import is_htmx, render, toast
from webapp.push import actions, keys, queries
from webapp.push.forms import SubscriptionForm
from webapp.push.models import PushDevice

Answer = str | BaseResponse

bp = Blueprint("push", __name__)


@bp.get("/service-worker.js")
@public
def service_worker() -> Response:
    """At the root, because it may speak for the addresses below its own only. New when one of its files is."""
    answer = make_response(render_template("push/service-worker.js"))
    answer.mimetype = "text/javascript"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@bp.get("/account/push")
@signed_in
def devices() -> str:
    """A part of the account's page."""
    return _part()


@bp.get("/account/push/key")
@signed_in
def push_key() -> Response:
    """What a service worker needs to subscribe anew while no page is open."""
    with transaction():
        public_key = keys.pair().public
    answer = jsonify(key=public_key, csrf=generate_csrf())
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/account/push")
@signed_in
@limiter.limit("30 per minute")
def allow() -> Answer:
    form = parse(SubscriptionForm, request.form)
    with transaction():
        actions.add_device(viewer(), form, browser=browser_name(), label=_label())
    toast("updated", _("This device shows notifications from now on."))
    return _answer()


@bp.post("/account/push/<int:device_id>/test")
@signed_in
@limiter.limit("30 per minute")
def test_device(device_id: int) -> Answer:
    with transaction():
        actions.queue_test(_device(device_id))
    toast("updated", _("A notification is on its way to that device."))
    return _answer()


@bp.post("/account/push/<int:device_id>/remove")
@signed_in
def remove(device_id: int) -> Answer:
    with transaction():
        actions.remove_device(_device(device_id), actor=viewer().actor)
    toast("updated", _("That device is told nothing any more."))
    return _answer()


def _device(device_id: int) -> PushDevice:
    found = queries.find_device(viewer().id, device_id)
    if found is None:
        raise NotFound(_("There is no such device."))
    return found


def _answer() -> Answer:
    return _part() if is_htmx() else redirect(url_for("accounts.account") + "#push", 303)


def _part() -> str:
    with transaction():
        public_key = keys.pair().public
    found = queries.devices_of(viewer().id)
    here = next((each for each in found if each.browser == browser_name()), None)
    return render("push/_devices.html", devices=found, here=here, public_key=public_key)


def _label() -> str:
    browser, system = agents.parts_of(request.user_agent.string)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _("A browser")
