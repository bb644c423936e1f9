"""One's own devices for programs: the list, and signing one or all others out."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response

from webapp.accounts import identity, queries
from webapp.accounts.actions import devices
from webapp.accounts.api import bp
from webapp.accounts.guards import no_personal_tokens, signed_in, viewer
from webapp.accounts.models import Device
from webapp.core import api
from webapp.core.db import transaction


@bp.get("/devices")
@signed_in
def list_devices() -> Response:
    page, following = api.page_of(queries.devices_of(viewer()))
    return api.listed("devices", [shown(each) for each in page], next_by=("skip", following))


@bp.delete("/devices/<int:device_id>")
@signed_in
@no_personal_tokens
def end_device(device_id: int) -> Response:
    """The next request of that device is refused, and its live streams end."""
    user = viewer()
    with transaction():
        devices.end(user, queries.device_of(user, device_id), actor=user.actor)
    return make_response("", 204)


@bp.delete("/devices")
@signed_in
@no_personal_tokens
def end_other_devices() -> Response:
    user, keep = viewer(), identity.this_device()
    with transaction():
        ended = devices.end_others(user, keep=keep, actor=user.actor)
    return jsonify(ended=ended)


def shown(device: Device) -> dict[str, Any]:
    here = identity.this_device()
    return {
        "id": device.id,
        "kind": device.kind,
        "called": devices.called(device),
        "network": device.network,
        "signed_in_at": device.created_at.isoformat(),
        "last_seen_at": device.last_seen_at.isoformat(),
        "current": here is not None and here.id == device.id,
    }
