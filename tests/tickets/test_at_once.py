"""Several at the same moment: nothing twice, no number given twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import func, select

from tests.conftest import PATIENCE_S
from tests.tickets.make import REPORT, ROSA, make_pulled
from webapp.core import db
from webapp.core.db import transaction
from webapp.events.models import Event
from webapp.tickets import actions
from webapp.tickets.forms import ReportForm
from webapp.tickets.models import Ticket

HOW_MANY = 4


def at_once(app: Flask, work) -> list:
    gate = Barrier(HOW_MANY)

    def run(n: int):
        with app.app_context():
            gate.wait(PATIENCE_S)
            try:
                return work(n)
            finally:
                db.db.session.remove()

    with ThreadPoolExecutor(HOW_MANY) as pool:
        return list(pool.map(run, range(HOW_MANY)))


def test_one_form_sent_by_several_requests_at_once_is_one_ticket(app: Flask) -> None:
    def send(_n: int) -> int:
        with transaction():
            return actions.submit_report(
                ReportForm(**REPORT, submission_key="k" * 43), actor=ROSA
            ).id

    assert len(set(at_once(app, send))) == 1
    assert db.session().scalar(select(func.count()).select_from(Ticket)) == 1
    assert db.session().scalar(select(func.count()).select_from(Event)) == 1


def test_numbers_given_out_at_once_are_all_different(app: Flask) -> None:
    refs = at_once(app, lambda _n: [ticket.ref for ticket in make_pulled(25)])
    assert len({ref for some in refs for ref in some}) == HOW_MANY * 25
