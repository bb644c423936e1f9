"""Records that are new here: one of ours and one link each, a page at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from webapp.core import db
from webapp.core.errors import AppError
from webapp.core.inserting import WrittenJson, insert_rows
from webapp.sync.models import Link
from webapp.sync.pull.rows import Bad, Row, why
from webapp.sync.pull.scope import Scope, Tally
from webapp.sync.subjects import Checked

# What one record can do wrong. A lost or locked database is no record's fault and ends the run.
RECORD_ERRORS = (ValidationError, AppError, StatementError, ValueError, TypeError)

Ready = tuple[Row, Checked]


def create(
    scope: Scope, rows: Sequence[Row], *, seq: int, now: datetime, tally: Tally
) -> list[Bad]:
    """Give back what could not be created."""
    ready, refused = _ready(scope, rows, tally)
    if not ready:
        return refused
    # Many upstreams list the newest first. The list shows the highest numbers at its top: those are the latest reports.
    ready.sort(key=lambda one: scope.subject.reported_at(one[1]) or now)
    try:
        with db.session().begin_nested():
            _store(scope, ready, seq=seq, now=now)
        made = ready
    except RECORD_ERRORS as error:
        check_database(error)
        made, more = _one_by_one(scope, ready, seq=seq, now=now)
        refused += more
    tally.created += len(made)
    for row, _ in made:
        tally.saw(row.moment)
    return refused


def check_database(error: Exception) -> None:
    """Raise again what is not about one record: the database is away or busy."""
    if isinstance(error, OperationalError) or (
        isinstance(error, DBAPIError) and error.connection_invalidated
    ):
        raise error


def _ready(scope: Scope, rows: Sequence[Row], tally: Tally) -> tuple[list[Ready], list[Bad]]:
    wanted = [row for row in rows if not row.withdrawn]
    for row in rows:
        if row.withdrawn:  # taken back before we ever saw it: there is no case to handle
            tally.skipped += 1
            tally.saw(row.moment)
    together = scope.new_together({row.external_id: row.fields for row in wanted})
    if together is not None:
        return list(zip(wanted, together, strict=True)), []
    ready: list[Ready] = []
    refused: list[Bad] = []
    for row in wanted:
        try:
            checked = scope.new(row.external_id, row.fields)
        except RECORD_ERRORS as error:
            refused.append(Bad(row.external_id, row.raw, why(error)))
        else:
            ready.append((row, checked))
    return ready, refused


def _one_by_one(
    scope: Scope, ready: Sequence[Ready], *, seq: int, now: datetime
) -> tuple[list[Ready], list[Bad]]:
    made: list[Ready] = []
    refused: list[Bad] = []
    for one in ready:
        try:
            with db.session().begin_nested():
                _store(scope, [one], seq=seq, now=now)
            made.append(one)
        except RECORD_ERRORS as error:
            check_database(error)
            refused.append(Bad(one[0].external_id, one[0].raw, why(error)))
    return made, refused


def _store(scope: Scope, ready: Sequence[Ready], *, seq: int, now: datetime) -> None:
    ids = scope.subject.create([checked for _, checked in ready], actor=scope.actor)
    links = [
        _link(scope, row, checked, local_id)
        for (row, checked), local_id in zip(ready, ids, strict=True)
    ]
    insert_rows(
        Link,
        links,
        connection_id=scope.connection_id,
        kind=scope.kind,
        local_kind=scope.subject.kind,
        applied_fetch_seq=seq,
        sent_values={},
        last_seen_run_id=scope.run_id,
        parent_id=scope.parent_link,
        children_due=bool(scope.children),
        created_at=now,
    )


def _link(scope: Scope, row: Row, checked: Checked, local_id: int) -> dict[str, Any]:
    """What one link has besides what all of a page share, and the defaults of new ones."""
    written = row.came.written
    return {
        "external_id": row.external_id,
        "local_id": local_id,
        "payload_hash": row.hash,
        "raw_hash": row.raw_hash,
        "payload": row.raw if written is None else WrittenJson(written.decode()),
        "base": scope.subject.began_as(checked),
        "upstream_version": row.version,
        "upstream_updated_at": row.updated_at,
        "upstream_open": not row.withdrawn and scope.subject.is_open(row.fields),
    }
