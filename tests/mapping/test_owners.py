"""Who decides where both sides have changed a status: theirs, ours, the newest, or a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.fakes.upstreams import Server
from tests.sync_pages.conftest import Connect
from tests.sync_pages.test_running import pull_again
from webapp.core import db
from webapp.events.types import Actor
from webapp.outbox.channels import Hold
from webapp.outbox.models import Delivery
from webapp.sync import merge
from webapp.sync.actions.declaring import edit_declaration, source_of
from webapp.sync.models import Conflict, Connection, Link
from webapp.sync.push.channel import PushChannel
from webapp.tickets.actions import change_status
from webapp.tickets.models import Ticket

NUMBER = "NAGA-2026-004101"
AMIHAN = Actor("user", 1, "Amihan")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("skew", "theirs", "ours", "decides"),
    [
        (0.0, NOON, NOON - timedelta(seconds=1), "upstream"),
        (4.9, NOON, NOON + timedelta(seconds=1), "local"),
        (5.0, NOON, NOON - timedelta(hours=1), "ask"),
        (-60.0, NOON, NOON - timedelta(hours=1), "ask"),
        (None, NOON, NOON - timedelta(hours=1), "ask"),
        (0.0, None, NOON, "ask"),
        (0.0, NOON, None, "ask"),
        (0.0, NOON, NOON, "ask"),
    ],
)
def test_the_newest_is_told_by_clocks_only_where_they_agree(
    skew: float | None, theirs: datetime | None, ours: datetime | None, decides: str
) -> None:
    assert merge.owner_now("newest", skew=skew, theirs_at=theirs, ours_at=ours) == decides


def test_asking_keeps_both_and_what_was_agreed() -> None:
    merged = merge.merge_field(base="a", local="b", remote="c", owner=merge.ASK)
    assert (merged.take, merged.base, merged.conflict, merged.winner) == (False, "a", True, "")


def both_changed(connect: Connect, naga: Server, session: Session, owner: str) -> Connection:
    """A connection whose status is `owner`'s, with the first record moved on both sides and pulled."""
    number = connect().id
    with db.transaction():
        connection = session.get_one(Connection, number)
        old = "status: {from: status, values: status}"
        text = source_of(connection).replace(old, old[:-1] + f", owner: {owner}}}", 1)
        edit_declaration(connection, text=text, actor=AMIHAN, then="later")
        ticket = session.scalars(select(Ticket).where(Ticket.control_number == NUMBER)).one()
        new = "closed" if ticket.status != "closed" else "open"
        change_status(ticket, status=new, actor=AMIHAN)
    word = "For Rerouting"
    naga.edit(NUMBER, status=word)
    pull_again(session.get_one(Connection, number))
    session.rollback()
    return session.get_one(Connection, number)


def ticket_of(session: Session) -> Ticket:
    return session.scalars(select(Ticket).where(Ticket.control_number == NUMBER)).one()


@pytest.mark.parametrize(
    ("owner", "decision"), [("upstream", "upstream"), ("ours", "local"), ("newest", "upstream")]
)
def test_the_owner_of_the_field_decides_and_both_values_are_kept(
    connect: Connect, naga: Server, session: Session, owner: str, decision: str
) -> None:
    both_changed(connect, naga, session, owner)
    kept = session.scalars(select(Conflict)).one()
    theirs = ticket_of(session).status == "for_rerouting"
    assert kept.upstream == "for_rerouting"
    if owner == "newest":  # within one second the clocks may call it either way, or leave it open
        assert kept.decision in ("upstream", "local", "")
        assert theirs == (kept.decision == "upstream")
        return
    assert (kept.decision, theirs) == (decision, decision == "upstream")


def test_where_a_person_is_asked_nothing_moves_and_nothing_is_sent(
    connect: Connect, naga: Server, session: Session
) -> None:
    connection = both_changed(connect, naga, session, "ask")
    kept = session.scalars(select(Conflict)).one()
    ours = ticket_of(session).status
    assert (kept.decision, kept.upstream, kept.local) == ("", "for_rerouting", ours)
    base = session.scalars(select(Link.base).where(Link.external_id == NUMBER)).one()
    assert base["status"] == kept.base
    naga.edit(NUMBER, status="Resolved")
    with db.transaction():
        session.get_one(Connection, connection.id).next_pull_at = NOON
    pull_again(connection)
    session.rollback()
    again = session.scalars(select(Conflict)).one()
    assert (again.decision, again.upstream) == ("", "resolved")
    delivery = session.scalars(select(Delivery).where(Delivery.channel == "push")).one()
    with pytest.raises(Hold) as held, db.transaction():
        PushChannel().prepare(session.get_one(Delivery, delivery.id), unsure=False)
    assert not held.value.whole_target


def test_an_empty_value_leaves_ours_where_the_mapping_says_so(
    connect: Connect, naga: Server, session: Session
) -> None:
    number = connect().id
    with db.transaction():
        connection = session.get_one(Connection, number)
        old = "      barangay: barangay\n"
        text = source_of(connection).replace(
            old, "      barangay: {from: barangay, nullable: false}\n", 1
        )
        edit_declaration(connection, text=text, actor=AMIHAN, then="later")
    before = ticket_of(session).barangay
    naga.edit(NUMBER, barangay=None, location="Elsewhere")
    pull_again(session.get_one(Connection, number))
    session.rollback()
    assert (ticket_of(session).barangay, ticket_of(session).place) == (before, "Elsewhere")
    assert before
