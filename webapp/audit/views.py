"""The trail as a page and as a file."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.audit import queries, sentences
from webapp.audit.actions import note_export
from webapp.audit.bundles import bundled
from webapp.audit.forms import ACTOR_KINDS, SUBJECT_KINDS, filter_from
from webapp.audit.sentences import Told
from webapp.audit.words import ACTORS, SUBJECTS
from webapp.core import clock
from webapp.core.db import transaction
from webapp.core.forms import number_from
from webapp.core.web import csv_download, render
from webapp.events.models import Event

bp = Blueprint("audit", __name__)

HEADINGS = (
    "id",
    "at_utc",
    "type",
    "actor_kind",
    "actor_id",
    "actor",
    "subject_kind",
    "subject_id",
    "internal",
    "data",
)


@bp.get("/audit")
@requires(Permission.AUDIT_SEE)
def index() -> str:
    """Who did what: newest first, narrowed as the address says."""
    chosen = filter_from(request.args)
    page = queries.page_of(
        chosen,
        zone=viewer().zone,
        before=number_from(request.args.get("before")),
        after=number_from(request.args.get("after")),
    )
    args = chosen.as_args()
    return render(
        "audit/index.html",
        chosen=chosen,
        told=told(page.events),
        newer=url_for(".index", **args, after=page.newer_after) if page.newer_after else None,
        older=url_for(".index", **args, before=page.older_before) if page.older_before else None,
        export_url=url_for(".export", **args),
        actors=_actor_choices(),
        subjects=[(kind, SUBJECTS[kind]) for kind in SUBJECT_KINDS],
        types=sentences.types(),
        live_topics=["staff"],
        nav_active="audit.index",
    )


@bp.post("/audit/export")
@requires(Permission.AUDIT_SEE)
def export() -> Response:
    """Everything that the filter leaves, as CSV, streamed. Taking it away is itself recorded."""
    chosen, zone = filter_from(request.args), viewer().zone
    with transaction():
        note_export(chosen.as_args(), actor=viewer().actor)
    rows = (_row(event) for event in queries.all_of(chosen, zone=zone))
    return csv_download(f"audit-{clock.now():%Y-%m-%d}.csv", HEADINGS, rows)


def told(events: Collection[Event]) -> list[Told]:
    """The events as sentences with links, ready for `audit/_line.html`."""
    names = queries.names_of(events)
    return [_one(event, names) for event in events]


def feed(events: Collection[Event], *, limit: int) -> list[Told]:
    """As `told`, at most `limit` lines; what one pull brought stands in one of them."""
    bundles = bundled(events)[:limit]
    names = queries.names_of([bundle[0] for bundle in bundles])
    return [
        _one(bundle[0], names)
        if len(bundle) == 1
        else sentences.describe_many(bundle, who=_records_of(bundle[0]))
        for bundle in bundles
    ]


def _one(event: Event, names: sentences.Names) -> Told:
    return sentences.describe(
        event, link=lambda e, label: subject_link(e, label, names=names), names=names
    )


def _records_of(event: Event) -> Markup:
    """The upstream, leading to the records that it brought."""
    place = {"bordereau": "claims.list_bordereaux", "bulletin": "claims.list_bulletins"}
    source = f"connection:{event.actor_id}"
    if event.subject_kind in place:
        address = url_for(place[event.subject_kind], source=source)
    else:
        address = url_for("tickets.list_tickets", source=source, status="all")
    return Markup("<a href='{}' dir='auto'>{}</a>").format(address, event.actor_name)


# Whose page is found by the subject's number: kind → endpoint and the name of the number there.
_PAGES = {
    "bordereau": ("claims.show_bordereau", "bordereau_id"),
    "bulletin": ("claims.show_bulletin", "bulletin_id"),
    "client": ("claims.show_client", "client_id"),
    "contract": ("claims.show_contract", "contract_id"),
    "connection": ("sync.show_connection", "connection_id"),
    "delivery": ("admin.show_delivery", "delivery_id"),
    "import": ("imports.show", "import_id"),
    "user": ("admin.show_person", "user_id"),
    "employee": ("fieldwork.show_employee", "employee_id"),
    "recurring_job": ("fieldwork.edit_recurring", "recurring_id"),
}
_PAGES_BY_REF = {
    "ticket": "tickets.show_ticket",
    "cluster": "tickets.show_cluster",
    "job": "fieldwork.show_job",
}


def subject_link(event: Event, label: str, *, names: sentences.Names) -> Markup:
    """The subject's name, leading to its page where it has one."""
    address = _page_of(event, names)
    if not address:
        return Markup("<span dir='auto'>{}</span>").format(label)
    return Markup("<a href='{}' dir='auto'>{}</a>").format(address, label)


def _page_of(event: Event, names: sentences.Names) -> str:
    """Its address, or nothing; what was only tested (number 0) has none."""
    kind, number = event.subject_kind, event.subject_id
    if kind in _PAGES_BY_REF:
        ref = event.data.get("ref") or names.get((kind, number))
        return url_for(_PAGES_BY_REF[kind], ref=ref) if ref else ""
    if kind not in _PAGES or not number:
        return ""
    endpoint, name = _PAGES[kind]
    values: dict[str, Any] = {name: number}
    return url_for(endpoint, **values)


def _actor_choices() -> list[tuple[str, str]]:
    kinds = [(kind, str(ACTORS[kind])) for kind in ACTOR_KINDS]
    people = [(f"user:{user.id}", user.name) for user in queries.people()]
    return [("", _("Everybody")), *kinds, *people]


def _row(event: Event) -> tuple[object, ...]:
    data = json.dumps(event.data, ensure_ascii=False, sort_keys=True)
    return (
        event.id,
        event.at,
        event.type,
        event.actor_kind,
        event.actor_id,
        event.actor_name,
        event.subject_kind,
        event.subject_id,
        "yes" if event.internal else "no",
        data,
    )
