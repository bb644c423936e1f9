"""Fixing a list of tickets, deciding what is done to it, starting that. The doing is `webapp.bulk`'s, by `steps`."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import gettext
from sqlalchemy import Select, select

from webapp.bulk import actions as bulks
from webapp.bulk.models import PREVIEW, TODO, Bulk, BulkItem
from webapp.bulk.queries import progress_of
from webapp.core import db
from webapp.core.errors import Conflict, Invalid
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets import words
from webapp.tickets.clustering.actions import begin_cluster
from webapp.tickets.clustering.events import ClusterAnswered
from webapp.tickets.clustering.models import Cluster
from webapp.tickets.many.steps import CHANGE, NEW, SCOPE, Change, excluded
from webapp.tickets.models import Ticket


def plan(ids: Select[int], *, back: str, actor: Actor) -> Bulk:
    """The list of what the query `ids` finds at this moment; what is done to it is decided later."""
    title = gettext("Change tickets")
    ordered = ids.order_by(Ticket.id)
    return bulks.plan_all(
        kind=CHANGE, scope=SCOPE, title=title, back=back, ids=ordered, actor=actor
    )


def plan_for_cluster(cluster: Cluster, *, actor: Actor) -> Bulk:
    """The list of a cluster's tickets; those that leave it meanwhile are left out. Raises Conflict."""
    if cluster.dissolved_at:
        raise Conflict(gettext("%(ref)s is dissolved.", ref=cluster.ref))
    ids = select(Ticket.id).where(Ticket.cluster_id == cluster.id)
    bulk = plan(ids, back=f"/clusters/{cluster.ref}", actor=actor)
    bulk.args = {"cluster": cluster.id}
    return bulk


def decide(bulk: Bulk, change: Change) -> None:
    """What is to be done to the list. Raises Invalid where it is nothing, Conflict when it was started."""
    if change.is_empty:
        raise Invalid(gettext("Say what is to be done first."))
    into = change.fields.get("cluster")
    if into and into != NEW and ((there := cluster_into(change)) is None or there.dissolved_at):
        gone = gettext("This cluster is no more. Choose another.")
        raise Invalid(gone, fields={"cluster": gone})
    bulks.decide(bulk, title=_title(change), args=change.as_args(), excluded=excluded(change))


def start(bulk: Bulk, *, actor: Actor) -> bool:
    """Do it. True: so few that it should be done while the person waits. Raises Conflict when it was started."""
    change = Change.of(bulk.args)
    if change.is_empty:
        raise Invalid(gettext("Say first what is to be done."))
    cluster = cluster_of(change)
    if cluster is not None:
        fact = ClusterAnswered(
            subject_id=cluster.id,
            ref=cluster.ref,
            title=cluster.title,
            tickets=progress_of(bulk.id).todo,
        )
        record(fact, actor=actor)
    if change.fields.get("cluster") == NEW:
        made = _new_cluster(bulk, actor=actor)
        bulk.args = replace(change, fields={**change.fields, "cluster": made.id}).as_args()
    return bulks.start(bulk, actor=actor)


def _new_cluster(bulk: Bulk, *, actor: Actor) -> Cluster:
    """For what is still on the list; it is called as the oldest of these. Raises Conflict when it was started."""
    todo = select(BulkItem.subject_id).where(BulkItem.bulk_id == bulk.id, BulkItem.state == TODO)
    oldest = select(Ticket.title).where(Ticket.id.in_(todo)).order_by(Ticket.reported_at, Ticket.id)
    title = db.session().scalar(oldest.limit(1))
    if title is None or bulk.state != PREVIEW:
        raise Conflict(gettext("There is nothing on this list to put into a cluster."))
    return begin_cluster(title, tickets=progress_of(bulk.id).todo, actor=actor)


def cluster_of(change: Change) -> Cluster | None:
    return db.session().get(Cluster, change.cluster) if change.cluster is not None else None


def cluster_into(change: Change) -> Cluster | None:
    """Where the tickets are put; None also as long as it is still to be made."""
    into = change.fields.get("cluster")
    return db.session().get(Cluster, into) if into and into != NEW else None


def _title(change: Change) -> str:
    cluster = cluster_of(change)
    named = [
        gettext("Status") if name == "status" else words.field_name(name).replace("_", " ")
        for name in change.fields
    ]
    named += [gettext("Tags")] if change.add_tags or change.remove_tags else []
    named += [gettext("Reply to all")] if change.reply else []
    named += [gettext("Note")] if change.note else []
    what = ", ".join(named)
    if cluster is not None:
        return gettext("Tickets of %(ref)s: %(what)s", ref=cluster.ref, what=what)
    return gettext("Change tickets: %(what)s", what=what)
