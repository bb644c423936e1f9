"""Responses are public, notes are not, and each is written once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.tickets.make import ROSA, make_ticket
from webapp.core import db
from webapp.core.db import transaction
from webapp.core.errors import Conflict
from webapp.events.queries import history_of
from webapp.tickets import actions
from webapp.tickets.attachments import StoredFile
from webapp.tickets.models import Note, Response

KEY = "r" * 43


def respond(ticket, actor, **rest):
    with transaction():
        return actions.respond(ticket, body="We are on our way.", actor=actor, **rest)


def test_the_first_answer_of_staff_is_the_first_response(app: Flask, people) -> None:
    ticket = make_ticket()
    respond(ticket, ROSA)
    assert ticket.first_response_at is None
    first = respond(ticket, people.andres.actor)
    respond(ticket, people.andres.actor)
    assert ticket.first_response_at == first.created_at


def test_an_answer_sent_twice_is_one_answer_told_once(app: Flask, people) -> None:
    ticket = make_ticket()
    photo = StoredFile("lamp.jpg", "image/jpeg", 1, "a" * 64)
    for _ in range(2):
        respond(ticket, people.andres.actor, attachments=[photo], submission_key=KEY)
    assert db.session().scalar(select(func.count()).select_from(Response)) == 1
    assert len(ticket.attachments) == 1
    assert [e.type for e in history_of("ticket", ticket.id)][1:] == ["ticket.responded"]


def test_a_key_used_on_another_ticket_is_refused(app: Flask, people) -> None:
    respond(make_ticket(), people.andres.actor, submission_key=KEY)
    with pytest.raises(Conflict):
        respond(make_ticket(), people.andres.actor, submission_key=KEY)


def test_a_response_tells_whether_the_reporter_wrote_it(app: Flask, people) -> None:
    ticket = make_ticket()
    respond(ticket, ROSA)
    respond(ticket, people.andres.actor)
    told = [e.data["by_reporter"] for e in history_of("ticket", ticket.id)[1:]]
    assert told == [True, False]


def test_a_note_stays_inside_and_is_no_first_response(app: Flask, people) -> None:
    ticket = make_ticket()
    for _ in range(2):
        with transaction():
            actions.add_note(
                ticket, body="Crew 2 has no ladder.", actor=people.andres.actor, submission_key=KEY
            )
    assert ticket.first_response_at is None
    assert db.session().scalar(select(func.count()).select_from(Note)) == 1
    public = history_of("ticket", ticket.id, public_only=True)
    assert [e.type for e in public] == ["ticket.created"]
