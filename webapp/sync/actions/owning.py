"""Whose a field is from now on, as a change of the connection's declaration."""

from __future__ import annotations

from flask_babel import gettext

from webapp.core.errors import Invalid
from webapp.events.types import Actor
from webapp.sync.actions.declaring import edit_declaration, source_of
from webapp.sync.connections import declared
from webapp.sync.mapping import document
from webapp.sync.models import Connection
from webapp.sync.values import kind_of


def set_owner(connection: Connection, *, field: str, owner: str, actor: Actor) -> None:
    """`owner`: upstream, ours, newest or ask; decides where both sides change the field. A child's is named as
    values.child_field does. Raises Invalid."""
    before = source_of(connection)
    whole = document.load(before)
    kind, field = kind_of(field)
    place = document.place_in(whole, declared(connection).shape.name, kind)
    fields = place.part.get("fields") or {}
    if field not in fields:
        text = gettext("The mapping of this connection does not fill this field.")
        raise Invalid(text, fields={"owner": text})
    rule = fields[field]
    if isinstance(rule, str | list):
        rule = {"from": rule}
    fields[field] = {**rule, "owner": owner}
    edit_declaration(connection, text=document.text_of(whole, before), actor=actor)
