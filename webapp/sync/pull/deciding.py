"""Where both sides have changed a field: who decides, and the record of both values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.core import db
from webapp.events.models import Event
from webapp.sync import merge
from webapp.sync.models import Conflict, Link
from webapp.sync.pull.scope import Scope
from webapp.sync.subjects import Local

_LOOKED_AT = 100  # facts of one record, newest first


def owner(scope: Scope, local: Local, field: str, theirs_at: datetime | None) -> str:
    """upstream, local or ask."""
    wanted = scope.owners.get(field) or scope.subject.usual_owner(local, field)
    if wanted != merge.NEWEST:
        return wanted
    ours_at = _changed_at(scope, local.id, field)
    return merge.owner_now(wanted, skew=scope.skew, theirs_at=theirs_at, ours_at=ours_at)


def keep_conflict(
    link: Link, field: str, *, base: Any, ours: Any, theirs: Any, winner: str, now: datetime
) -> None:
    """Nothing is lost silently. An empty `winner` leaves it open; one that is open already follows both sides."""
    open_already = db.session().scalar(
        select(Conflict).where(
            Conflict.link_id == link.id, Conflict.field == field, Conflict.decision == ""
        )
    )
    row = open_already or Conflict(link_id=link.id, field=field)
    row.base, row.local, row.upstream = base, ours, theirs
    row.decision, row.decided_by, row.at = winner, "rule" if winner else "", now
    db.session().add(row)


def is_open(link: Link, field: str) -> bool:
    """Whether a person is asked which value of this field counts."""
    found = db.session().scalar(
        select(Conflict.id)
        .where(Conflict.link_id == link.id, Conflict.field == field, Conflict.decision == "")
        .limit(1)
    )
    return found is not None


def _changed_at(scope: Scope, local_id: int, field: str) -> datetime | None:
    """When somebody other than this upstream last changed the field; None where nobody did."""
    found = db.session().scalars(
        select(Event)
        .where(
            Event.subject_kind == scope.subject.kind,
            Event.subject_id == local_id,
            Event.type.in_(scope.subject.fact_types(field)),
        )
        .order_by(Event.id.desc())
        .limit(_LOOKED_AT)
    )
    for event in found:
        if (event.actor_kind, event.actor_id) == ("connection", scope.connection_id):
            continue
        if field in scope.subject.changed_in(event):
            return event.at
    return None
