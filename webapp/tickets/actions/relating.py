"""Links between tickets, and the list of what is to be done on one."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import func, select

from webapp.core import clock, db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.events import ChecklistChanged, TicketRelated
from webapp.tickets.models import Ticket
from webapp.tickets.relating.kinds import PARENT, SEEN_FROM_THERE, as_stored
from webapp.tickets.relating.models import ChecklistItem, TicketRelation

LONGEST_ITEM = 300
MOST_ITEMS = 100


def relate(ticket: Ticket, other: Ticket, *, kind: str, actor: Actor) -> TicketRelation:
    """`ticket` is `kind` (one of relating.kinds.KINDS) to `other`. Raises Invalid, Conflict."""
    try:
        stored, turned = as_stored(kind)
    except KeyError:
        raise Invalid(gettext("There is no such link.")) from None
    first, second = (other, ticket) if turned else (ticket, other)
    _check(first, second, stored)
    relation = TicketRelation(
        ticket_id=first.id, other_id=second.id, kind=stored, created_at=clock.now()
    )
    db.session().add(relation)
    db.session().flush()
    _tell_both(first, second, stored, actor, linked=True)
    return relation


def unrelate(ticket: Ticket, relation_id: int, *, actor: Actor) -> None:
    """Raises NotFound, also for a link of other tickets."""
    relation = db.session().get(TicketRelation, relation_id)
    if relation is None or ticket.id not in (relation.ticket_id, relation.other_id):
        raise NotFound(gettext("There is no such link."))
    first = db.session().get_one(Ticket, relation.ticket_id)
    second = db.session().get_one(Ticket, relation.other_id)
    kind = relation.kind
    db.session().delete(relation)
    db.session().flush()
    _tell_both(first, second, kind, actor, linked=False)


def add_item(ticket: Ticket, text: str, *, actor: Actor) -> ChecklistItem:
    """At the end of the list. Raises Invalid."""
    if not text or len(text) > LONGEST_ITEM:
        words = gettext("Say in 1 to %(most)s characters what is to be done.", most=LONGEST_ITEM)
        raise Invalid(words, fields={"text": words})
    places = select(func.count(), func.max(ChecklistItem.position))
    count, last = db.session().execute(places.where(ChecklistItem.ticket_id == ticket.id)).one()
    if count >= MOST_ITEMS:
        words = gettext("A list has at most %(most)s things to do.", most=MOST_ITEMS)
        raise Invalid(words, fields={"text": words})
    item = ChecklistItem(ticket_id=ticket.id, position=(last or 0) + 1, text=text)
    db.session().add(item)
    _tell_item(ticket, item, "added", actor)
    return item


def set_item(ticket: Ticket, item_id: int, *, done: bool, actor: Actor) -> None:
    """Done, by whom and when; or not. Nothing happens where it is so already."""
    item = _item(ticket, item_id)
    if (item.done_at is not None) == done:
        return
    item.done_at = clock.now() if done else None
    item.done_by = actor.name if done else ""
    _tell_item(ticket, item, "done" if done else "undone", actor)


def move_item(ticket: Ticket, item_id: int, *, by: int, actor: Actor) -> None:
    """One place up (-1) or down (1). Nothing happens at the end of the list."""
    item = _item(ticket, item_id)
    query = select(ChecklistItem).where(ChecklistItem.ticket_id == ticket.id)
    items = list(db.session().scalars(query.order_by(ChecklistItem.position, ChecklistItem.id)))
    at = items.index(item)
    if not 0 <= at + by < len(items):
        return
    items.insert(at + by, items.pop(at))
    for position, each in enumerate(items, start=1):
        each.position = position
    _tell_item(ticket, item, "moved", actor)


def remove_item(ticket: Ticket, item_id: int, *, actor: Actor) -> None:
    item = _item(ticket, item_id)
    db.session().delete(item)
    _tell_item(ticket, item, "removed", actor)


def _check(first: Ticket, second: Ticket, kind: str) -> None:
    if first.id == second.id:
        raise Conflict(gettext("A ticket cannot be linked with itself."))
    pairs = [(first.id, second.id)]
    if SEEN_FROM_THERE[kind] == kind:
        pairs.append((second.id, first.id))
    for one, other in pairs:
        found = select(TicketRelation.id).where(
            TicketRelation.ticket_id == one,
            TicketRelation.other_id == other,
            TicketRelation.kind == kind,
        )
        if db.session().scalar(found) is not None:
            raise Conflict(gettext("They are linked so already."))
    if kind == PARENT:
        _check_tree(first, second)


def _check_tree(parent: Ticket, child: Ticket) -> None:
    """A ticket has one parent, and is nobody's grandparent's parent."""
    if _parent_id(child.id) is not None:
        raise Conflict(gettext("%(ref)s has a parent already.", ref=child.ref))
    above: int | None = parent.id
    while above is not None:
        if above == child.id:
            raise Conflict(gettext("%(ref)s stands above it already.", ref=child.ref))
        above = _parent_id(above)


def _parent_id(ticket_id: int) -> int | None:
    query = select(TicketRelation.ticket_id)
    return db.session().scalar(
        query.where(TicketRelation.other_id == ticket_id, TicketRelation.kind == PARENT).limit(1)
    )


def _item(ticket: Ticket, item_id: int) -> ChecklistItem:
    item = db.session().get(ChecklistItem, item_id)
    if item is None or item.ticket_id != ticket.id:
        raise NotFound(gettext("There is no such thing to do."))
    return item


def _tell_item(ticket: Ticket, item: ChecklistItem, what: str, actor: Actor) -> None:
    db.session().flush()
    ticket.updated_at = clock.now()
    fact = ChecklistChanged(
        subject_id=ticket.id, ref=ticket.ref, title=ticket.title, what=what, text=item.text
    )
    record(fact, actor=actor)


def _tell_both(first: Ticket, second: Ticket, kind: str, actor: Actor, *, linked: bool) -> None:
    """Each of the two has it in its history, as seen from there."""
    for here, there, seen in ((first, second, kind), (second, first, SEEN_FROM_THERE[kind])):
        fact = TicketRelated(
            subject_id=here.id,
            ref=here.ref,
            title=here.title,
            other_ref=there.ref,
            kind=seen,
            linked=linked,
        )
        record(fact, actor=actor)
