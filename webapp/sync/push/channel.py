"""The outbox's way to an upstream: what is sent is decided as it leaves, what came of it is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import clock, db
from webapp.core.errors import RemoteError
from webapp.core.http import Request, redact_body, redact_headers, redact_url
from webapp.outbox.channels import Answer, Hold, Outcome, Prepared, Settled
from webapp.outbox.models import Delivery
from webapp.sync import merge, subjects
from webapp.sync.connections import Access, access_of, shape_of
from webapp.sync.models import Connection, Link
from webapp.sync.pull import deciding
from webapp.sync.push import queueing, settling
from webapp.sync.push.calling import Call, carry_out
from webapp.sync.replaying import own_access
from webapp.sync.subjects import Local, Subject


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
        access = own_access(access_of(connection), link.kind, link.parent_id)
        declared = shape_of(access.declaration, access.shape, access.options).push
        push = declared.get(delivery.kind)
        if push is None or push.coalesce:
            _freeze(delivery, subjects.of(link.local_kind), local)
        wanted = queueing.wanted(delivery)
        _check_decided(link, wanted)
        if _agreed(link, wanted, access):
            return Settled(gettext("Nothing to do: the upstream has it so already."))
        request = access.engine_on(cast("object", None)).prepare_push(  # type: ignore[arg-type]
            delivery.kind,
            link.external_id,
            {**queueing.along(delivery), **wanted},
            idempotency_key=delivery.idempotency_key,
            version=link.upstream_version,
        )
        # Pages asked for until now may show the time before this push; so may these values come back later.
        link.last_push_seq = connection.fetch_seq
        for field, value in wanted.items():
            sent = link.sent_values.get(field, [])
            if value not in sent:
                link.sent_values = merge.seen_back(link.sent_values, field, [*sent, value])
        db.session().flush()
        call = Call(
            access=access,
            subject=subjects.of(link.local_kind),
            request=request,
            name=delivery.kind,
            external_id=link.external_id,
            wanted=wanted,
            base={field: link.base.get(field) for field in wanted},
            key=delivery.idempotency_key,
            unsure=unsure,
            ours=_ours_count(access, link, local, wanted),
            version=link.upstream_version,
            along=queueing.along(delivery),
            confirmed_by=frozenset(push.confirmed_by) if push else frozenset(),
            once=push is not None and not push.again,
            since=link.upstream_updated_at,
        )
        return Prepared(call=call, request=_shown(request))

    def send(self, prepared: Prepared) -> Answer:
        return carry_out(cast("Call", prepared.call))

    def settle(self, delivery: Delivery, outcome: Outcome) -> None:
        # The connection before the link, as a page of a pull locks them: the two cannot wait for each other.
        db.session().execute(
            select(Connection.id)
            .join(Link, Link.connection_id == Connection.id)
            .where(Link.id == int(delivery.payload[queueing.LINK]))
            .with_for_update(of=Connection)
        )
        link = _link(delivery)
        if link is not None:
            settling.settle(delivery, link, outcome)


def _link(delivery: Delivery) -> Link | None:
    return db.session().scalar(
        select(Link)
        .where(Link.id == int(delivery.payload[queueing.LINK]))
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


def _check_decided(link: Link, fields: Iterable[str]) -> None:
    subject = subjects.of(link.local_kind)
    for field in fields:
        if deciding.is_open(link, field):
            raise Hold(
                gettext(
                    "Both sides have changed this: a person decides which counts (%(field)s).",
                    field=subject.label(field),
                ),
                whole_target=False,
            )


def _freeze(delivery: Delivery, subject: Subject, local: Local) -> None:
    """The first try takes the values as they are now; later tries repeat the same call under the same key."""
    edited = delivery.revision > 1  # by a person, who knows what is wanted
    if not edited and not delivery.attempts:
        now = subject.present(local, tuple(queueing.wanted(delivery)))
        if now != queueing.wanted(delivery):
            delivery.payload = {**delivery.payload, **now}


def _agreed(link: Link, wanted: Mapping[str, Any], access: Access) -> bool:
    """Whether they hold all of it, and nothing else of ours is still on its way to them."""
    projection = access.projection()
    for field, value in wanted.items():
        reads: Mapping[Any, str] = projection.get(field, {})
        base, others = link.base.get(field), link.sent_values.get(field, ())
        if field not in link.base or reads.get(value, value) != reads.get(base, base):
            return False
        if any(each != value for each in others):
            return False
    return True


def _ours_count(access: Access, link: Link, local: Local, fields: Iterable[str]) -> frozenset[str]:
    """The fields of which ours wins where they have changed it meanwhile."""
    said, subject = access.owners(), subjects.of(link.local_kind)
    return frozenset(
        field
        for field in fields
        if (said.get(field) or subject.usual_owner(local, field)) == merge.LOCAL
    )


def _shown(request: Request) -> dict[str, object]:
    kind = request.headers.get("Content-Type", "")
    return {
        "method": request.method,
        "url": redact_url(request.url),
        "headers": redact_headers(request.headers),
        "body": redact_body(request.body, content_type=kind),
    }
