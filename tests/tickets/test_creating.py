"""A report becomes a ticket, once."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select

from tests.tickets.make import REPORT, ROSA, make_ticket
from webapp.core import db
from webapp.core.db import transaction
from webapp.events.models import Event
from webapp.events.queries import history_of
from webapp.events.types import SYSTEM
from webapp.tickets import actions, queries
from webapp.tickets.actions import categories
from webapp.tickets.attachments import StoredFile
from webapp.tickets.forms import DeskTicketForm, ReportForm
from webapp.tickets.models import Attachment, Ticket

KEY = "k" * 43


def test_a_report_becomes_an_open_ticket_with_a_reference_and_one_event(app: Flask) -> None:
    ticket = make_ticket()
    assert re.fullmatch(r"T-\d{4}-\d{6}", ticket.ref)
    assert ticket.ref.endswith(f"{ticket.id:06d}")
    assert (ticket.status, ticket.source) == ("open", "form")
    assert len(ticket.follow_token) == 43
    (event,) = history_of("ticket", ticket.id)
    assert (event.type, event.actor_kind) == ("ticket.created", "reporter")


def test_a_report_sent_twice_is_one_ticket_told_once(app: Flask) -> None:
    first = make_ticket(submission_key=KEY)
    second = make_ticket(submission_key=KEY)
    assert first.id == second.id
    assert db.session().scalar(select(func.count()).select_from(Ticket)) == 1
    assert db.session().scalar(select(func.count()).select_from(Event)) == 1


def test_two_reports_have_two_references_and_two_follow_tokens(app: Flask) -> None:
    first, second = make_ticket(), make_ticket()
    assert first.ref != second.ref
    assert first.follow_token != second.follow_token


def test_photos_become_attachments(app: Flask) -> None:
    photo = StoredFile("lamp.jpg", "image/jpeg", 1234, "a" * 64, "b" * 64)
    with transaction():
        ticket = actions.submit_report(ReportForm(**REPORT), photos=[photo], actor=ROSA)
    (attachment,) = db.session().scalars(select(Attachment)).all()
    assert (attachment.ticket_id, attachment.name) == (ticket.id, "lamp.jpg")
    assert attachment.thumb_key == "b" * 64


def test_an_agents_ticket_says_that_the_desk_made_it(app: Flask, people) -> None:
    with transaction():
        ticket = actions.create_ticket(DeskTicketForm(**REPORT), actor=people.andres.actor)
    assert ticket.source == "desk"
    assert history_of("ticket", ticket.id)[0].actor_name == "Andres"


def test_nothing_is_written_outside_a_transaction(app: Flask) -> None:
    with pytest.raises(RuntimeError):
        actions.submit_report(ReportForm(**REPORT), actor=ROSA)


def test_a_new_desk_begins_with_categories_and_keeps_its_own(app: Flask) -> None:
    for _ in range(2):
        with transaction():
            categories.add_first_categories(actor=SYSTEM)
    assert queries.active_categories() == list(categories.FIRST_CATEGORIES)


def test_a_new_ticket_in_hand_is_what_the_database_has(app: Flask) -> None:
    ticket = make_ticket(submission_key=KEY, lat="13.62", lng="123.19")
    names = inspect(Ticket).column_attrs.keys()
    in_hand = {name: getattr(ticket, name) for name in names}
    assert (ticket.tags, ticket.attachments, ticket.version) == ([], [], 1)
    db.session().expire(ticket)
    assert {name: getattr(ticket, name) for name in names} == in_hand
