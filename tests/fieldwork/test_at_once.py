"""A device that sends the same again before it had its answer: done once, answered alike, on whatever job it falls."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from tests.fieldwork.make import make_job
from tests.tickets.test_at_once import HOW_MANY, at_once
from webapp.core import db
from webapp.core.db import transaction
from webapp.core.models import Receipt
from webapp.core.once import with_receipt
from webapp.fieldwork import actions
from webapp.fieldwork.models import Job, JobNote


def test_one_key_sent_by_several_requests_at_once_is_one_deed(app: Flask) -> None:
    """Nothing but the receipt itself keeps them apart."""
    done = count(1)

    def send(_n: int) -> dict[str, Any]:
        with transaction():
            return with_receipt(
                "phone-key-1", person_id=1, deed="count", do=lambda: {"n": next(done)}
            )

    answers = at_once(app, send)
    assert answers == [{"n": 1}] * HOW_MANY
    assert next(done) == 2
    assert db.session().scalar(select(func.count()).select_from(Receipt)) == 1


def test_a_note_and_its_receipt_stand_or_fall_together(app: Flask, people: SimpleNamespace) -> None:
    job_id = make_job().id

    def send(fails: bool) -> None:
        def do() -> dict[str, Any]:
            job = db.session().get_one(Job, job_id)
            note = actions.add_note(job, "Hello", actor=people.felix.actor)
            if fails:
                raise ConnectionError
            return {"note": note.id}

        with transaction():
            with_receipt("phone-key-2", person_id=1, deed="note", do=do)

    for fails in (True, False, False):
        try:
            send(fails)
        except ConnectionError:
            assert db.session().scalar(select(func.count()).select_from(Receipt)) == 0
    assert db.session().scalar(select(func.count()).select_from(JobNote)) == 1
