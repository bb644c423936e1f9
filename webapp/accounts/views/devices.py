"""One's own devices: where one is signed in, and signing out there."""

from __future__ import annotations

from flask import redirect, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from webapp.accounts import agents, identity, queries
from webapp.accounts.actions import devices
from webapp.accounts.addresses import is_near
from webapp.accounts.guards import signed_in, viewer
from webapp.accounts.models import Device
from webapp.accounts.views import bp
from webapp.core.db import transaction
from webapp.core.web import render, toast


@bp.get("/account/devices")
@signed_in
def list_devices() -> str:
    found = queries.devices_of(viewer())
    return render(
        "accounts/devices.html",
        devices=[(each, called(each), where(each), _picture(each)) for each in found],
        here=identity.this_device(),
    )


@bp.post("/account/devices/<int:device_id>/end")
@signed_in
def end_device(device_id: int) -> Response:
    user = viewer()
    with transaction():
        devices.end(user, queries.device_of(user, device_id), actor=user.actor)
    toast("info", _("That device is signed out."))
    return redirect(url_for(".list_devices"), 303)


@bp.post("/account/devices/end-others")
@signed_in
def end_other_devices() -> Response:
    user, keep = viewer(), identity.this_device()
    with transaction():
        ended = devices.end_others(user, keep=keep, actor=user.actor)
    words = ngettext("One device is signed out.", "%(num)s devices are signed out.", ended)
    toast("info", words)
    return redirect(url_for(".list_devices"), 303)


def called(device: Device) -> str:
    """“Firefox on Windows”."""
    browser, system = agents.parts_of(device.user_agent)
    if browser and system:
        return _("%(browser)s on %(system)s", browser=browser, system=system)
    return browser or system or _("A program")


def where(device: Device) -> str:
    if not device.network:
        return ""
    return _("Local network") if is_near(device.network) else device.network


def _picture(device: Device) -> str:
    if device.kind == "program" and not any(agents.parts_of(device.user_agent)[1:]):
        return "cable"
    return "smartphone" if agents.is_handheld(device.user_agent) else "monitor"
