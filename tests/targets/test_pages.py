"""Targets, hours and reports in the browser: who may, what is refused, what the figures say."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.targets.test_times import HOUR, aim, come, do, of, office
from webapp.accounts.models import User
from webapp.core import db
from webapp.outbox.models import Delivery
from webapp.targets import tasks
from webapp.targets.models import Calendar, ReportMail, Target
from webapp.tickets import actions as tickets

SignIn = Callable[[User], FlaskClient]
TARGET = {
    "name": "All",
    "first_response": "4 h",
    "resolution": "2 d",
    "warn_minutes": "30 min",
    "active": "1",
}
WEEK = {"name": "Office", "timezone": "Asia/Manila", "mon": "08:00-12:00, 13:00-17:00"}


@pytest.mark.parametrize("name", ["andres", "fina", "felix", "rosa"])
@pytest.mark.parametrize(
    "address", ["/settings/targets", "/settings/targets/new", "/settings/calendars/new"]
)
def test_only_who_runs_the_desk_sets_targets(
    people: SimpleNamespace, sign_in: SignIn, name: str, address: str
) -> None:
    assert sign_in(getattr(people, name)).get(address).status_code in (403, 404)


def test_a_target_is_made_changed_and_deleted(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amihan)
    assert client.post("/settings/targets/new", data=TARGET).status_code == 303
    [target] = db.session().scalars(select(Target))
    assert (target.first_response, target.resolution, target.warn_minutes) == (240, 2880, 30)
    page = client.get(f"/settings/targets/{target.id}").text
    assert 'value="4 h"' in page
    assert 'value="2 d"' in page
    client.post(f"/settings/targets/{target.id}", data={**TARGET, "resolution": "90"})
    db.session().rollback()
    assert db.session().get_one(Target, target.id, populate_existing=True).resolution == 90
    assert client.post(f"/settings/targets/{target.id}/delete").status_code == 303
    db.session().rollback()
    assert db.session().scalars(select(Target)).all() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_response": "", "resolution": ""},
        {"first_response": "soon"},
        {"resolution": "-5"},
        {"priority": "9"},
        {"name": ""},
        {"resolution": "nan"},
        {"resolution": "1e9 d"},
    ],
)
def test_what_makes_no_sense_comes_back_with_what_was_typed(
    people: SimpleNamespace, sign_in: SignIn, wrong: dict[str, str]
) -> None:
    answer = sign_in(people.amihan).post("/settings/targets/new", data={**TARGET, **wrong})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert db.session().scalars(select(Target)).all() == []


def test_hours_and_days_off(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.amihan)
    client.post("/settings/calendars/new", data=WEEK)
    [calendar] = db.session().scalars(select(Calendar))
    address = f"/settings/calendars/{calendar.id}"
    file = (
        io.BytesIO(
            b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\nSUMMARY:Bonifacio\nEND:VEVENT\n"
        ),
        "x.ics",
    )
    client.post(f"{address}/holidays", data={"file": file})
    client.post(f"{address}/holidays", data={"day": "2026-12-30", "holiday": "Rizal Day"})
    page = client.get(address).text
    assert "Bonifacio" in page
    assert "Rizal Day" in page
    assert client.post(f"{address}/holidays/2026-12-25/remove").status_code == 303
    assert "Bonifacio" not in client.get(address).text
    bad = client.post(f"{address}/holidays", data={"file": (io.BytesIO(b"<html>"), "x.ics")})
    assert bad.status_code == 422
    assert "no calendar file" in bad.text
    assert client.post(address, data={**WEEK, "tue": "17-8"}).status_code == 422


def test_hours_that_a_target_counts_by_cannot_be_deleted(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    calendar_id = office(people)
    aim(people, calendar_id=calendar_id)
    answer = sign_in(people.amihan).post(f"/settings/calendars/{calendar_id}/delete")
    assert answer.status_code == 409
    assert "counts by it" in answer.text


def test_the_ticket_and_the_list_show_what_is_due(people: SimpleNamespace, sign_in: SignIn) -> None:
    aim(people)
    ticket = of(come())
    client = sign_in(people.andres)
    assert f"/tickets/times/{ticket.id}" in client.get(f"/tickets/{ticket.ref}").text
    part = client.get(f"/tickets/times/{ticket.id}")
    assert "By the target “All”" in part.text
    assert "Answer due" in client.get("/tickets").text
    client.post(f"/tickets/times/{ticket.id}/waiting", data={"waiting": "yes"})
    assert "Waiting for the reporter" in client.get(f"/tickets/times/{ticket.id}").text
    client.post(f"/tickets/times/{ticket.id}/waiting", data={"waiting": "no"})
    assert of(ticket.id).paused_since is None
    assert sign_in(people.fina).post(f"/tickets/times/{ticket.id}/waiting").status_code == 403
    assert sign_in(people.felix).get(f"/tickets/times/{ticket.id}").status_code in (403, 404)


def figures(client: FlaskClient, **args: str) -> dict[str, list[str]]:
    page = client.get("/reports", query_string=args).text
    rows = re.findall(
        r'<th scope="row" class="table__main"><a[^>]*>([^<]*)</a></th>(.*?)</tr>', page, re.S
    )
    plain = lambda cell: " ".join(re.sub(r"<[^>]+>", " ", cell).split())  # noqa: E731
    return {
        name: [plain(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.S)]
        for name, row in rows
    }


def test_a_report_counts_what_came_and_how_long_it_took(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    start = datetime.now(UTC) - timedelta(days=3)
    aim(people)
    with time_machine.travel(start, tick=False) as travel:
        ids = [come(category="Light") for _ in range(4)] + [come(category="Road")]
        for hours, ticket_id in zip((1, 1, 8), ids, strict=False):
            travel.shift(hours * HOUR)
            do(ticket_id, tickets.respond, body="Done.", actor=people.andres.actor)
            do(ticket_id, tickets.change_status, status="resolved", actor=people.andres.actor)
    found = figures(sign_in(people.andres))
    came, finished, unfinished, answer, answered, solution, solved = found["Light"]
    assert (came, finished, unfinished) == ("4", "3", "1")
    # On average a bit less than a day: 1, 2 and 10 hours, and three days so far. Then the median, and nine of ten.
    assert re.match(r"(18|19|20|21) h \d+ min 2 h 0 min / (2|3) d", answer), answer
    assert "2 h 0 min /" in solution
    assert (answered, solved) == (
        "25 %",
        "50 %",
    )  # 1 of 4 answered within 1 h; 2 of 4 solved within 8 h
    assert found["Road"][:3] == ["1", "0", "1"]


def test_every_figure_opens_the_list_that_it_counts(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    aim(people)
    with time_machine.travel(datetime.now(UTC) - timedelta(days=3), tick=False) as travel:
        come(category="Light", barangay="Abella")
        travel.shift(2 * HOUR)
        bare = come()
        do(bare, tickets.respond, body="Done.", actor=people.andres.actor)
        do(bare, tickets.change_status, status="resolved", actor=people.andres.actor)
    client = sign_in(people.andres)
    for group in ("category", "barangay", "team", "agent", "source", "priority"):
        page = client.get("/reports", query_string={"group": group}).text
        found = re.findall(r'<a href="(/tickets\?[^"]+)"[^>]*>(\d+)</a>', page)
        assert len(found) >= 3, group
        for address, number in found:
            rows = client.get(html.unescape(address)).text.count("data-live-row")
            assert rows == int(number), (group, address)
    late = re.findall(r'<a href="([^"]+late=answer[^"]*)"', page)
    assert late
    listed = client.get(html.unescape(late[0])).text
    assert listed.count("data-live-row") == 1
    assert "Late with" in listed
    everything = client.get("/tickets/filters?category=(none)").text
    assert 'value="(none)" selected' in everything


@pytest.mark.parametrize(
    "group", ["category", "barangay", "team", "agent", "source", "priority", "x"]
)
@pytest.mark.parametrize("days", ["7", "365", "0", "x"])
def test_every_way_to_ask_is_answered(
    people: SimpleNamespace, sign_in: SignIn, group: str, days: str
) -> None:
    ticket_id = come(category="Light", barangay="Abella")
    do(ticket_id, tickets.assign, assignee=people.andres, actor=people.amihan.actor)
    client = sign_in(people.fina)
    assert client.get("/reports", query_string={"group": group, "days": days}).status_code == 200
    assert len(figures(client, group=group, days=days)) == 1
    odd = {"from": "2026-13-01", "to": "yesterday", "group": group}
    assert client.get("/reports", query_string=odd).status_code == 200


def test_a_report_comes_by_mail_when_it_is_due(people: SimpleNamespace, sign_in: SignIn) -> None:
    come(category="Light")
    client = sign_in(people.andres)
    client.post("/reports/mail", data={"every": "week", "days": "7", "group": "category"})
    db.session().rollback()
    [row] = db.session().scalars(select(ReportMail))
    local = row.next_at.astimezone(people.andres.zone)
    assert (local.weekday(), local.hour, local.minute) == (0, 8, 0)
    tasks.send_reports()
    assert db.session().scalars(select(Delivery)).all() == []
    with time_machine.travel(row.next_at + timedelta(minutes=1), tick=False):
        tasks.send_reports()
        tasks.send_reports()
    db.session().rollback()
    [mail] = db.session().scalars(select(Delivery).where(Delivery.kind == "agent_report"))
    assert mail.payload["to_address"] == people.andres.email
    client.post("/reports/mail", data={"every": ""})
    db.session().rollback()
    assert db.session().scalars(select(ReportMail)).all() == []


def test_who_sees_no_tickets_sees_no_reports(people: SimpleNamespace, sign_in: SignIn) -> None:
    for name in ("felix", "rosa"):
        assert sign_in(getattr(people, name)).get("/reports").status_code in (403, 404)


@pytest.mark.parametrize("typed", ["soon", "h", "-4", "inf", "nan", "1e400 h", "4 weeks", "٤ h"])
def test_what_is_no_time_is_refused_with_what_it_should_look_like(
    people: SimpleNamespace, sign_in: SignIn, typed: str
) -> None:
    wrong = {**TARGET, "first_response": typed}
    answer = sign_in(people.amihan).post("/settings/targets/new", data=wrong)
    assert answer.status_code == 422
    assert "This must be a time, such as 90 min, 4 h or 2 d." in answer.get_data(as_text=True)
