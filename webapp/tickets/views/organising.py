"""Priority, due time, team and tags on a ticket's page: one form, whose fields merge with what others changed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from webapp.accounts.guards import requires, viewer
from webapp.accounts.roles import Permission
from webapp.core import db
from webapp.core.db import transaction
from webapp.core.errors import Invalid
from webapp.core.forms import number_from
from webapp.core.web import toast
from webapp.tickets import actions, queries
from webapp.tickets.merging import merge
from webapp.tickets.models import Team, Ticket
from webapp.tickets.texts import clean_line
from webapp.tickets.views import working
from webapp.tickets.views.blueprint import bp
from webapp.tickets.views.organised import FIELDS, in_words, values_of


@bp.post("/tickets/<ref>/organise")
@requires(Permission.TICKETS_WORK)
def organise(ref: str) -> Response:
    typed = {name: clean_line(request.form.get(name, "")) for name in FIELDS}
    seen = {name: clean_line(request.form.get(f"seen_{name}", "")) for name in FIELDS}
    try:
        with transaction():
            ticket = queries.ticket_for(viewer(), ref, lock=True)
            merged = merge(_tidy(typed), seen=seen, now=values_of(ticket))
            if not merged.disputed:
                _apply(ticket, merged.taken)
    except Invalid as error:
        again: dict[str, Any] = {"typed": typed, "errors": error.fields or {"": error.message}}
        return working.not_done(queries.ticket_for(viewer(), ref), "organised", again, status=422)
    if merged.disputed:
        again = {"typed": merged.shown, "disputed": in_words(merged)}
        return working.not_done(queries.ticket_for(viewer(), ref), "organised", again, status=409)
    toast("updated", _("%(ref)s is saved.", ref=ref))
    return working.done(ticket, ("head", "organised", "history"))


@bp.get("/tickets/tags")
@requires(Permission.TICKETS_SEE)
def known_tags() -> Response:
    """Names for completion: those that begin with `q` first."""
    return jsonify(queries.tags_like(request.args.get("q", "")[:60]))


def _tidy(typed: dict[str, str]) -> dict[str, str]:
    """Tags as they would be stored, so that another order or a comma more is no change."""
    names: dict[str, str] = {}
    for name in typed["tags"].split(","):
        if key := actions.tag_key(name):
            names.setdefault(key, clean_line(name))
    return {**typed, "tags": ", ".join(names[key] for key in sorted(names))}


def _apply(ticket: Ticket, taken: dict[str, str]) -> None:
    actor = viewer().actor
    if "priority" in taken:
        actions.set_priority(ticket, number_from(taken["priority"]) or 0, actor=actor)
    if "due_at" in taken:
        actions.set_due(ticket, _moment(taken["due_at"]), actor=actor)
    if "team" in taken:
        actions.set_team(ticket, _team(taken["team"]), actor=actor)
    if "tags" in taken:
        actions.set_tags(ticket, taken["tags"].split(","), actor=actor)


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        local = datetime.fromisoformat(text).replace(tzinfo=viewer().zone)
        if 2000 <= local.year <= 2200:
            return local.astimezone(UTC)
    except ValueError:
        pass
    words = _("This must be a day and time, such as 2026-01-31 14:00.")
    raise Invalid(words, fields={"due_at": words})


def _team(text: str) -> Team | None:
    if not text:
        return None
    team = db.session().get(Team, number_from(text) or 0)
    if team is None:
        words = _("There is no such team any more. Choose another.")
        raise Invalid(words, fields={"team": words})
    return team
