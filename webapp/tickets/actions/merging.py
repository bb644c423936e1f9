"""Two tickets about one thing become one, and two again.

Nothing is moved: the one that stands for both shows the other's messages, files and watchers as they stand. So the way
back restores exactly, whatever happened in between.
"""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import select, update

from webapp.core import clock, db
from webapp.core.errors import Conflict
from webapp.events.models import Event
from webapp.events.record import Batch, for_batches, record
from webapp.events.types import Actor, Fact
from webapp.tickets.actions.working import change_status
from webapp.tickets.composing.models import Draft
from webapp.tickets.events import TicketMerged, TicketStatusChanged, TicketTookIn
from webapp.tickets.models import Attachment, Response, Ticket
from webapp.tickets.relating.queries import stands_for


def merge_ticket(ticket: Ticket, *, into: Ticket, actor: Actor) -> Ticket:
    """`into`, or what stands for that, stands for `ticket` from now on: one status, one answer. Raises Conflict."""
    target = stands_for(into)
    if ticket.merged_into_id is not None:
        raise Conflict(gettext("%(ref)s is merged already.", ref=ticket.ref))
    if target.id == ticket.id:
        raise Conflict(
            gettext("A ticket cannot be merged into itself, or into one that it stands for.")
        )
    now = clock.now()
    ticket.status_before_merge = ticket.status
    ticket.merged_into_id, ticket.merged_at = target.id, now
    ticket.updated_at = target.updated_at = now
    _move_drafts(ticket, target)
    db.session().flush()
    _tell(ticket, target, actor, merged=True)
    _set_status(ticket, target.status, actor)
    return target


def unmerge_ticket(ticket: Ticket, *, actor: Actor) -> Ticket:
    """It stands for itself again, with the status it had and what its reporter wrote meanwhile. Raises Conflict."""
    if ticket.merged_into_id is None:
        raise Conflict(gettext("%(ref)s is not merged.", ref=ticket.ref))
    target = db.session().get_one(Ticket, ticket.merged_into_id)
    status = ticket.status_before_merge or ticket.status
    ticket.merged_into_id = ticket.merged_at = ticket.status_before_merge = None
    ticket.updated_at = target.updated_at = clock.now()
    _take_back_messages(ticket)
    db.session().flush()
    _tell(ticket, target, actor, merged=False)
    _set_status(ticket, status, actor)
    return target


def follow_status(event: Event, fact: Fact) -> None:
    """Reaction to TicketStatusChanged: what was merged into the ticket goes along."""
    if isinstance(fact, TicketStatusChanged):
        actor = Actor(event.actor_kind, event.actor_id, event.actor_name)
        _follow({fact.subject_id: fact.new}, actor)


@for_batches(follow_status)
def follow_statuses(batch: Batch) -> None:
    """The same for many, with one look."""
    _follow(
        {f.subject_id: f.new for f in batch.facts if isinstance(f, TicketStatusChanged)},
        batch.actor,
    )


def _follow(statuses: dict[int, str], actor: Actor) -> None:
    query = select(Ticket).where(Ticket.merged_into_id.in_(statuses))
    for merged in db.session().scalars(query).all():
        if merged.merged_into_id is not None:
            _set_status(merged, statuses[merged.merged_into_id], actor)


def _set_status(ticket: Ticket, status: str, actor: Actor) -> None:
    """Whose status it is stays as it was: nobody decided it for this ticket."""
    change_status(ticket, status=status, actor=actor, from_upstream=True)


def _tell(ticket: Ticket, target: Ticket, actor: Actor, *, merged: bool) -> None:
    here = TicketMerged(
        subject_id=ticket.id,
        ref=ticket.ref,
        title=ticket.title,
        other_ref=target.ref,
        merged=merged,
    )
    record(here, actor=actor)
    there = TicketTookIn(
        subject_id=target.id,
        ref=target.ref,
        title=target.title,
        other_ref=ticket.ref,
        merged=merged,
    )
    record(there, actor=actor)


def _move_drafts(ticket: Ticket, target: Ticket) -> None:
    """What people have begun to write goes along, unless they have begun there, too."""
    has_one = select(Draft.user_id).where(Draft.ticket_id == target.id)
    db.session().execute(
        update(Draft)
        .where(Draft.ticket_id == ticket.id, Draft.user_id.not_in(has_one))
        .values(ticket_id=target.id)
        .execution_options(synchronize_session=False)
    )


def _take_back_messages(ticket: Ticket) -> None:
    """What the reporter wrote by way of this ticket stands on it."""
    session = db.session()
    own = session.scalars(select(Response).where(Response.via_id == ticket.id)).all()
    for response in own:
        response.ticket_id, response.via_id = ticket.id, None
    files = update(Attachment).where(Attachment.response_id.in_([each.id for each in own]))
    session.execute(files.values(ticket_id=ticket.id).execution_options(synchronize_session=False))
