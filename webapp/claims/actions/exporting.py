"""Lists that leave as files: reading leaves no mark, taking away does."""

from __future__ import annotations

from webapp.claims.events import ClaimListExported
from webapp.events.record import record
from webapp.events.types import Actor


def note_list_export(kind: str, filters: dict[str, str], *, actor: Actor) -> None:
    """Record that `actor` downloads a list (`kind`: bordereaux, bulletins …) as `filters` leave it."""
    record(ClaimListExported(subject_id=0, kind=kind, filters=filters), actor=actor)
