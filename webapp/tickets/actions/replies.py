"""Saved replies: a person's own, and everybody's. Who may write those for everybody is decided at the edge."""

from __future__ import annotations

from webapp.core import db
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.composing.models import SavedReply
from webapp.tickets.events import SavedReplyChanged


def add_reply(name: str, *, body: str, owner_id: int | None, actor: Actor) -> SavedReply:
    """Without an owner it is everybody's."""
    reply = SavedReply(name=name, body=body, owner_id=owner_id)
    db.session().add(reply)
    db.session().flush()
    _tell(reply, "made", actor)
    return reply


def edit_reply(reply: SavedReply, *, name: str, body: str, actor: Actor) -> None:
    if (reply.name, reply.body) != (name, body):
        reply.name, reply.body = name, body
        _tell(reply, "changed", actor)


def remove_reply(reply: SavedReply, *, actor: Actor) -> None:
    _tell(reply, "removed", actor)
    db.session().delete(reply)
    db.session().flush()


def _tell(reply: SavedReply, what: str, actor: Actor) -> None:
    shared = reply.owner_id is None
    fact = SavedReplyChanged(subject_id=reply.id, name=reply.name, shared=shared, what=what)
    record(fact, actor=actor)
