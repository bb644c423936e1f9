"""Background entry points. Safe to run twice, and at once."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

from webapp.accounts.queries import get_user
from webapp.core import clock, db, storage
from webapp.core.export import write_xlsx
from webapp.tickets import actions, queries
from webapp.tickets.composing.queries import due_sendings
from webapp.tickets.models import TicketExport
from webapp.tickets.queries import Filters


class _TakenOver(Exception):
    """Another worker writes this sheet now."""


def write_export(export_id: int) -> None:
    """Write the sheet; what a worker did not finish is begun anew by another."""
    with db.transaction():
        export = actions.take_export(export_id)
    if export is None:
        return
    half = queries.export_file(export).with_suffix(f".{export.attempt}.part")
    try:
        _write(half, export)
    except _TakenOver:
        return
    finally:
        half.unlink(missing_ok=True)


def release_answer(sending_id: int) -> None:
    """An answer leaves, unless it was called back."""
    with db.transaction():
        actions.release_answer(sending_id)


def tick() -> None:
    with db.transaction():
        actions.revive_exports()
    for sending_id in due_sendings(clock.now()):
        release_answer(sending_id)


def prune() -> dict[str, int]:
    """Sheets that nobody fetches any more."""
    with db.transaction():
        gone = actions.forget_exports()
    storage.forget_passing(older_than=(clock.now() - actions.KEPT).timestamp())
    return {"exports": gone}


def _write(half: Path, export: TicketExport) -> None:
    export_id, attempt, zone = export.id, export.attempt, export.zone
    user, filters = get_user(export.user_id), Filters.of(export.filters)
    final = queries.export_file(export)

    def told(count: int) -> None:
        _tell(export_id, attempt, done=count)

    _tell(export_id, attempt, total=queries.count_all(user, filters))
    rows = queries.all_rows(user, filters, zone=zone)
    write_xlsx(half, "Tickets", queries.HEADINGS, rows, zone=ZoneInfo(zone), told=told)
    half.replace(final)
    _tell(export_id, attempt, state=actions.DONE, size=final.stat().st_size)


def _tell(export_id: int, attempt: int, **values: object) -> None:
    with db.transaction():
        if not actions.tell_export(export_id, attempt, **values):
            raise _TakenOver
