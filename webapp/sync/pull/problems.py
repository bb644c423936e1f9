"""What a pull could not apply or understand, kept for people: bad records, and values nobody mapped."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from webapp.core import db
from webapp.core.inserting import insert_new
from webapp.sync.models import Quarantine, RunProblem, ValueMap
from webapp.sync.pull import known
from webapp.sync.pull.rows import Bad, Row
from webapp.sync.pull.scope import Scope

LONGEST_VALUE = 200
_OPEN = (
    select(Quarantine.id)
    .where(Quarantine.connection_id == bindparam("connection"), Quarantine.state == "open")
    .limit(1)
)


def keep(scope: Scope, bad: Sequence[Bad], *, now: datetime) -> None:
    """List each with its reason and payload; one that is listed already counts up."""
    if not bad:
        return
    session = db.session()
    found = session.scalars(
        select(Quarantine).where(
            Quarantine.connection_id == scope.connection_id,
            Quarantine.kind == scope.kind,
            Quarantine.external_id.in_([each.external_id for each in bad]),
        )
    )
    listed = {row.external_id: row for row in found}
    for each in bad:
        row = listed.get(each.external_id)
        if row is None:
            row = Quarantine(
                connection_id=scope.connection_id,
                kind=scope.kind,
                external_id=each.external_id,
                first_seen_at=now,
                count=0,
                state="open",
            )
            session.add(row)
            listed[each.external_id] = row
        row.parent_id = scope.parent_link
        row.run_id, row.reason, row.payload = scope.run_id, each.reason, storable_json(each.raw)
        row.last_seen_at, row.count = now, row.count + 1
        if row.state == "solved":
            row.state = "open"
    session.flush()
    if scope.run_id is not None:
        _note(session, scope.run_id, [(listed[each.external_id].id, each.reason) for each in bad])


def solve(scope: Scope, arrived: Collection[str], *, home: Collection[str]) -> None:
    """These came through: what was listed about them is history. Called before `keep` lists anew. `home`: those that
    came as what they belonged to already, so that it is no news where another parent shows them as well."""
    if not (arrived or home) or not _any_open(scope):
        return
    own = Quarantine.external_id.in_(home) & (
        Quarantine.parent_id.is_(None) | (Quarantine.parent_id == scope.parent_link)
    )
    db.session().execute(
        update(Quarantine)
        .where(
            Quarantine.connection_id == scope.connection_id,
            Quarantine.kind == scope.kind,
            Quarantine.external_id.in_(arrived) | own,
            Quarantine.state == "open",
        )
        .values(state="solved")
        .execution_options(synchronize_session=False)
    )


def _any_open(scope: Scope) -> bool:
    connection = db.session().connection()
    return connection.scalar(_OPEN, {"connection": scope.connection_id}) is not None


def list_unmapped(scope: Scope, rows: Iterable[Row], *, now: datetime) -> None:
    """Values of theirs that mean nothing here yet, with how many records carry one and a sample."""
    seen: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for field, upstream in row.unmapped:
            seen.setdefault((scope.value_field(field), upstream[:LONGEST_VALUE]), []).append(
                row.external_id
            )
    for (field, upstream), external_ids in seen.items():
        entry = value_map(scope.connection_id, field, upstream)
        if entry is None:
            entry = ValueMap(
                connection_id=scope.connection_id,
                field=field,
                upstream=upstream,
                first_seen_at=now,
                count=0,
            )
            db.session().add(entry)
        elif entry.local is not None:
            # Decided while this run was under way, which still reads by the old map: read them again.
            known.reread(scope, external_ids)
        entry.count += len(external_ids)
        entry.sample_external_id = external_ids[-1]
    if seen:
        db.session().flush()


def value_map(connection_id: int, field: str, upstream: str) -> ValueMap | None:
    return db.session().scalar(
        select(ValueMap).where(
            ValueMap.connection_id == connection_id,
            ValueMap.field == field,
            ValueMap.upstream == upstream,
        )
    )


def _note(session: Session, run_id: int, found: Sequence[tuple[int, str]]) -> None:
    """For the page of the run. One that begins its window anew meets the same records again."""
    rows = [
        {"run_id": run_id, "quarantine_id": number, "reason": reason}
        for number, reason in dict(found).items()
    ]
    insert_new(RunProblem, rows)


def storable_json(raw: Any) -> Any:
    """`raw` as it is, or its text where a JSON column would refuse it."""
    try:
        json.dumps(raw, allow_nan=False)
    except (ValueError, TypeError):
        return {"unreadable": repr(raw)[:20_000]}
    return raw
