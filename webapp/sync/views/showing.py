"""A connection's pages. The tabs are addresses."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core.forms import number_from
from webapp.core.web import render
from webapp.outbox import queries as deliveries
from webapp.outbox.filters import filter_from
from webapp.sync import queries, tokens
from webapp.sync.models import Connection
from webapp.sync.push.queueing import pushed_fields
from webapp.sync.views import bp
from webapp.sync.views.fieldwords import field_words, subjects_of
from webapp.sync.views.panels import page_values
from webapp.sync.views.runs import day_values

PAGE = 30


@bp.get("/connections")
@requires(Permission.SYNC_MANAGE)
def list_connections() -> str:
    return render(
        "sync/list_connections.html",
        overview=queries.connections_overview(),
        live_topics=["staff", "admin"],
    )


@bp.get("/connections/<int:connection_id>")
@requires(Permission.SYNC_MANAGE)
def show_connection(connection_id: int) -> str:
    values = page_values(connection_id, tab="overview")
    return render(
        "sync/show_connection.html",
        **values,
        secret=tokens.current(connection_id),
        pushed=_pushed(values["it"].connection),
        records=_records(values["it"].connection),
        **day_values(connection_id),
    )


def _pushed(connection: Connection) -> list[str]:
    """The fields that go back, in words; of children with what they belong to."""
    words = field_words(connection)
    return [words["label"](field) for field in pushed_fields(connection)] + [
        f"{words['kind_word'](kind)}: {words['label'](field, kind)}"
        for kind in words["record_kinds"][1:]
        for field in pushed_fields(connection, kind)
    ]


def _records(connection: Connection) -> list[tuple[str, str]]:
    """(words, address) of the lists of what has come from it."""
    lists: dict[str, tuple[str, str]] = {
        "ticket": (_("Its tickets"), "tickets.list_tickets"),
        "bordereau": (_("Its bordereaux"), "claims.list_bordereaux"),
        "bulletin": (_("Its bulletins"), "claims.list_bulletins"),
    }
    found = []
    for subject in subjects_of(connection).values():
        words, endpoint = lists[subject.kind]
        more: dict[str, Any] = {"status": "all"} if subject.kind == "ticket" else {}
        found.append((words, url_for(endpoint, source=connection.target, **more)))
    return found


@bp.get("/connections/<int:connection_id>/deliveries")
@requires(Permission.SYNC_MANAGE)
def show_deliveries(connection_id: int) -> str:
    values = page_values(connection_id, tab="deliveries")
    before = number_from(request.args.get("before"))
    connection = values["it"].connection
    chosen = filter_from(request.args).but(target=connection.target, channel="")
    found = deliveries.filtered(chosen, zone=viewer().zone, before_id=before, limit=PAGE + 1)
    args = {name: value for name, value in chosen.as_args().items() if name != "target"}
    return render(
        "sync/show_deliveries.html",
        **values,
        deliveries=found[:PAGE],
        chosen=chosen,
        connections={connection_id: connection},
        here=url_for(".show_deliveries", connection_id=connection_id),
        **_paging("show_deliveries", connection_id, [each.id for each in found], before, **args),
    )


def _paging(
    view: str, connection_id: int, ids: list[int], before: int | None, **args: Any
) -> dict[str, Any]:
    here = f".{view}"
    older = ids[PAGE - 1] if len(ids) > PAGE else None
    return {
        "older": url_for(here, connection_id=connection_id, before=older, **args)
        if older
        else None,
        "newest": url_for(here, connection_id=connection_id, **args) if before else None,
    }
