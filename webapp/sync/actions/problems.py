"""What people decide about values nobody mapped and records that could not be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext
from sqlalchemy import select, update

from webapp.bulk import actions as bulk
from webapp.bulk.models import Bulk
from webapp.core import clock, db
from webapp.core.errors import Conflict, Invalid, NotFound
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.sync import replaying, subjects
from webapp.sync.actions.running import due_now
from webapp.sync.connections import Access, access_of, declared
from webapp.sync.events import QuarantineIgnored, QuarantineRetried, ValueMapped
from webapp.sync.models import Connection, Quarantine, ValueMap
from webapp.sync.pull import creating, known, problems
from webapp.sync.pull.rows import read
from webapp.sync.pull.scope import Scope, Tally
from webapp.sync.values import kind_of

AT_ONCE = 200  # records that follow while the person waits
MOST = 1_000_000


def map_value(
    connection: Connection, *, field: str, upstream: str, local: str, actor: Actor
) -> tuple[int, Bulk | None]:
    """Say what a value of theirs means here. Gives how many of ours changed, from the payloads at hand; where
    it concerns many, the list that is worked off in the background. Raises Invalid where `local` is no value of
    ours, or the field's values are taken as they come.
    """
    kind, own = kind_of(field)
    found = declared(connection, kind)
    choices = subjects.of(found.declaration.target).choices(own)
    if choices and local not in dict(choices):
        text = gettext("Choose one of our values.")
        raise Invalid(text, fields={"local": text})
    rule = found.shape.fields.get(own)
    if rule is None or rule.values is None:
        text = gettext("The mapping has no table of values for this field.")
        raise Invalid(text, fields={"field": text})
    entry = problems.value_map(connection.id, field, upstream)
    if entry is None:
        entry = ValueMap(
            connection_id=connection.id,
            field=field,
            upstream=upstream,
            first_seen_at=clock.now(),
            count=0,
        )
        db.session().add(entry)
    entry.local = local
    db.session().flush()
    fact = ValueMapped(
        subject_id=connection.id,
        name=connection.name,
        field=field,
        upstream=upstream,
        local=local,
    )
    record(fact, actor=actor)
    return _replay(connection, field, upstream, actor=actor)


def retry_quarantined(
    connection: Connection, *, ids: Sequence[int] = (), actor: Actor
) -> tuple[int, int]:
    """Read stored payloads again, say after a mapping was changed; without `ids` all open ones.

    Gives (solved, still wrong). A record that ours has already is asked for anew by the next pull,
    since what is stored may be out of date; it counts as solved when that has worked, and here as neither.
    """
    whole = access_of(connection)
    solved = wrong = 0
    for entry in _open_entries(connection.id, ids):
        access = replaying.own_access(whole, entry.kind, entry.parent_id)
        scope = replaying.own_scope(connection, access, entry.parent_id)
        if entry.external_id in known.linked(scope, [entry.external_id]):
            known.reread(scope, [entry.external_id])
            due_now(connection)
        elif _create(scope, access, entry, seq=connection.fetch_seq):
            entry.state = "solved"
            solved += 1
        else:
            wrong += 1
    db.session().flush()
    fact = QuarantineRetried(
        subject_id=connection.id, name=connection.name, solved=solved, wrong=wrong
    )
    record(fact, actor=actor)
    return solved, wrong


def retry_in_background(connection: Connection, *, actor: Actor) -> Bulk | None:
    """All that stands there is read again as a task. None where it is so little that it need not be one."""
    entries = select(Quarantine.id).where(
        Quarantine.connection_id == connection.id, Quarantine.state == "open"
    )
    ids = db.session().scalars(entries.order_by(Quarantine.id).limit(MOST)).all()
    if len(ids) <= bulk.AT_ONCE:
        return None
    made = bulk.plan(
        kind=replaying.QUARANTINE,
        scope=connection.target,
        title=gettext("Read problem records again"),
        back=f"/connections/{connection.id}/problems",
        items=((number, "") for number in ids),
        actor=actor,
        args={"connection_id": connection.id},
    )
    bulk.start(made, actor=actor)
    return made


def quarantine_step(record_id: int, args: Mapping[str, Any], actor: Actor) -> str:
    """One of many: "" when it is solved, else what is still wrong."""
    connection = db.session().get_one(Connection, int(args["connection_id"]))
    retry_quarantined(connection, ids=[record_id], actor=actor)
    entry = db.session().get(Quarantine, record_id)
    return entry.reason if entry is not None and entry.state == "open" else ""


def ignore_quarantined(
    connection: Connection, *, ids: Sequence[int], actor: Actor, reason: str = ""
) -> int:
    """These are not wanted: they are no longer listed as problems. Gives how many."""
    done = db.session().execute(
        update(Quarantine)
        .where(
            Quarantine.connection_id == connection.id,
            Quarantine.id.in_(ids),
            Quarantine.state == "open",
        )
        .values(state="ignored", note=reason, decided_by=actor.name)
        .execution_options(synchronize_session=False)
    )
    count = int(getattr(done, "rowcount", 0))
    if count:
        fact = QuarantineIgnored(
            subject_id=connection.id, name=connection.name, records=count, reason=reason
        )
        record(fact, actor=actor)
    return count


def readmit(connection: Connection, *, record_id: int, actor: Actor) -> tuple[int, int]:
    """One that was left out is wanted after all; read at once. Gives what `retry_quarantined` gives."""
    entry = undecided(connection, record_id, state="ignored")
    entry.state, entry.note, entry.decided_by = "open", "", ""
    db.session().flush()
    return retry_quarantined(connection, ids=[record_id], actor=actor)


def undecided(connection: Connection, record_id: int, *, state: str = "open") -> Quarantine:
    """The record as the person saw it. Raises NotFound, or Conflict when it is in that state no longer."""
    entry = db.session().get(Quarantine, record_id, populate_existing=True)
    if entry is None or entry.connection_id != connection.id:
        raise NotFound(gettext("There is no such record."))
    if entry.state != state:
        raise Conflict(gettext("Somebody has decided this already, or it has been solved."))
    return entry


def _replay(
    connection: Connection, field: str, upstream: str, *, actor: Actor
) -> tuple[int, Bulk | None]:
    items = replaying.holding(connection, field, upstream, most=AT_ONCE + 1)
    if len(items) <= AT_ONCE:
        access = access_of(connection)
        return sum(replaying.replay(link_id, access=access) for link_id, _ in items), None
    made = bulk.plan(
        kind=replaying.VALUES,
        scope=connection.target,
        title=gettext("Records that follow “%(value)s”", value=upstream),
        back=f"/connections/{connection.id}/problems",
        items=replaying.holding(connection, field, upstream, most=MOST),
        actor=actor,
    )
    bulk.start(made, actor=actor)
    return 0, made


def _open_entries(connection_id: int, ids: Sequence[int]) -> Sequence[Quarantine]:
    query = select(Quarantine).where(
        Quarantine.connection_id == connection_id, Quarantine.state == "open"
    )
    if ids:
        query = query.where(Quarantine.id.in_(ids))
    return db.session().scalars(query.order_by(Quarantine.id).limit(1000)).all()


def _create(scope: Scope, access: Access, entry: Quarantine, *, seq: int) -> bool:
    now = clock.now()
    reading = read([entry.payload], access.mapping(), now=now)
    rows = [
        row for row in reading.rows if row.external_id not in known.linked(scope, [row.external_id])
    ]
    refused = creating.create(scope, rows, seq=seq, now=now, tally=Tally())
    bad = [*reading.bad, *refused]
    if bad:
        entry.reason = bad[0].reason
        return False
    problems.list_unmapped(scope, rows, now=now)
    return True
