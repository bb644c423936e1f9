"""Any list of tickets leaves as a file: whole, safe to open, and not unnoticed."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from tests.tickets.make import make_pulled, make_ticket
from webapp.core import db
from webapp.core.export import csv_pieces, plain
from webapp.events.models import Event
from webapp.tickets import actions, queries, tasks
from webapp.tickets.models import TicketExport
from webapp.tickets.views import exporting

TIME = datetime(2026, 11, 28, 1, 30, tzinfo=UTC)


def _csv(answer: Any) -> list[dict[str, str]]:
    text = answer.get_data(as_text=True)
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def _sheet(content: bytes, number: int = 0) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(number).to_python()


def test_the_whole_list_leaves_as_csv_newest_first(sign_in: Any, people: SimpleNamespace) -> None:
    make_pulled(1003)
    with db.transaction():
        actions.add_tags(_first(), ["Flood", "Urgent!"], actor=people.andres.actor)
    rows = _csv(sign_in(people.andres).post("/tickets/export.csv"))
    assert len(rows) == 1003
    assert [row["control_number"] for row in rows[:2]] == ["NAGA-1002", "NAGA-1001"]
    assert rows[-1]["tags"] == "Flood, Urgent!"
    assert rows[-1]["priority"] == "normal"
    assert rows[0]["time_zone"] == "Asia/Manila"
    assert rows[0]["reported_at"].endswith("+08:00")


def test_the_list_is_narrowed_as_its_address_says(sign_in: Any, people: SimpleNamespace) -> None:
    make_ticket(title="Lamp", category="Street lights")
    make_ticket(title="Dog", category="Animals")
    rows = _csv(sign_in(people.andres).post("/tickets/export.csv?category=Animals"))
    assert [row["title"] for row in rows] == ["Dog"]


def test_taking_a_list_away_is_recorded(sign_in: Any, people: SimpleNamespace) -> None:
    for form in ("csv", "xlsx"):
        sign_in(people.andres).post(f"/tickets/export.{form}?category=Animals")
    query = select(Event).where(Event.type == "ticket_list.exported").order_by(Event.id)
    facts = db.session().scalars(query).all()
    assert [(f.actor_name, f.data["form"], f.data["filters"]) for f in facts] == [
        ("Andres", form, {"status": "unfinished", "category": "Animals"})
        for form in ("csv", "xlsx")
    ]
    assert b"exported a list of tickets as" in sign_in(people.amihan).get("/audit").data


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_a_text_is_never_a_formula(text: str) -> None:
    piece = list(csv_pieces(["a"], [[text]]))[1]
    [[cell]] = csv.reader(io.StringIO(piece, newline=""))
    assert cell == f"'{text}"
    assert plain(cell) == text


def test_a_number_stays_a_number_and_a_time_follows_the_zone(people: SimpleNamespace) -> None:
    piece = list(csv_pieces(["a", "b"], [[-3, TIME]], zone=people.andres.zone))[1]
    assert piece == "-3,2026-11-28T09:30:00+08:00\r\n"


def test_a_short_sheet_comes_at_once(sign_in: Any, people: SimpleNamespace) -> None:
    ticket = make_ticket(title="=HYPERLINK(1)")
    headings, row = _sheet(sign_in(people.andres).post("/tickets/export.xlsx").data)
    told = dict(zip(headings, row, strict=True))
    assert (told["reference"], told["title"]) == (ticket.ref, "=HYPERLINK(1)")
    local = ticket.created_at.astimezone(people.andres.zone).replace(tzinfo=None, microsecond=0)
    assert abs((told["created_at"] - local).total_seconds()) <= 1


def test_a_long_sheet_is_written_in_the_background_and_fetched(
    sign_in: Any, people: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "AT_ONCE", 2)
    make_pulled(3)
    agent = sign_in(people.andres)
    page = agent.post("/tickets/export.xlsx").location
    assert "Waiting for a worker" in agent.get(page).get_data(as_text=True)
    assert agent.get(page + "/tickets.xlsx").status_code == 404

    tasks.write_export(_export().id)
    assert "The sheet is ready: 3 tickets" in agent.get(page).get_data(as_text=True)
    assert len(_sheet(agent.get(page + "/tickets.xlsx").data)) == 4
    assert sign_in(people.amihan).get(page + "/tickets.xlsx").status_code == 404

    tasks.write_export(_export().id)  # a second nudge changes nothing
    assert _export().attempt == 1


def test_what_a_dead_worker_left_is_written_anew_and_only_the_last_one_counts(
    people: SimpleNamespace, time_machine: Any
) -> None:
    make_pulled(3)
    with db.transaction():
        export_id = actions.begin_export({}, user=people.andres).id
    with db.transaction():
        assert actions.take_export(export_id)
    with db.transaction():
        assert actions.take_export(export_id) is None  # somebody is at it
    time_machine.move_to(datetime.now(UTC) + actions.KEPT / 100)
    tasks.write_export(export_id)
    assert (_export().state, _export().attempt, _export().done) == (actions.DONE, 2, 3)
    with db.transaction():
        assert not actions.tell_export(export_id, 1, done=1)


def test_sheets_are_forgotten_after_a_week(people: SimpleNamespace, time_machine: Any) -> None:
    with db.transaction():
        export_id = actions.begin_export({}, user=people.andres).id
    tasks.write_export(export_id)
    file = queries.export_file(_export())
    assert file.exists()
    time_machine.move_to(datetime.now(UTC) + actions.KEPT * 2)
    assert tasks.prune() == {"exports": 1}
    assert not file.exists()


def test_who_may_not_see_tickets_takes_none_away(sign_in: Any, people: SimpleNamespace) -> None:
    for form in ("csv", "xlsx"):
        assert sign_in(people.nadia).post(f"/tickets/export.{form}").status_code == 403


def _first() -> Any:
    from webapp.tickets.models import Ticket

    return db.session().scalars(select(Ticket).order_by(Ticket.id)).first()


def _export() -> TicketExport:
    db.session().expire_all()
    return db.session().scalars(select(TicketExport)).one()
