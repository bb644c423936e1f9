"""Repairs of what a comparison has found, each through the ordinary actions. Needs an open transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from webapp.core import clock, db
from webapp.core.errors import Conflict, NotFound
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.sync import merge, replaying, subjects
from webapp.sync.actions.choosing import settle_field
from webapp.sync.connections import access_of
from webapp.sync.events import RecordRepaired
from webapp.sync.models import Connection, Link
from webapp.sync.pull import creating, known
from webapp.sync.pull.rows import read
from webapp.sync.pull.scope import Tally
from webapp.sync.reconcile.models import FIELD, HERE, THERE, Comparison, Drift

TAKE, PUSH, BRING, GONE = "drift.take", "drift.push", "drift.bring", "drift.gone"
KIND_OF = {TAKE: FIELD, PUSH: FIELD, BRING: HERE, GONE: THERE}
_BECOMES = {TAKE: "taken", PUSH: "kept", BRING: "repaired", GONE: "repaired"}


def take_step(drift_id: int, _args: Mapping[str, Any], actor: Actor) -> str:
    return repair(drift_id, how=TAKE, actor=actor)


def push_step(drift_id: int, _args: Mapping[str, Any], actor: Actor) -> str:
    return repair(drift_id, how=PUSH, actor=actor)


def bring_step(drift_id: int, _args: Mapping[str, Any], actor: Actor) -> str:
    return repair(drift_id, how=BRING, actor=actor)


def gone_step(drift_id: int, _args: Mapping[str, Any], actor: Actor) -> str:
    return repair(drift_id, how=GONE, actor=actor)


def repair(drift_id: int, *, how: str, actor: Actor) -> str:
    """Repair one difference. Gives "" or why it was left as it is. Raises NotFound, Conflict."""
    row = db.session().get(Drift, drift_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(gettext("There is no such difference."))
    if row.state != "open":
        return gettext("it is repaired already")
    if row.kind != KIND_OF[how]:
        return gettext("it cannot be repaired that way")
    if row.kind == FIELD:
        _settle(row, how=how, actor=actor)
    elif row.kind == HERE:
        _bring_in(row, actor=actor)
    else:
        _mark_gone(row, actor=actor)
    row.state, row.decided_by, row.decided_at = _BECOMES[how], actor.name, clock.now()
    db.session().flush()
    return ""


def _settle(row: Drift, *, how: str, actor: Actor) -> None:
    link = db.session().get(Link, row.link_id, populate_existing=True)
    local = subjects.local_of(link, fresh=True) if link else None
    if link is None or local is None:
        raise NotFound(gettext("The record is no longer linked."))
    if (
        subjects.of(link.local_kind).present(local, (row.field,)).get(row.field, row.ours)
        != row.ours
    ):
        raise Conflict(gettext("our value has changed since the comparison"))
    if link.base.get(row.field) != row.base:
        raise Conflict(gettext("the two sides have exchanged it since the comparison"))
    keep = merge.UPSTREAM if how == TAKE else merge.LOCAL
    settle_field(link.id, row.field, theirs=row.theirs, keep=keep, actor=actor)


def _bring_in(row: Drift, *, actor: Actor) -> None:
    connection = _connection(row)
    access = replaying.own_access(access_of(connection), row.record_kind, row.parent_id)
    scope, now = replaying.own_scope(connection, access, row.parent_id), clock.now()
    reading = read([row.theirs], access.mapping(), now=now)
    refused = list(reading.bad)
    if known.linked(scope, [row.external_id]):
        raise Conflict(gettext("it is here by now"))
    refused += creating.create(
        scope, reading.rows, seq=connection.fetch_seq, now=now, tally=Tally()
    )
    if refused:
        raise Conflict(refused[0].reason)
    known.reread(scope, [row.external_id])  # what is stored may be out of date
    _tell(connection, row, gettext("taken in"), actor=actor)


def _mark_gone(row: Drift, *, actor: Actor) -> None:
    connection = _connection(row)
    link = db.session().get(Link, row.link_id, populate_existing=True)
    if link is None or link.state == "gone":
        raise Conflict(gettext("it is marked as gone already"))
    access = replaying.own_access(access_of(connection), row.record_kind, row.parent_id)
    known.lost(replaying.own_scope(connection, access, row.parent_id), row.external_id)
    _tell(connection, row, gettext("marked as gone"), actor=actor)


def _connection(row: Drift) -> Connection:
    comparison = db.session().get_one(Comparison, row.comparison_id)
    return db.session().get_one(Connection, comparison.connection_id, populate_existing=True)


def _tell(connection: Connection, row: Drift, how: str, *, actor: Actor) -> None:
    fact = RecordRepaired(
        subject_id=connection.id, name=connection.name, external_id=row.external_id, how=how
    )
    record(fact, actor=actor)
