"""What can be done to many tickets at once: one decision, who is left out of it, each step, and its taking back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import selectinload

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.bulk.kinds import Before
from webapp.bulk.models import BulkItem
from webapp.core import db
from webapp.events.types import Actor
from webapp.tickets import actions
from webapp.tickets.actions.fields import READ, set_fields
from webapp.tickets.models import Tag, Ticket, ticket_tag
from webapp.tickets.words import field_name

CHANGE = "tickets.change"
NEW = "new"  # as the value of `cluster`: one that the start of the change makes
SCOPE = "tickets"


@dataclass(frozen=True)
class Change:
    """`fields`: field → new value, those that are to change. `reply` and `note`: what is written on each. `cluster`:
    the key of that whose tickets alone it is for."""

    fields: Mapping[str, Any]
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    reply: str = ""
    note: str = ""
    cluster: int | None = None

    @classmethod
    def of(cls, args: Mapping[str, Any]) -> Change:
        return cls(
            fields=dict(args.get("fields", {})),
            add_tags=tuple(args.get("add_tags", ())),
            remove_tags=tuple(args.get("remove_tags", ())),
            reply=args.get("reply", ""),
            note=args.get("note", ""),
            cluster=args.get("cluster"),
        )

    def as_args(self) -> dict[str, Any]:
        return {
            "fields": dict(self.fields),
            "add_tags": list(self.add_tags),
            "remove_tags": list(self.remove_tags),
            "reply": self.reply,
            "note": self.note,
            "cluster": self.cluster,
        }

    @property
    def is_empty(self) -> bool:
        return not any((self.fields, self.add_tags, self.remove_tags, self.reply, self.note))


def excluded(change: Change) -> dict[str, ColumnElement[bool]]:
    """Why → which items of a list are left out: those that would stay as they are, and those that are no more."""
    own = select(Ticket.id).where(Ticket.id == BulkItem.subject_id)
    reasons = {gettext("it is no more"): ~own.exists()}
    if change.cluster is not None:
        reasons[_no_longer_in_it()] = ~own.where(Ticket.cluster_id == change.cluster).exists()
    if "status" in change.fields:
        reasons[_merged()] = own.where(Ticket.merged_into_id.is_not(None)).exists()
    if cluster := change.fields.get("cluster"):
        another = Ticket.cluster_id != (0 if cluster == NEW else cluster)  # unknown of one in none
        reasons[_in_another()] = own.where(another).exists()
    if not (change.reply or change.note):
        moves = own.where(or_(*_differences(change)))
        reasons[gettext("it is so already")] = ~moves.exists()
    return reasons


def read_together(ids: Sequence[int]) -> object:
    """The tickets of the next steps, locked, with their tags: read once for all of them."""
    query = select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update()
    fresh = query.options(selectinload(Ticket.tags)).execution_options(populate_existing=True)
    return db.session().scalars(fresh).all()


def change_step(ticket_id: int, args: Mapping[str, Any], actor: Actor) -> str | Before:
    """Everything that was decided, on one ticket; as the person who decided may do it now."""
    change, ticket = Change.of(args), _locked(ticket_id)
    if ticket is None or (refused := _refused(actor) or _not_for(ticket, change)):
        return gettext("it is no more") if ticket is None else refused
    before = {name: read(ticket) for name, read in READ.items()}
    set_fields(ticket, change.fields, actor=actor)
    if change.add_tags:
        actions.add_tags(ticket, change.add_tags, actor=actor)
    if change.remove_tags:
        actions.remove_tags(ticket, change.remove_tags, actor=actor)
    if change.note:
        actions.add_note(ticket, body=change.note, actor=actor)
    if change.reply:
        actions.respond(ticket, body=change.reply, actor=actor)
    db.session().flush()
    kept = Before(
        {n: [before[n], now] for n, read in READ.items() if (now := read(ticket)) != before[n]}
    )
    wrote = change.reply or change.note
    return kept if kept or wrote else gettext("it is so already")


def undo_step(ticket_id: int, before: Mapping[str, Any], actor: Actor) -> str:
    """Fields that are still as the change left them get their old values back; the others are named."""
    refused = _refused(actor)
    ticket = _locked(ticket_id)
    if refused or ticket is None:
        return refused or gettext("it is no more")
    if not before:
        return gettext("what was written stays")
    since = [name for name, (_, new) in before.items() if READ[name](ticket) != new]
    set_fields(ticket, {n: old for n, (old, _) in before.items() if n not in since}, actor=actor)
    if not since:
        return ""
    names = ", ".join(gettext("Status") if n == "status" else field_name(n) for n in since)
    return gettext("changed since: %(names)s", names=names)


def _not_for(ticket: Ticket, change: Change) -> str:
    """Why it is none of those that the change is for, since the list was fixed."""
    if change.cluster is not None and ticket.cluster_id != change.cluster:
        return _no_longer_in_it()
    into = change.fields.get("cluster")
    if into and ticket.cluster_id not in (None, into):
        return _in_another()
    return _merged() if "status" in change.fields and ticket.merged_into_id is not None else ""


def _no_longer_in_it() -> str:
    return gettext("it is no longer in the cluster")


def _in_another() -> str:
    return gettext("it is in another cluster: take it out there first")


def _merged() -> str:
    return gettext("it was merged: its status is that of the other")


def _differences(change: Change) -> list[ColumnElement[bool]]:
    columns: dict[str, Any] = {
        "status": Ticket.status,
        "assignee": Ticket.assignee_id,
        "team": Ticket.team_id,
        "priority": Ticket.priority,
        "due_at": Ticket.due_at,
        "category": Ticket.category,
        "cluster": Ticket.cluster_id,
    }
    found = []
    for name, value in change.fields.items():
        new = datetime.fromisoformat(value) if name == "due_at" and value else value or None
        if value == NEW:
            new = 0  # nobody's key yet
        found.append(columns[name].is_distinct_from(value if name == "category" else new))
    found += [~_has_tag(name) for name in change.add_tags]
    found += [_has_tag(name) for name in change.remove_tags]
    return found


def _has_tag(name: str) -> ColumnElement[bool]:
    tagged = and_(ticket_tag.c.ticket_id == Ticket.id, Tag.key == actions.tag_key(name))
    return exists().where(ticket_tag.c.tag_id == Tag.id, tagged)


def _locked(ticket_id: int) -> Ticket | None:
    return db.session().get(Ticket, ticket_id)  # `read_together` has locked it


def _refused(actor: Actor) -> str:
    """Asked for each: rights may go while a long list is worked through."""
    user = db.session().get(User, actor.id) if actor.id else None
    if user is None or not user.active or not user.may(Permission.TICKETS_WORK):
        return gettext("%(name)s may not change it", name=actor.name)
    return ""
