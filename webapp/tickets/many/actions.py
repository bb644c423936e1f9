"""Fixing a list of tickets, deciding what is done to it, starting that. The doing is `webapp.bulk`'s, by `steps`."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import Select, select

from webapp.bulk import actions as bulks
from webapp.bulk.models import Bulk
from webapp.bulk.queries import progress_of
from webapp.core import db
from webapp.core.errors import Conflict, Invalid
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets import words
from webapp.tickets.clustering.events import ClusterAnswered
from webapp.tickets.clustering.models import Cluster
from webapp.tickets.many.steps import CHANGE, SCOPE, Change, excluded
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
    return bulks.start(bulk, actor=actor)


def cluster_of(change: Change) -> Cluster | None:
    return db.session().get(Cluster, change.cluster) if change.cluster is not None else None


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
