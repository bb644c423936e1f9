"""Readings of connections for their pages, the dashboard and health."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import func, or_, select

from webapp.accounts.models import User
from webapp.accounts.roles import Permission
from webapp.core import clock, db
from webapp.core.errors import NotFound
from webapp.outbox import roads
from webapp.outbox.filters import WAITING
from webapp.outbox.models import Delivery
from webapp.sync import health, subjects, tokens
from webapp.sync.health import Health
from webapp.sync.models import Connection, Link, Quarantine, Run, ValueMap
from webapp.sync.problem_lists import count_open_conflicts


@dataclass(frozen=True)
class Overview:
    """One connection with all that its card says. `run`: its newest. `lag`: how old the newest change of
    theirs is that has arrived here. `…_rests`: until when its breaker lets nothing through, if it is open."""

    connection: Connection
    run: Run | None
    health: Health
    problems: int  # open quarantined records
    unmapped: int  # values nobody mapped
    conflicts: int  # that a person is asked about
    waiting: int  # deliveries on their way
    parked: int
    oldest_unsent: datetime | None
    lag: timedelta | None
    pull_rests: datetime | None = None
    push_rests: datetime | None = None

    @property
    def is_well(self) -> bool:
        """It does its work; single records that wait for a decision are counted by themselves."""
        only_records = self.health.kind == health.DEGRADED and self.connection.state == "active"
        return only_records or self.health.kind in (health.READY, health.SYNCING)


def connection_for(user: User, connection_id: int) -> Connection:
    """Raises NotFound, also for whoever may not manage connections."""
    found = db.session().get(Connection, connection_id)
    if found is None or not user.may(Permission.SYNC_MANAGE):
        raise NotFound(gettext("There is no such connection."))
    return found


def connection_by_id(connection_id: int) -> Connection:
    """For those whose right to it was checked otherwise. Raises NotFound."""
    found = db.session().get(Connection, connection_id)
    if found is None:
        raise NotFound(gettext("There is no such connection."))
    return found


def links_named(connection_id: int, kind: str, name: str) -> Sequence[Link]:
    """Records of ours of that kind which are known there by this id, or here by this number; at most two."""
    named = or_(Link.external_id == name, Link.local_id.in_(subjects.of(kind).numbered(name)))
    query = select(Link).where(Link.connection_id == connection_id, Link.local_kind == kind, named)
    return db.session().scalars(query.order_by(Link.id).limit(2)).all()


def connections_overview() -> list[Overview]:
    """All connections by name, with a handful of queries for all of them."""
    connections = db.session().scalars(select(Connection).order_by(Connection.name)).all()
    return _overviews(connections)


def overview_of(connection: Connection) -> Overview:
    return _overviews([connection])[0]


def runs_of(connection_id: int, *, limit: int = 50, before_id: int | None = None) -> Sequence[Run]:
    """Newest first, paged by id."""
    query = select(Run).where(Run.connection_id == connection_id)
    if before_id is not None:
        query = query.where(Run.id < before_id)
    return db.session().scalars(query.order_by(Run.id.desc()).limit(limit)).all()


def problems_of(
    connection_id: int, *, state: str = "open", limit: int = 100
) -> Sequence[Quarantine]:
    """Records that could not be applied, seen last first."""
    return (
        db.session()
        .scalars(
            select(Quarantine)
            .where(Quarantine.connection_id == connection_id, Quarantine.state == state)
            .order_by(Quarantine.last_seen_at.desc(), Quarantine.id.desc())
            .limit(limit)
        )
        .all()
    )


def count_problems(connection_id: int, *, state: str = "open") -> int:
    query = select(func.count()).where(
        Quarantine.connection_id == connection_id, Quarantine.state == state
    )
    return db.session().scalar(query) or 0


def unmapped_of(connection_id: int) -> Sequence[ValueMap]:
    """Values nobody mapped yet, the most frequent first."""
    return _value_maps(connection_id, mapped=False)


def mapped_of(connection_id: int) -> Sequence[ValueMap]:
    """Values that somebody here has decided on, besides those of the declaration."""
    return _value_maps(connection_id, mapped=True)


def secret_last4(connection_id: int) -> str:
    """What may be shown of the token; empty where there is none, or it is too short."""
    row = tokens.current(connection_id)
    return row.last4 if row else ""


def _overviews(connections: Sequence[Connection]) -> list[Overview]:
    ids, now = [connection.id for connection in connections], clock.now()
    if not ids:
        return []
    runs = _newest_runs(ids)
    problems = _counts(Quarantine, ids, Quarantine.state == "open")
    unmapped = _counts(ValueMap, ids, ValueMap.local.is_(None))
    conflicts = count_open_conflicts(ids)
    waiting = _deliveries([connection.target for connection in connections])
    rests = _rests(connections, now)
    return [
        Overview(
            connection=each,
            run=runs.get(each.id),
            health=health.health_of(
                each,
                runs.get(each.id),
                now=now,
                problems=problems.get(each.id, 0) + conflicts.get(each.id, 0),
                parked=waiting.get(each.target, _NOTHING).parked,
                rests_until=rests.get(each.pull_road),
            ),
            problems=problems.get(each.id, 0),
            unmapped=unmapped.get(each.id, 0),
            conflicts=conflicts.get(each.id, 0),
            waiting=waiting.get(each.target, _NOTHING).waiting,
            parked=waiting.get(each.target, _NOTHING).parked,
            oldest_unsent=waiting.get(each.target, _NOTHING).oldest,
            lag=max(now - each.watermark, timedelta(0)) if each.watermark else None,
            pull_rests=rests.get(each.pull_road),
            push_rests=rests.get(each.target),
        )
        for each in connections
    ]


def _rests(connections: Sequence[Connection], now: datetime) -> dict[str, datetime]:
    """Road → until when nothing goes there, of those that are open."""
    names = [name for each in connections for name in (each.pull_road, each.target)]
    found = roads.breakers_of(names)
    return {
        name: each.open_until
        for name, each in found.items()
        if each.open_until is not None and each.open_until > now
    }


@dataclass(frozen=True)
class _Waiting:
    waiting: int = 0
    parked: int = 0
    oldest: datetime | None = None


_NOTHING = _Waiting()


def _newest_runs(ids: Sequence[int]) -> dict[int, Run]:
    newest = select(func.max(Run.id)).where(Run.connection_id.in_(ids)).group_by(Run.connection_id)
    rows = db.session().scalars(
        select(Run).where(Run.id.in_(newest)).execution_options(populate_existing=True)
    )
    return {run.connection_id: run for run in rows}


def _counts(
    model: type[Quarantine] | type[ValueMap], ids: Sequence[int], condition: object
) -> dict[int, int]:
    rows = db.session().execute(
        select(model.connection_id, func.count())
        .where(model.connection_id.in_(ids), condition)  # type: ignore[arg-type]
        .group_by(model.connection_id)
    )
    return {row[0]: row[1] for row in rows}


def _deliveries(targets: Sequence[str]) -> dict[str, _Waiting]:
    rows = db.session().execute(
        select(Delivery.target, Delivery.state, func.count(), func.min(Delivery.created_at))
        .where(Delivery.target.in_(targets), Delivery.settled_at.is_(None))
        .group_by(Delivery.target, Delivery.state)
    )
    found: dict[str, _Waiting] = {}
    for target, state, number, since in rows:
        known = found.get(target, _NOTHING)
        waits = number if state in WAITING else 0
        # Parked is unsent, too: without a person it never leaves.
        oldest = since if known.oldest is None else min(known.oldest, since)
        found[target] = _Waiting(known.waiting + waits, known.parked + number - waits, oldest)
    return found


def _value_maps(connection_id: int, *, mapped: bool) -> Sequence[ValueMap]:
    condition = ValueMap.local.is_not(None) if mapped else ValueMap.local.is_(None)
    return (
        db.session()
        .scalars(
            select(ValueMap)
            .where(ValueMap.connection_id == connection_id, condition)
            .order_by(ValueMap.count.desc(), ValueMap.upstream)
        )
        .all()
    )
