"""Both sides change things at random while calls are lost and refused; when all is quiet they agree.

A real MyNaga over HTTP, the real puller, the real outbox, the real database; the seeds make it repeatable.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from tests.fakes.upstreams import Fault, mynaga_server
from tests.sync.conftest import add_up, connection_of, counted, link_of, make_due, ticket_of
from tests.sync.test_push import decide, send
from webapp.core import clock, db
from webapp.events.models import Event
from webapp.outbox.models import Delivery
from webapp.sync.connections import access_of
from webapp.sync.models import Conflict, Connection, Link, Quarantine, Run
from webapp.sync.pull.loop import pull
from webapp.tickets.models import Ticket
from webapp.tickets.states import STATUSES

THEIRS = ("Submitted", "In Progress", "For Rerouting", "Resolved", "Closed")
FAULTS = ("lost", "broken", "down", "unavailable", "truncated")


@pytest.mark.parametrize("seed", range(6))
def test_when_all_is_quiet_both_sides_agree(seed, connect):
    rng = random.Random(seed)
    with mynaga_server(records=8, seed=seed + 1) as naga:
        connection_id = connect(naga)
        pull(connection_id)
        said = Said()
        for _ in range(45):
            _step(rng, naga, connection_id, said)
        naga.well()
        _settle(connection_id)

        _check_agreement(naga, connection_id)
        _check_books(connection_id)
        _check_said(naga, said)
        before, calls = counted(), len(naga.received)
        for _ in range(2):
            _pull(connection_id)
            send(connection_id)
        assert counted() == before
        assert len(naga.received) == calls


@dataclass
class Said:
    """What people decided: our last word on each record, and the records of which they had a word as well."""

    ours: dict[str, str] = field(default_factory=dict)
    edits: int = 0
    theirs: list[str] = field(default_factory=list)


def _step(rng, naga, connection_id, said):
    known = list(db.session().scalars(select(Link.external_id).order_by(Link.id)))
    db.session().rollback()
    what = rng.choice((*("here", "elsewhere", "pull", "send") * 2, "there", "new", "fault"))
    if what == "here":
        report, status = rng.choice(known), rng.choice(STATUSES)
        if ticket_of(report).status != status:
            said.edits += 1
            said.ours[report] = status
        decide(report, status)
    elif what == "there":
        report = rng.choice(known)
        naga.edit(report, status=rng.choice(THEIRS))
        said.theirs.append(report)
    elif what == "elsewhere":  # their record moves, and its status does not
        naga.edit(rng.choice(known), refinedCategory=f"Refined {rng.random()}")
    elif what == "new":
        naga.add()
    elif what == "pull":
        _pull(connection_id)
    elif what == "send":
        send(connection_id)
    else:
        naga.script(
            Fault(rng.choice(FAULTS), method=rng.choice(("GET", "PATCH")), retry_after=None)
        )


def _pull(connection_id):
    _stop_waiting(connection_id)
    make_due(connection_id)
    pull(connection_id, sleep=lambda _s: None)


def _stop_waiting(connection_id):
    with db.transaction() as session:
        session.execute(
            update(Connection).where(Connection.id == connection_id).values(not_before=None)
        )


def _settle(connection_id):
    for _ in range(6):
        _stop_waiting(connection_id)
        send(connection_id)
        _pull(connection_id)
    # A delivery that nobody hurried has its last word, too.
    with db.transaction() as session:
        session.execute(
            update(Delivery)
            .where(Delivery.settled_at.is_(None), Delivery.state != "parked")
            .values(not_before=clock.now() - timedelta(seconds=1))
        )
    send(connection_id)
    _pull(connection_id)


def _check_agreement(naga, connection_id):
    """Each record is linked; each status agrees, or an open delivery says why not."""
    session = db.session()
    session.rollback()
    reads = access_of(connection_of(connection_id)).projection()["status"]
    mapping = access_of(connection_of(connection_id)).mapping()
    theirs = naga.upstream.reports.page(since=None, after=None, limit=500)
    assert session.scalar(select(func.count()).select_from(Link)) == len(theirs)
    for _, report in theirs:
        link = session.scalars(select(Link).where(Link.external_id == report["id"])).one()
        ticket = session.get_one(Ticket, link.local_id)
        parked = session.scalar(
            select(func.count()).where(
                Delivery.lane == f"link:{link.id}", Delivery.settled_at.is_(None)
            )
        )
        there = mapping.map_record(naga.get(report["id"])).fields.get("status")
        if not parked and there is not None:
            assert reads[ticket.status] == reads[there], report["id"]
            assert reads[link.base["status"]] == reads[there], report["id"]
        assert link.sent_values == {} or parked
        assert link.upstream_version == str(naga.get(report["id"])["version"])


def _check_said(naga, said):
    """Nobody's word is lost, and nothing is sent that nobody said."""
    session = db.session()
    parked = set(session.scalars(select(Delivery.lane).where(Delivery.settled_at.is_(None))))
    for report, status in said.ours.items():
        link = link_of(report)
        if report not in said.theirs and f"link:{link.id}" not in parked:
            assert ticket_of(report).status == status, report
    effective = [call for call in naga.received if call.status == 200 and not call.replayed]
    conflicts = session.scalar(select(func.count()).select_from(Conflict))
    assert len(effective) <= said.edits + conflicts
    assert counted().delivery <= said.edits + conflicts
    by_them = session.scalar(
        select(func.count()).where(
            Event.type == "ticket.status_changed", Event.actor_kind == "connection"
        )
    )
    assert by_them <= len(said.theirs)


def _check_books(connection_id):
    session = db.session()
    for run in session.scalars(select(Run).where(Run.connection_id == connection_id)):
        add_up(run)
        assert run.state != "running"
    assert session.scalars(select(Quarantine)).all() == []
    assert session.scalar(select(func.count()).where(Delivery.state == "sending")) == 0
    assert session.scalar(select(func.count()).select_from(Ticket)) == session.scalar(
        select(func.count()).where(Event.type == "ticket.created")
    )
