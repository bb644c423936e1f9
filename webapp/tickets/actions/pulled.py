"""Tickets that live at an upstream: made in bulk, kept in step one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from webapp.core import clock, db
from webapp.core.inserting import insert_rows
from webapp.events.record import record, record_many
from webapp.events.types import Actor
from webapp.tickets.actions.numbering import new_follow_tokens, reference
from webapp.tickets.actions.organising import tags_named
from webapp.tickets.actions.working import change_status
from webapp.tickets.attachments import StoredFile
from webapp.tickets.events import TicketCreated, TicketEdited
from webapp.tickets.models import Attachment, Ticket, ticket_tag
from webapp.tickets.states import FINISHED
from webapp.tickets.values import RemoteFile, TicketValues, as_text, storable
from webapp.tickets.words import priority_name


def import_tickets(
    values: Sequence[TicketValues], *, actor: Actor, places: Sequence[Mapping[str, Any]] = ()
) -> list[int]:
    """One new ticket for each of `values`, in their order, with a handful of statements for all; their keys.

    `places`: for each of them, whose it is and its tags (team and assignee by their keys), where that is known.

    Keys, tickets, attachments; then the events and what the reactions do.
    """
    if not values:
        return []
    now = clock.now()
    ids = db.reserve_ids(Ticket, len(values))
    tickets = [
        _row(each, ticket_id, token, now)
        for each, ticket_id, token in zip(values, ids, new_follow_tokens(len(ids)), strict=True)
    ]
    for row, place in zip(tickets, places, strict=False):
        row |= {"team_id": place.get("team"), "assignee_id": place.get("assignee")}
    insert_rows(Ticket, tickets, created_at=now, updated_at=now)
    _tag({key: place["tags"] for key, place in zip(ids, places, strict=False) if place.get("tags")})
    files = [
        _remote(file, ticket_id)
        for each, ticket_id in zip(values, ids, strict=True)
        for file in each.attachments
        if file.url
    ]
    insert_rows(Attachment, files, created_at=now)
    facts = [
        TicketCreated(subject_id=t["id"], ref=t["ref"], title=t["title"], source=t["source"])
        for t in tickets
    ]
    record_many(facts, actor=actor)
    return ids


def update_from_upstream(
    ticket: Ticket, *, values: Mapping[str, Any], actor: Actor, from_upstream: bool = True
) -> list[str]:
    """Take the upstream's `values` (field of TicketValues → value); gives the fields that changed.

    The caller has decided which may be taken (the status, say, while it is not ours). Attachments
    are added, never removed. One TicketEdited, and one TicketStatusChanged where the status moved;
    nothing is written when all is as it was. Raises pydantic.ValidationError.
    """
    checked = storable(dict(values))
    given = checked.given()
    status = given.pop("status", ticket.status)
    changes = _set_fields(ticket, given)
    if "attachments" in checked.model_fields_set:
        changes |= _add_files(ticket, checked.attachments)
    changed = list(changes)
    if changes:
        ticket.updated_at = clock.now()
        fact = TicketEdited(
            subject_id=ticket.id, ref=ticket.ref, title=ticket.title, changes=changes
        )
        record(fact, actor=actor)
    if change_status(ticket, status=status, actor=actor, from_upstream=from_upstream):
        changed.append("status")
    return changed


def _tag(names: Mapping[int, Sequence[str]]) -> None:
    """New ticket's key → what its tags are called."""
    session = db.session()
    tags = {key: tags_named(its) for key, its in names.items()}
    session.flush()
    pairs = [{"ticket_id": key, "tag_id": tag.id} for key, its in tags.items() for tag in its]
    if pairs:
        session.execute(insert(ticket_tag), pairs)


def keep_copy(attachment: Attachment, file: StoredFile) -> None:
    """An upstream's photo is kept here, too. Nobody did anything, so that no fact is recorded."""
    attachment.storage_key = file.storage_key
    attachment.thumb_key = file.thumb_key
    attachment.content_type = file.content_type
    attachment.size = file.size
    db.session().flush()


def _row(values: TicketValues, ticket_id: int, token: str, now: datetime) -> dict[str, Any]:
    row = {
        **values.__dict__,
        "id": ticket_id,
        "ref": reference(ticket_id, at=now),
        "title": values.shown_title,
        "follow_token": token,
        "reported_at": values.reported_at or now,
        "resolved_at": values.resolved_at if values.status in FINISHED else None,
    }
    del row["attachments"]
    return row


def _remote(file: RemoteFile, ticket_id: int) -> dict[str, Any]:
    return {
        "ticket_id": ticket_id,
        "name": file.shown_name,
        "content_type": file.content_type or "application/octet-stream",
        "size": file.size,
        "remote_url": file.url,
    }


# Not part of an update: when and where a ticket began does not change, and a finished one's time
# follows its status.
_FIXED = ("source", "resolved_at")


def _set_fields(ticket: Ticket, given: Mapping[str, Any]) -> dict[str, list[str | None]]:
    changes: dict[str, list[str | None]] = {}
    for field, new in given.items():
        old = getattr(ticket, field)
        if field in _FIXED or new == old or (field in ("title", "reported_at") and not new):
            continue
        setattr(ticket, field, new)
        told = priority_name if field == "priority" else as_text
        changes[field] = [told(old), told(new)]
    return changes


def _add_files(ticket: Ticket, files: Sequence[RemoteFile]) -> dict[str, list[str | None]]:
    known = {attachment.remote_url for attachment in ticket.attachments}
    new = {file.url: file for file in files if file.url and file.url not in known}
    if not new:
        return {}
    now = clock.now()
    ticket.attachments.extend(
        Attachment(**_remote(file, ticket.id), created_at=now) for file in new.values()
    )
    names = ", ".join(file.shown_name for file in new.values())
    return {"attachments": [None, as_text(names)]}
