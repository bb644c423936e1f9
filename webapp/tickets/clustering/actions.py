"""The only writers of clusters: made, changed, dissolved; suggestions accepted or dismissed. None commits."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext
from sqlalchemy import select

from webapp.core import clock, db
from webapp.core.errors import Conflict, Invalid
from webapp.events.record import record, record_many
from webapp.events.types import Actor, Fact
from webapp.tickets.clustering.events import (
    ClusterCreated,
    ClusterDissolved,
    ClusterEdited,
    SuggestionDismissed,
)
from webapp.tickets.clustering.models import ACCEPTED, DISMISSED, OPEN, Cluster, Suggestion
from webapp.tickets.events import TicketEdited
from webapp.tickets.models import Ticket


def make_cluster(tickets: Sequence[Ticket], *, title: str = "", actor: Actor) -> Cluster:
    """A new cluster of these; without a title it has the oldest one's. Raises Invalid, Conflict."""
    if not tickets:
        raise Invalid(gettext("Choose at least one ticket for the cluster."))
    oldest = min(tickets, key=lambda ticket: (ticket.reported_at, ticket.id))
    cluster = begin_cluster(title or oldest.title, tickets=len(tickets), actor=actor)
    add_tickets(cluster, tickets, actor=actor)
    return cluster


def begin_cluster(title: str, *, tickets: int, actor: Actor) -> Cluster:
    """One with nothing in it yet; so many `tickets` are about to be put there."""
    now = clock.now()
    (cluster_id,) = db.reserve_ids(Cluster, 1)
    cluster = Cluster(
        id=cluster_id,
        ref=f"C-{now.year}-{cluster_id:06d}",
        title=title,
        created_at=now,
        created_by=actor.name,
    )
    db.session().add(cluster)
    db.session().flush()
    fact = ClusterCreated(
        subject_id=cluster.id, ref=cluster.ref, title=cluster.title, tickets=tickets
    )
    record(fact, actor=actor)
    return cluster


def add_tickets(cluster: Cluster, tickets: Sequence[Ticket], *, actor: Actor) -> int:
    """They belong to it, too; how many did not yet. Raises Conflict for one that is in another."""
    if cluster.dissolved_at:
        raise Conflict(gettext("%(ref)s is dissolved.", ref=cluster.ref))
    for ticket in tickets:
        if ticket.cluster is not None and ticket.cluster_id != cluster.id:
            raise Conflict(
                gettext(
                    "%(ticket)s is in the cluster %(ref)s already. Take it out there first.",
                    ticket=ticket.ref,
                    ref=ticket.cluster.ref,
                )
            )
    return _put(tickets, cluster, actor=actor)


def put_in(ticket: Ticket, cluster: Cluster | None, *, actor: Actor) -> None:
    """It is in `cluster` from now on, None: it stands alone. Raises Conflict where that is dissolved."""
    if cluster is not None and cluster.dissolved_at:
        raise Conflict(gettext("%(ref)s is dissolved.", ref=cluster.ref))
    _put([ticket], cluster, actor=actor)


def take_out(ticket: Ticket, *, actor: Actor) -> bool:
    """It stands alone again. False when it does already."""
    return _put([ticket], None, actor=actor) == 1


def rename(cluster: Cluster, *, title: str, actor: Actor) -> None:
    if title == cluster.title:
        return
    old, cluster.title = cluster.title, title
    db.session().flush()
    changes: dict[str, list[str | None]] = {"title": [old, title]}
    fact = ClusterEdited(subject_id=cluster.id, ref=cluster.ref, title=title, changes=changes)
    record(fact, actor=actor)


def dissolve(cluster: Cluster, *, actor: Actor) -> None:
    """Its tickets stand alone again, as they are. Raises Conflict when it was dissolved before."""
    if cluster.dissolved_at:
        raise Conflict(gettext("%(ref)s is dissolved.", ref=cluster.ref))
    tickets = db.session().scalars(
        select(Ticket).where(Ticket.cluster_id == cluster.id).order_by(Ticket.id).with_for_update()
    )
    count = _put(tickets.all(), None, actor=actor)
    cluster.dissolved_at = clock.now()
    db.session().flush()
    fact = ClusterDissolved(
        subject_id=cluster.id, ref=cluster.ref, title=cluster.title, tickets=count
    )
    record(fact, actor=actor)


def accept(suggestion: Suggestion, *, actor: Actor) -> Cluster:
    """Both tickets are in one cluster from now on: in the one that one of them is in, else in a new one.

    Raises Conflict where they are in different ones, or somebody has decided already.
    """
    one, other = _pair(suggestion)
    cluster = one.cluster or other.cluster
    if cluster is None:
        cluster = make_cluster([one, other], actor=actor)
    else:
        add_tickets(cluster, [one, other], actor=actor)
    _decide(suggestion, ACCEPTED, actor)
    return cluster


def dismiss(suggestion: Suggestion, *, actor: Actor) -> None:
    """They are not about one thing; it is not suggested again. Raises Conflict."""
    one, other = _pair(suggestion)
    _decide(suggestion, DISMISSED, actor)
    fact = SuggestionDismissed(subject_id=one.id, ref=one.ref, title=one.title, other=other.ref)
    record(fact, actor=actor)


def _pair(suggestion: Suggestion) -> tuple[Ticket, Ticket]:
    if suggestion.state != OPEN:
        raise Conflict(gettext("Somebody has decided this already."))
    ids = (suggestion.ticket_id, suggestion.other_id)
    query = select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update()
    one, other = db.session().scalars(query)
    return one, other


def _decide(suggestion: Suggestion, state: str, actor: Actor) -> None:
    suggestion.state = state
    suggestion.decided_by, suggestion.decided_at = actor.name, clock.now()
    db.session().flush()


def _put(tickets: Sequence[Ticket], cluster: Cluster | None, *, actor: Actor) -> int:
    """How many of them moved; each has it in its history."""
    facts: list[Fact] = []
    now = clock.now()
    for ticket in tickets:
        old, new = ticket.cluster, cluster
        if old is new:
            continue
        ticket.cluster, ticket.updated_at = new, now
        changes: dict[str, list[str | None]] = {
            "cluster": [old.ref if old else None, new.ref if new else None]
        }
        facts.append(
            TicketEdited(subject_id=ticket.id, ref=ticket.ref, title=ticket.title, changes=changes)
        )
    db.session().flush()
    record_many(facts, actor=actor)
    return len(facts)
