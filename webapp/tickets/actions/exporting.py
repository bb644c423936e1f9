"""Lists that leave as files. Reading leaves no mark, taking away does; a long sheet is made in the background."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from webapp.accounts.models import User
from webapp.bulk import kinds
from webapp.core import clock, db
from webapp.core.queue import enqueue
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.tickets.events import TicketListExported
from webapp.tickets.models import TicketExport

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"
STANDS_STILL = timedelta(minutes=2)
KEPT = timedelta(days=7)
SCOPE = "tickets"  # whose pages hear how far it has come
LONGEST_S = 4 * 3600  # a million rows take a small machine half an hour
MOST_ATTEMPTS = 3  # what a worker died of three times is not tried a fourth


def note_export(filters: dict[str, Any], *, form: str, actor: Actor) -> None:
    """Record that `actor` takes the list away that `filters` leave."""
    told = {name: str(value) for name, value in filters.items()}
    record(TicketListExported(subject_id=0, form=form, filters=told), actor=actor)


def begin_export(filters: dict[str, Any], *, user: User) -> TicketExport:
    """Have the list written to a sheet by a worker."""
    from webapp.tickets import tasks  # they stand above

    note_export(filters, form="xlsx", actor=user.actor)
    now = clock.now()
    export = TicketExport(
        user_id=user.id, filters=filters, zone=str(user.zone), created_at=now, touched_at=now
    )
    db.session().add(export)
    db.session().flush()
    enqueue(tasks.write_export, export.id, longest_s=LONGEST_S)
    return export


def take_export(export_id: int) -> TicketExport | None:
    """Begin to write it; None where somebody is at it, or it is over."""
    session = db.session()
    export = session.get(TicketExport, export_id, with_for_update=True, populate_existing=True)
    if export is None or not _is_free(export):
        return None
    if export.attempt >= MOST_ATTEMPTS:
        export.state = FAILED
        return None
    export.state, export.done = RUNNING, 0
    export.attempt += 1
    export.touched_at = clock.now()
    session.flush()
    return export


def tell_export(export_id: int, attempt: int, **values: Any) -> bool:
    """How far it has come. False: another worker has taken it over, or it was forgotten."""
    told: Any = db.session().execute(
        update(TicketExport)
        .where(
            TicketExport.id == export_id,
            TicketExport.attempt == attempt,
            TicketExport.state == RUNNING,
        )
        .values(touched_at=clock.now(), **values)
    )
    kinds.tell(SCOPE)
    return bool(told.rowcount == 1)


def revive_exports() -> None:
    """What a dead worker left half done, or a lost nudge not begun, is written anew."""
    from webapp.tickets import tasks

    still = select(TicketExport.id).where(
        or_(TicketExport.state == WAITING, TicketExport.state == RUNNING),
        TicketExport.touched_at < clock.now() - STANDS_STILL,
    )
    for export_id in db.session().scalars(still):
        enqueue(tasks.write_export, export_id, longest_s=LONGEST_S)


def forget_exports() -> int:
    """Those of more than a week ago; how many. Their files go with `storage.forget_passing`."""
    old = delete(TicketExport).where(TicketExport.created_at < clock.now() - KEPT)
    gone: Any = db.session().execute(old)
    return int(gone.rowcount)


def _is_free(export: TicketExport) -> bool:
    if export.state == WAITING:
        return True
    return export.state == RUNNING and export.touched_at < clock.now() - STANDS_STILL
