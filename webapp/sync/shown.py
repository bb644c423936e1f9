"""Connections and tests of them as plain JSON values, for the API. No secret is ever among them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from webapp.sync import queries, tokens
from webapp.sync.connections import declared
from webapp.sync.models import Connection, Run
from webapp.sync.push.queueing import pushed_fields
from webapp.sync.queries import Overview
from webapp.sync.values import child_field

if TYPE_CHECKING:
    from webapp.sync.views.tested import Shown

COUNTERS = (
    "pages",
    "fetched",
    "created",
    "updated",
    "unchanged",
    "deferred",
    "skipped",
    "quarantined",
)


def status_of(overview: Overview) -> dict[str, Any]:
    """`status` is one word (ready, syncing, waiting, paused, degraded, error, late), `text` a sentence."""
    it, health = overview.connection, overview.health
    secret = tokens.current(it.id)
    return {
        "id": it.id,
        "name": it.name,
        "base_url": it.base_url,
        "account": it.account,
        "token_last4": queries.secret_last4(it.id),
        "token_valid_until": _moment(secret.expires_at if secret else None),
        "interval": it.interval_minutes,
        "push": it.push_enabled,
        "pushed_fields": sorted(pushed_fields(it)) + _pushed_of_children(it),
        "status": health.kind,
        "text": health.text,
        "advice": health.advice,
        "last_success_at": _moment(it.last_success_at),
        "next_sync_at": _moment(it.next_pull_at),
        "lag_seconds": round(overview.lag.total_seconds()) if overview.lag else None,
        "waiting": overview.waiting,
        "parked": overview.parked,
        "problems": overview.problems,
        "unmapped": overview.unmapped,
        "last_run": _run(overview.run) if overview.run else None,
    }


def test_of(shown: Shown) -> dict[str, Any]:
    """What a test of a connection came to."""
    if shown.found is None:
        error = shown.error
        return {
            "ok": False,
            "kind": error.kind if error else "",
            "message": error.message if error else "",
            "advice": error.advice if error else "",
        }
    found = shown.found
    return {
        "ok": True,
        "account": found.identity.account,
        "scopes": list(found.identity.scopes) if found.identity.scopes is not None else None,
        "valid_until": _moment(found.identity.expires_at),
        "found": found.found,
        "can_push": found.can_push,
        "missing_scopes": list(found.missing_scopes),
        "clock": shown.skew,
        "warnings": [str(words) for words in found.warnings],
    }


def _pushed_of_children(connection: Connection) -> list[str]:
    """Named by their kind: bulletin.status."""
    return [
        child_field(kind, field)
        for kind in sorted(declared(connection).shape.children)
        for field in sorted(pushed_fields(connection, kind))
    ]


def _run(run: Run) -> dict[str, Any]:
    ended = run.ended_at or None
    return {
        "id": run.id,
        "trigger": run.trigger,
        "state": run.state,
        "started_at": _moment(run.started_at),
        "ended_at": _moment(ended),
        "seconds": round((ended - run.started_at).total_seconds(), 1) if ended else None,
        **{name: getattr(run, name) for name in COUNTERS},
        "error_kind": run.error_kind,
        "error": run.error,
        "advice": run.advice,
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
