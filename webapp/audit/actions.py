"""The one thing that the trail's window writes: that the trail was taken away."""

from __future__ import annotations

from webapp.audit.events import AuditExported
from webapp.events.record import record
from webapp.events.types import Actor


def note_export(filters: dict[str, str], *, actor: Actor) -> None:
    """Record that `actor` downloads the events that `filters` leave."""
    record(AuditExported(subject_id=0, filters=filters), actor=actor)
