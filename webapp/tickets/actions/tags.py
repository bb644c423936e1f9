"""The desk's tags as such: renamed, merged, deleted, on all tickets at once. Told of once, in the audit trail."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import delete, select, update

from webapp.accounts.events import DeskEdited
from webapp.accounts.queries import desk
from webapp.core import db
from webapp.core.errors import Invalid, NotFound
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.actions.organising import tag_key
from webapp.tickets.models import Tag, ticket_tag


def rename_tag(tag_id: int, *, name: str, actor: Actor) -> Tag:
    """Raises NotFound, or Invalid where another tag is called so: those are merged, not renamed."""
    tag = _get(tag_id)
    other = db.session().scalar(select(Tag).where(Tag.key == tag_key(name), Tag.id != tag_id))
    if other is not None:
        words = gettext(
            "There is a tag “%(name)s” already. Merge into it instead.", name=other.name
        )
        raise Invalid(words, fields={"name": words})
    old, tag.name, tag.key = tag.name, name, tag_key(name)
    _note(old, name, actor=actor)
    return tag


def merge_tag(tag_id: int, *, into: str, actor: Actor) -> Tag:
    """Every ticket of the one gets the tag called `into`; the one is gone. Raises NotFound, Invalid."""
    gone = _get(tag_id)
    kept = db.session().scalar(select(Tag).where(Tag.key == tag_key(into)))
    if kept is None or kept.id == gone.id:
        words = gettext("Choose another tag that there is.")
        raise Invalid(words, fields={"into": words})
    has_both = select(ticket_tag.c.ticket_id).where(ticket_tag.c.tag_id == kept.id)
    session = db.session()
    session.execute(
        update(ticket_tag)
        .where(ticket_tag.c.tag_id == gone.id, ticket_tag.c.ticket_id.not_in(has_both))
        .values(tag_id=kept.id)
    )
    _remove(gone)
    _note(gone.name, gettext("merged into %(name)s", name=kept.name), actor=actor)
    return kept


def delete_tag(tag_id: int, *, actor: Actor) -> None:
    """No ticket has it any more. Raises NotFound."""
    tag = _get(tag_id)
    _remove(tag)
    _note(tag.name, gettext("deleted"), actor=actor)


def _remove(tag: Tag) -> None:
    session = db.session()
    session.execute(delete(ticket_tag).where(ticket_tag.c.tag_id == tag.id))
    session.execute(delete(Tag).where(Tag.id == tag.id))
    session.expunge(tag)


def _get(tag_id: int) -> Tag:
    tag = db.session().get(Tag, tag_id)
    if tag is None:
        raise NotFound(gettext("There is no such tag."))
    return tag


def _note(old: str, new: str, *, actor: Actor) -> None:
    db.session().flush()
    if old != new:
        record(DeskEdited(subject_id=desk().id or 0, changes={"tags": [old, new]}), actor=actor)
