"""Statuses and assignees."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask

from tests.tickets.make import MYNAGA, make_pulled, make_ticket
from webapp.core.db import transaction
from webapp.core.errors import IllegalTransition
from webapp.events.queries import history_of
from webapp.tickets import actions
from webapp.tickets.states import STATUSES

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def change(ticket, status, actor, **rest):
    with transaction():
        return actions.change_status(ticket, status=status, actor=actor, **rest)


def test_a_persons_change_is_told_and_makes_the_status_ours(app: Flask, people) -> None:
    ticket = make_ticket()
    event = change(ticket, "in_progress", people.andres.actor)
    assert event.data["old"] == "open"
    assert event.data["new"] == "in_progress"
    assert ticket.status_is_ours


def test_an_upstreams_change_leaves_the_status_theirs(app: Flask) -> None:
    (ticket,) = make_pulled()
    change(ticket, "resolved", MYNAGA, from_upstream=True)
    assert ticket.status == "resolved"
    assert not ticket.status_is_ours


def test_the_same_status_again_is_no_fact(app: Flask, people) -> None:
    ticket = make_ticket()
    version = ticket.version
    assert change(ticket, "open", people.andres.actor) is None
    assert ticket.version == version
    assert [e.type for e in history_of("ticket", ticket.id)] == ["ticket.created"]


@pytest.mark.parametrize("wrong", ["", "done", "OPEN"])
def test_a_status_that_is_none_is_refused(app: Flask, people, wrong: str) -> None:
    ticket = make_ticket()
    with pytest.raises(IllegalTransition):
        change(ticket, wrong, people.andres.actor)


@pytest.mark.parametrize("status", [s for s in STATUSES if s != "open"])
def test_every_other_status_can_be_reached(app: Flask, people, status: str) -> None:
    ticket = make_ticket()
    change(ticket, status, people.andres.actor)
    assert ticket.status == status


def test_resolving_sets_the_time_closing_keeps_it_and_reopening_takes_it_away(app, people) -> None:
    ticket = make_ticket()
    with time_machine.travel(NOON, tick=False):
        change(ticket, "resolved", people.andres.actor)
    change(ticket, "closed", people.andres.actor)
    assert ticket.resolved_at == NOON
    change(ticket, "open", people.andres.actor)
    assert ticket.resolved_at is None


def test_a_ticket_is_handed_over_and_given_back(app: Flask, people) -> None:
    ticket = make_ticket()
    with transaction():
        actions.assign(ticket, assignee=people.andres, actor=people.amihan.actor)
    with transaction():
        actions.assign(ticket, assignee=people.andres, actor=people.amihan.actor)
    assert ticket.assignee_id == people.andres.id
    with transaction():
        actions.assign(ticket, assignee=None, actor=people.amihan.actor)
    moves = [e.data for e in history_of("ticket", ticket.id) if e.type == "ticket.assigned"]
    assert [(m["old"], m["new"]) for m in moves] == [("", "Andres"), ("Andres", "")]
