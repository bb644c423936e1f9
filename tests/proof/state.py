"""The end state of a world without what may differ from run to run: ids, times, the number of tries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from tests.proof.invariants import fresh
from tests.proof.world import World
from webapp.events.models import Event
from webapp.outbox.models import Delivery
from webapp.sync.models import Conflict, Connection, Link, Quarantine, ValueMap
from webapp.tickets.models import Ticket

TICKET = ("title", "description", "status", "status_is_ours", "category", "external_status")
LINK = ("state", "base", "upstream_version", "upstream_open", "reread", "sent_values")


def end_state(world: World) -> dict[str, Any]:
    """Ours and theirs, in plain values that can be compared."""
    session = fresh()
    links = {link.id: link for link in session.scalars(select(Link).order_by(Link.external_id))}
    names = {link.local_id: link.external_id for link in links.values()}
    lanes = {f"link:{link.id}": link.external_id for link in links.values()}
    connection = session.get_one(Connection, world.connection_id)
    return {
        "theirs": [
            {k: v for k, v in report.items() if k != "updatedAt"} for report in world.all_there()
        ],
        "effects": sorted(
            (call.record, call.body["status"])
            for call in world.received
            if call.status == 200 and not call.replayed
        ),
        "tickets": {
            names[ticket.id]: {name: getattr(ticket, name) for name in TICKET}
            for ticket in session.scalars(select(Ticket).order_by(Ticket.id))
        },
        "links": {
            link.external_id: {name: getattr(link, name) for name in LINK}
            for link in links.values()
        },
        "deliveries": sorted(
            (lanes[each.lane], each.payload["status"], each.state, each.settled_at is None)
            for each in session.scalars(select(Delivery).where(Delivery.channel == "push"))
        ),
        "events": sorted(
            (names[event.subject_id], event.type, event.actor_kind, _said(event))
            for event in session.scalars(select(Event).where(Event.subject_kind == "ticket"))
        ),
        "quarantine": sorted(
            (row.external_id, row.reason, row.state) for row in session.scalars(select(Quarantine))
        ),
        "unmapped": sorted(
            (row.field, row.upstream, row.local) for row in session.scalars(select(ValueMap))
        ),
        "conflicts": sorted(
            (links[row.link_id].external_id, row.field, row.local, row.upstream, row.decision)
            for row in session.scalars(select(Conflict))
        ),
        "connection": (connection.state, connection.lease_token, connection.cursor),
    }


def _said(event: Event) -> str:
    """What was said, less the way in which it became known and the numbers of rows."""
    kept = {k: v for k, v in event.data.items() if k in ("old", "new", "status", "state")}
    return str(sorted(kept.items()))


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Part → (without the crash, with it), where they differ."""
    return {part: (one[part], other[part]) for part in one if one[part] != other[part]}
