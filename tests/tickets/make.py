"""Ready-made tickets, reports and photos for the tests of this package."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image
from sqlalchemy import select

from webapp.accounts.actions import edit_desk
from webapp.core.db import transaction
from webapp.events.types import SYSTEM, Actor
from webapp.tickets import actions
from webapp.tickets.forms import ReportForm
from webapp.tickets.models import Category, Ticket
from webapp.tickets.values import TicketValues

ROSA = Actor("reporter", None, "Rosa Dimaculangan")
MYNAGA = Actor("connection", 1, "MyNaga demo")

REPORT = {
    "title": "Broken street light",
    "description": "The lamp in front of the barangay hall has been dark for a week.",
    "category": "Street lights",
    "barangay": "Tinago",
    "place": "Corner of Peñafrancia Avenue",
    "name": "Rosa Dimaculangan",
    "email": "rosa@example.org",
    "phone": "+63 912 345 6789",
}


def make_ticket(**values: Any) -> Ticket:
    with transaction():
        return actions.submit_report(ReportForm(**{**REPORT, **values}), actor=ROSA)


def make_pulled(count: int = 1, **values: Any) -> list[Ticket]:
    each = {"title": "Clogged drain", "source": "connection:1", "source_name": "MyNaga demo"}
    made = [TicketValues(**{**each, "control_number": f"NAGA-{n}", **values}) for n in range(count)]
    with transaction() as session:
        ids = actions.import_tickets(made, actor=MYNAGA)
        query = select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id)
        return list(session.scalars(query))


def call_back_seconds(seconds: int) -> None:
    """For how long an answer from the ticket's page can be called back."""
    given = {"name": "Naga", "intro": "", "timezone": "Asia/Manila", "public_reports": True}
    with transaction():
        edit_desk(**given, undo_send_s=seconds, actor=SYSTEM)


def make_categories(*names: str) -> None:
    from webapp.core import db

    with transaction():
        db.session().add_all(Category(name=n, position=i) for i, n in enumerate(names))


def photo(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **save: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (30, 120, 90)).save(out, kind, **save)
    return out.getvalue()
