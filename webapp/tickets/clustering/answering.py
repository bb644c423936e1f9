"""One answer and one status for all tickets of a cluster: planned on a fixed list, done one by one by `webapp.bulk`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext
from sqlalchemy import select

from webapp.bulk import actions as bulk
from webapp.bulk.models import Bulk
from webapp.bulk.queries import progress_of
from webapp.core import db
from webapp.core.errors import Conflict, Invalid
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets import actions
from webapp.tickets.clustering.events import ClusterAnswered
from webapp.tickets.clustering.models import Cluster
from webapp.tickets.models import Ticket

KIND = "cluster.answer"


def plan(cluster: Cluster, *, body: str, status: str, actor: Actor) -> Bulk:
    """The list of what would be answered. `body` or `status` may be empty. Raises Invalid, Conflict."""
    if cluster.dissolved_at:
        raise Conflict(gettext("%(ref)s is dissolved.", ref=cluster.ref))
    if not body and not status:
        words = gettext("Write an answer, or choose a status.")
        raise Invalid(words, fields={"body": words})
    return bulk.plan(
        kind=KIND,
        scope=f"cluster:{cluster.id}",
        title=gettext("Answer all tickets of %(ref)s", ref=cluster.ref),
        back=f"/clusters/{cluster.ref}",
        items=_items(cluster, body, status),
        actor=actor,
        args={"cluster": cluster.id, "body": body, "status": status},
    )


def start(planned: Bulk, cluster: Cluster, *, actor: Actor) -> bool:
    """Do it. True: so few that it should be done while the person waits. Raises Conflict when it was started."""
    count = progress_of(planned.id).todo
    fact = ClusterAnswered(
        subject_id=cluster.id, ref=cluster.ref, title=cluster.title, tickets=count
    )
    record(fact, actor=actor)
    return bulk.start(planned, actor=actor)


def answer_step(ticket_id: int, args: Mapping[str, Any], actor: Actor) -> str:
    """One of them: "" when it was told, else why it was left as it is."""
    ticket = db.session().scalar(
        select(Ticket)
        .where(Ticket.id == ticket_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if ticket is None or ticket.cluster_id != args["cluster"]:
        return gettext("It is no longer in the cluster.")
    if args["body"]:
        actions.respond(ticket, body=args["body"], actor=actor)
    if args["status"]:
        actions.change_status(ticket, status=args["status"], actor=actor)
    return ""


def _items(cluster: Cluster, body: str, status: str) -> Iterator[tuple[int, str]]:
    """(ticket, why it is left out or "")."""
    rows = db.session().execute(
        select(Ticket.id, Ticket.status).where(Ticket.cluster_id == cluster.id).order_by(Ticket.id)
    )
    for ticket_id, now in rows.all():
        same = not body and now == status
        yield ticket_id, gettext("It has this status already.") if same else ""
