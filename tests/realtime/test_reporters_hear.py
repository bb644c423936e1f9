"""Whatever happens to a ticket, in whatever topic it is told: a reporter's stream never carries what is internal."""

from __future__ import annotations

import dataclasses
import random
from types import SimpleNamespace
from typing import Any

import pytest

from webapp.core import clock, db
from webapp.core import redis as core_redis
from webapp.events.models import Event
from webapp.events.types import Actor, Fact, all_fact_types
from webapp.realtime import reactions, stream
from webapp.realtime.ring import Entry
from webapp.realtime.topics import _NUMBERED, _PLAIN, TopicRefused, Viewer, granted
from webapp.tickets import actions
from webapp.tickets.models import Ticket

SECRET = "pamilya-cruz-owes-money"  # in every text that is written below
TOKEN = "token-of-rosa-0009"


@pytest.fixture
def ticket(app) -> Ticket:
    now = clock.now()
    with db.transaction() as session:
        one = Ticket(ref="T-9", title="Lamp", status="open", follow_token=TOKEN,
                     reported_at=now, created_at=now, updated_at=now)  # fmt: skip
        session.add(one)
    return one


def entries() -> list[Entry]:
    return stream.newest(core_redis.client(), 10_000)


def heard_by_reporters(ticket: Ticket, people: SimpleNamespace) -> list[Entry]:
    """What reaches anybody without a permission who asks for every topic that there is, each by itself."""
    numbers = [ticket.id, 1, 2, 3, people.andres.id, people.nadia.id, people.felix.id]
    names = [*_PLAIN, *(f"{kind}:{n}" for kind in _NUMBERED for n in numbers), f"follow:{TOKEN}"]
    topics: set[str] = set()
    for who in (Viewer(), Viewer(people.nadia.id), Viewer(people.felix.id)):
        for name in names:
            try:
                topics |= granted([name], who, followed={TOKEN: ticket.id}.get)
            except TopicRefused:
                continue
    assert f"follow:{ticket.id}" in topics
    assert not topics & {"staff", "admin", "outbox", "claims", f"ticket:{ticket.id}"}
    return [entry for entry in entries() if entry.topics & topics]


def test_a_note_reaches_no_reporter_and_an_answer_says_only_that_there_is_news(
    ticket, people: SimpleNamespace
):
    andres = Actor("user", people.andres.id, people.andres.name)
    with db.transaction() as session:
        actions.add_note(session.get_one(Ticket, ticket.id), body=f"{SECRET} @Amihan", actor=andres)
    assert any("staff" in entry.topics for entry in entries())  # it was told, elsewhere
    assert heard_by_reporters(ticket, people) == []
    with db.transaction() as session:
        actions.respond(session.get_one(Ticket, ticket.id), body=SECRET, actor=andres)
    heard = heard_by_reporters(ticket, people)
    assert heard
    assert all(SECRET.encode() not in entry.frame for entry in heard)


def test_of_internal_facts_of_every_kind_nothing_is_told_to_reporters(
    ticket, people: SimpleNamespace
):
    dice = random.Random(9)
    kinds = list(all_fact_types().values())
    assert len(kinds) > 60
    for cls in kinds:
        for show in (reactions.show_ticket, reactions.show_activity, reactions.show_record):
            with db.transaction():
                show(_event(cls, ticket, people, dice, internal=True), _fact(cls, ticket, dice))
    assert len(entries()) > len(kinds)
    assert heard_by_reporters(ticket, people) == []


def test_of_open_facts_reporters_hear_a_name_and_a_number_alone(ticket, people: SimpleNamespace):
    dice = random.Random(9)
    for cls in all_fact_types().values():
        if cls.subject_kind == "ticket" and not cls.internal:
            with db.transaction():
                fact = _fact(cls, ticket, dice)
                reactions.show_ticket(_event(cls, ticket, people, dice, internal=False), fact)
    heard = heard_by_reporters(ticket, people)
    assert heard
    assert {entry.frame.partition(b"\n")[2] for entry in heard} == {
        b'event: ticket:changed\ndata: {"id":%d}\n\n' % ticket.id
    }


def _event(
    cls: type[Fact], ticket: Ticket, people: SimpleNamespace, dice: random.Random, *, internal: bool
) -> Event:
    return Event(
        type=cls.type, subject_kind="ticket", subject_id=ticket.id, internal=internal,
        actor_kind=dice.choice(["user", "reporter", "connection", "system"]),
        actor_id=people.andres.id, actor_name=SECRET, at=clock.now(),
        data={"text": SECRET, "body": SECRET, "changes": {"note": SECRET}},
    )  # fmt: skip


def _fact(cls: type[Fact], ticket: Ticket, dice: random.Random) -> Fact:
    values: dict[str, Any] = {}
    for field in dataclasses.fields(cls):
        required = field.default is field.default_factory is dataclasses.MISSING
        if required or dice.random() < 0.5:
            values[field.name] = SECRET
    return cls(**(values | {"subject_id": ticket.id}))
