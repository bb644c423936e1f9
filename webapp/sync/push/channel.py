"""The outbox's way to an upstream: what is sent is decided as it leaves, what came of it is kept."""

from __future__ import annotations

from typing import cast

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import clock, db
from webapp.core.errors import RemoteError
from webapp.core.http import Request, redact_body, redact_headers, redact_url
from webapp.outbox.channels import Answer, Hold, Outcome, Prepared, Settled
from webapp.outbox.models import Delivery
from webapp.sync import merge, subjects
from webapp.sync.connections import Access, access_of
from webapp.sync.models import Connection, Link
from webapp.sync.pull import deciding
from webapp.sync.push import settling
from webapp.sync.push.calling import STATUS, Call, carry_out
from webapp.sync.subjects import Local


class PushChannel:
    name = "push"

    def prepare(self, delivery: Delivery, *, unsure: bool) -> Prepared | Settled:
        link = _link(delivery)
        local = subjects.local_of(link) if link else None
        if link is None or local is None:
            return Settled(gettext("The record is no longer linked."), state="cancelled")
        connection = db.session().get_one(Connection, link.connection_id, populate_existing=True)
        _check_open(connection)
        if link.state == "gone":
            raise RemoteError(gettext("The upstream no longer has this record."), kind="gone")
        if deciding.is_open(link, STATUS):
            raise Hold(
                gettext("Both sides have changed the status: a person decides which counts."),
                whole_target=False,
            )
        _freeze(delivery, local)
        access = access_of(connection)
        reads_as = access.projection()
        wanted, base = str(delivery.payload["status"]), link.base.get(STATUS)
        others = [each for each in link.sent_values if each != wanted]
        if base and reads_as.get(wanted) == reads_as.get(base) and not others:
            return Settled(gettext("Nothing to do: the upstream has this status already."))
        request = access.engine_on(cast("object", None)).prepare_push(  # type: ignore[arg-type]
            STATUS,
            link.external_id,
            {STATUS: wanted},
            idempotency_key=delivery.idempotency_key,
            version=link.upstream_version,
        )
        # Pages asked for until now may show the time before this push; so may this value come back later.
        link.last_push_seq = connection.fetch_seq
        if wanted not in link.sent_values:
            link.sent_values = [*link.sent_values, wanted]
        db.session().flush()
        call = Call(
            access=access,
            request=request,
            external_id=link.external_id,
            status=wanted,
            base=base,
            key=delivery.idempotency_key,
            unsure=unsure,
            ours=_ours_counts(access, link, local),
            version=link.upstream_version,
        )
        return Prepared(call=call, request=_shown(request))

    def send(self, prepared: Prepared) -> Answer:
        return carry_out(cast("Call", prepared.call))

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        # The connection before the link, as a page of a pull locks them: the two cannot wait for each other.
        db.session().execute(
            select(Connection.id)
            .join(Link, Link.connection_id == Connection.id)
            .where(Link.id == int(delivery.payload["link_id"]))
            .with_for_update(of=Connection)
        )
        link = _link(delivery)
        if link is not None:
            settling.settle(delivery, link, outcome)


def _link(delivery: Delivery) -> Link | None:
    return db.session().scalar(
        select(Link)
        .where(Link.id == int(delivery.payload["link_id"]))
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _check_open(connection: Connection) -> None:
    now = clock.now()
    if connection.state not in ("active", "degraded"):
        why = connection.reason or gettext("no reason given")
        raise Hold(gettext("%(name)s is paused: %(why)s", name=connection.name, why=why))
    if not connection.push_enabled:
        raise Hold(gettext("Sending changes to %(name)s is switched off.", name=connection.name))
    if connection.not_before is not None and connection.not_before > now:
        raise Hold(
            gettext("%(name)s asked us to wait.", name=connection.name),
            until=connection.not_before,
        )


def _freeze(delivery: Delivery, local: Local) -> None:
    """The first try takes the status as it is now; later tries repeat the same call under the same key."""
    edited = delivery.revision > 1  # by a person, who knows what is wanted
    if not edited and not delivery.attempts and delivery.payload["status"] != local.status:
        delivery.payload = {**delivery.payload, "status": local.status}


def _ours_counts(access: Access, link: Link, local: Local) -> bool:
    """Whether ours wins where they have changed it meanwhile."""
    usual = subjects.of(link.local_kind).usual_owner(local, STATUS)
    return access.owners().get(STATUS, merge.LOCAL) == usual == merge.LOCAL


def _shown(request: Request) -> dict[str, object]:
    kind = request.headers.get("Content-Type", "")
    return {
        "method": request.method,
        "url": redact_url(request.url),
        "headers": redact_headers(request.headers),
        "body": redact_body(request.body, content_type=kind),
    }
