"""Which connection of a kind a program means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from webapp.core.errors import Invalid, NotFound
from webapp.sync import queries
from webapp.sync.models import Connection
from webapp.sync.shown import status_of


def chosen(kind: str, wanted: Any) -> Connection:
    """Raises NotFound, also for a connection of another kind."""
    number = int(wanted) if str(wanted).isdecimal() and len(str(wanted)) < 16 else 0
    found = queries.connection_by_id(number)
    if found.kind != kind:
        raise NotFound(_("There is no such connection."))
    return found


def only(kind: str, sent: Mapping[str, Any]) -> Connection:
    """The one named, or the only one there is."""
    if "id" in sent:
        return chosen(kind, sent["id"])
    mine = of_kind(kind)
    if not mine:
        raise NotFound(_("There is no such connection yet."))
    if len(mine) > 1:
        names = ", ".join(f"{each.id} ({each.name})" for each in mine)
        words = _("Say which one: %(names)s.", names=names)
        raise Invalid(words, fields={"id": words})
    return mine[0]


def of_kind(kind: str) -> list[Connection]:
    found = [each.connection for each in queries.connections_overview()]
    return [connection for connection in found if connection.kind == kind]


def statuses(kind: str, wanted: Any) -> list[dict[str, Any]]:
    """Of all connections of the kind, or of the one named."""
    shown = queries.connections_overview() if wanted is None else []
    if wanted is not None:
        shown = [queries.overview_of(chosen(kind, wanted))]
    return [status_of(each) for each in shown if each.connection.kind == kind]


def status(connection: Connection) -> dict[str, Any]:
    page = url_for("sync.show_connection", connection_id=connection.id)
    return {**status_of(queries.overview_of(connection)), "url": page}
