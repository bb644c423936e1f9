"""The JSON API of TUNICLAIM connections (docs/api.md), for admins and finance: sync, status, what is sent again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import api
from webapp.core.db import transaction
from webapp.core.errors import Invalid, NotFound
from webapp.outbox.models import Delivery
from webapp.sync import actions, queries
from webapp.sync.api import asked
from webapp.sync.models import Link

bp = Blueprint("tuniclaim_api", __name__, url_prefix="/bulletin-soin/sync/tuniclaim")

KIND = "tuniclaim"
Answer = tuple[Response, int]


@bp.post("")
@requires(Permission.PAYMENTS_MAKE)
def sync_now() -> Answer:
    connection_id = asked.only(KIND, api.sent({"id"})).id
    with transaction():
        connection = queries.connection_by_id(connection_id)
        running = actions.request_sync(connection, actor=viewer().actor)
    return jsonify(connection=asked.status(connection), already_running=running), 202


@bp.get("/status")
@requires(Permission.PAYMENTS_MAKE)
def status() -> Answer:
    """All TUNICLAIM connections, or the one of ?id=."""
    page, following = api.page_of(asked.statuses(KIND, request.args.get("id")))
    return api.listed("connections", page, next_by=("skip", following)), 200


@bp.post("/push-status")
@requires(Permission.PAYMENTS_MAKE)
def push_status() -> Answer:
    """Send the status of one `bordereau` (its reference or id there) or `bulletin` (its number or id there) now."""
    sent = api.sent({"id", "bordereau", "bulletin"})
    return _push(sent, "status")


@bp.post("/push-payment")
@requires(Permission.PAYMENTS_MAKE)
def push_payment() -> Answer:
    """Send how the payment of one `bulletin` stands now."""
    return _push(api.sent({"id", "bulletin"}), "payment_status")


def _push(sent: Mapping[str, Any], field: str) -> Answer:
    connection_id = asked.only(KIND, sent).id
    link = _named(connection_id, sent)
    with transaction():
        delivery = actions.push_now(link.id, field=field, actor=viewer().actor)
    return jsonify(delivery=_shown(delivery)), 202


def _named(connection_id: int, sent: Mapping[str, Any]) -> Link:
    kinds = [kind for kind in ("bordereau", "bulletin") if sent.get(kind) not in (None, "")]
    if len(kinds) != 1:
        words = _("Name one record: by its number here or its id there.")
        raise Invalid(words, fields=dict.fromkeys(kinds or ("bulletin",), words))
    [kind] = kinds
    found = queries.links_named(connection_id, kind, str(sent[kind])[:200])
    if len(found) > 1:
        words = _("More than one has this number: name it by its id there.")
        raise Invalid(words, fields={kind: words})
    if not found:
        raise NotFound(_("There is no such record in this connection."))
    return found[0]


def _shown(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "kind": delivery.kind,
        "state": delivery.state,
        "summary": delivery.summary,
        "attempts": delivery.attempt_count,
        "not_before": delivery.not_before.isoformat(),
    }
