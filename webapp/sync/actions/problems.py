"""What people decide about values nobody mapped and records that could not be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import gettext
from sqlalchemy import select, update

from webapp.core import clock, db
from webapp.core.errors import Invalid
from webapp.events.record import record
from webapp.events.types import Actor
from webapp.sync.actions.running import due_now
from webapp.sync.connections import Access, access_of
from webapp.sync.events import QuarantineIgnored, QuarantineRetried, ValueMapped
from webapp.sync.models import Connection, Link, Quarantine, ValueMap
from webapp.sync.pull import changing, creating, known, problems
from webapp.sync.pull.opening import scope_of
from webapp.sync.pull.rows import read
from webapp.sync.pull.scope import Scope, Tally
from webapp.tickets.models import Ticket
from webapp.tickets.states import STATUSES


def map_value(
    connection: Connection, *, field: str, upstream: str, local: str, actor: Actor
) -> int:
    """Say what a value of theirs means here. Gives how many tickets changed, from the payloads at hand.

    Raises Invalid where `local` is no value of ours.
    """
    if field == "status" and local not in STATUSES:
        text = gettext("Choose one of our statuses.")
        raise Invalid(text, fields={"local": text})
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
    return _replay(connection, upstream)


def retry_quarantined(
    connection: Connection, *, ids: Sequence[int] = (), actor: Actor
) -> tuple[int, int]:
    """Read stored payloads again, say after a mapping was changed; without `ids` all open ones.

    Gives (solved, still wrong). A record that has its ticket already is asked for anew by the next pull,
    since what is stored may be out of date; it counts as solved when that has worked, and here as neither.
    """
    access = access_of(connection)
    scope = scope_of(connection, access)
    solved = wrong = 0
    for entry in _open_entries(connection.id, ids):
        if entry.external_id in _linked(scope, [entry.external_id]):
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


def ignore_quarantined(connection: Connection, *, ids: Sequence[int], actor: Actor) -> int:
    """These are not wanted: they are no longer listed as problems. Gives how many."""
    done = db.session().execute(
        update(Quarantine)
        .where(Quarantine.connection_id == connection.id, Quarantine.id.in_(ids))
        .values(state="ignored")
        .execution_options(synchronize_session=False)
    )
    count = int(getattr(done, "rowcount", 0))
    if count:
        fact = QuarantineIgnored(subject_id=connection.id, name=connection.name, records=count)
        record(fact, actor=actor)
    return count


def _replay(connection: Connection, upstream: str) -> int:
    access = access_of(connection)
    scope, mapping, now = scope_of(connection, access), access.mapping(), clock.now()
    tally = Tally()
    for link in _links_with_status(scope, upstream):
        if not link.payload:
            continue
        reading = read([link.payload], mapping, now=now)
        # As of when it was read: should we have pushed since, the record is asked for anew instead.
        changing.change(scope, reading.rows, seq=link.applied_fetch_seq, now=now, tally=tally)
    return tally.updated


def _links_with_status(scope: Scope, upstream: str) -> Iterator[Link]:
    session = db.session()
    ids = session.scalars(
        select(Link.id)
        .join(Ticket, Ticket.id == Link.local_id)
        .where(
            Link.connection_id == scope.connection_id,
            Link.local_kind == "ticket",
            Ticket.external_status == upstream,
        )
        .order_by(Link.id)
    ).all()
    for start in range(0, len(ids), 100):
        some = ids[start : start + 100]
        yield from session.scalars(select(Link).where(Link.id.in_(some)).order_by(Link.id)).all()


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
    rows = [row for row in reading.rows if row.external_id not in _linked(scope, [row.external_id])]
    refused = creating.create(scope, rows, seq=seq, now=now, tally=Tally())
    bad = [*reading.bad, *refused]
    if bad:
        entry.reason = bad[0].reason
        return False
    problems.list_unmapped(scope, rows, now=now)
    return True


def _linked(scope: Scope, external_ids: Sequence[str]) -> set[str]:
    found = db.session().scalars(
        select(Link.external_id).where(
            Link.connection_id == scope.connection_id,
            Link.kind == scope.kind,
            Link.external_id.in_(external_ids),
        )
    )
    return set(found)
