"""The overview: exact figures, each with the list behind it, by the viewer's own month and weeks."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from tests.claims import make
from tests.counting import selects
from webapp.claims import queries
from webapp.claims.actions import change_bulletin_status
from webapp.claims.models import Bulletin, Payment
from webapp.core import clock, db

pytestmark = pytest.mark.usefixtures("people")
D = Decimal
MANILA = ZoneInfo("Asia/Manila")


def today() -> date:
    return clock.now().astimezone(MANILA).date()


def tile(page: str, label: str) -> tuple[str, str]:
    """(address, words) of one figure."""
    found = re.search(
        rf'<a class="tile" href="([^"]*)"[^>]*>((?:(?!</a>).)*{label}.*?)</a>', page, re.S
    )
    assert found, label
    return html.unescape(found[1]), re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[2]))


def reject(bulletin: Bulletin) -> None:
    with db.transaction() as session:
        row = session.get_one(Bulletin, bulletin.id)
        for status in ("in_progress", "rejected"):
            change_bulletin_status(row, status=status, actor=make.person("Andres"))


def pay(bulletin: Bulletin, on: date) -> None:
    payment = make.live_payment(bulletin, state="paid")
    with db.transaction() as session:
        session.get_one(Payment, payment.id).paid_on = on
        session.get_one(Bulletin, bulletin.id).status = "paid"


def test_each_figure_is_exact_and_leads_to_the_list_behind_it(fina: FlaskClient) -> None:
    now, late = (
        make.make_bordereau(received_on=today()),
        make.make_bordereau(received_on="2026-01-02"),
    )
    waiting = make.make_bulletins(2, now)
    make.make_bulletin(late, items=[{"code": "C", "amount": "80.499", "reimbursed": "0.001"}])
    make.validate(make.make_bulletin(now), by=make.person("Andres"), amount="59.999")
    reject(make.make_bulletin(now))
    pay(make.make_bulletin(now), today())
    pay(make.make_bulletin(late), today().replace(day=1) - timedelta(days=1))
    page = fina.get("/claims/overview").text
    expected = {
        "Received this month": ("402.500", "5 bulletins in 1 bordereau"),
        "Waiting for a decision": ("120.001", "3 bulletins"),
        "Validated, to be paid": ("59.999", "1 bulletin"),
        "Rejected": ("80.500", "1 bulletin"),
        "Overdue": ("0.001", "1 bordereau"),
        "Paid this month": ("60.000", "1 bulletin"),
        "Duplicates to decide": ("0", ""),
        "Items do not add up": ("1", ""),
    }
    addresses = {}
    for label, words in expected.items():
        addresses[label], said = tile(page, label)
        for word in words:
            assert word in said, label
        assert fina.get(addresses[label]).status_code == 200
    waiting_list = fina.get(addresses["Waiting for a decision"]).text
    assert waiting_list.count("data-live-row") == 3
    assert all(each.number in waiting_list for each in waiting)
    assert fina.get(addresses["Items do not add up"]).text.count("data-live-row") == 1
    overdue = fina.get(addresses["Overdue"]).text
    assert late.reference in overdue
    assert now.reference not in overdue
    received = fina.get(addresses["Received this month"]).text
    assert now.reference in received
    assert late.reference not in received


def words(page: str, start: str) -> str:
    """The text of the first element that begins so."""
    at = page.index(start)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page[at : page.index("</p>", at)]))


def test_the_list_behind_each_figure_holds_exactly_what_it_counted(fina: FlaskClient) -> None:
    month = today().replace(day=1)
    now = make.make_bordereau(received_on=today())
    late = make.make_bordereau(received_on="2026-01-02")
    make.make_bulletins(2, now)
    make.make_bulletins(2, late, items=[{"code": "C", "amount": "80.499", "reimbursed": "0.001"}])
    make.validate(make.make_bulletin(now), by=make.person("Andres"), amount="59.999")
    make.validate(make.make_bulletin(late), by=make.person("Andres"))
    for bordereau in (now, late):
        reject(make.make_bulletin(bordereau))
    first, last = month, (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    for day in (first, last, first - timedelta(days=1), last + timedelta(days=1)):
        pay(make.make_bulletin(now, total="70.250"), day)
    double = {"member_number": "M-SAME", "care_date": "2026-10-21", "total": "80.500"}
    make.make_bulletins(2, late, **double)
    page = fina.get("/claims/overview").text
    sums = 'class="sums__words"'
    behind = {
        "Received this month": ('class="sums__words sums__within"', ""),
        "Waiting for a decision": (sums, "found"),
        "Validated, to be paid": (sums, "found"),
        "Rejected": (sums, "found"),
        "Overdue": (sums, "found"),
        "Paid this month": (sums, "bulletins paid"),
        "Items do not add up": (sums, "found"),
        "Duplicates to decide": ("", ""),
    }
    labels = re.findall(
        r'class="tile__label"[^>]*>\s*(?:<svg.*?</svg>)?\s*([^<]+?)\s*<', page, re.S
    )
    assert sorted(labels) == sorted(behind)
    for label, (place, noun) in behind.items():
        address, said = tile(page, label)
        listed = fina.get(address).text
        rows = listed.count("data-live-row")
        count = re.search(r"(\d+) (?:bulletin|bordereau)", said)
        number = count[1] if count else re.search(r"(\d+)", said.replace(label, ""))[1]  # type: ignore[index]
        assert int(number) > 0, label
        amounts = re.findall(r"\d[\d,]*\.\d{3}", said)
        shown = words(listed, place) if place else ""
        if noun:
            assert re.search(rf"(\d+) {noun}", shown)[1] == number, label  # type: ignore[index]
        if label == "Overdue":
            shown = words(listed, 'class="sums__words sums__within"')
        for amount in amounts:
            assert amount in shown, (label, amount, shown)
        if label == "Received this month":
            assert f"{number} bulletins" in shown
            assert f"in {rows} bordereau" in said
        elif label == "Paid this month":
            found = re.findall(r'data-label="Bulletins" class="num">(\d+)', listed)
            assert sum(map(int, found)) == int(number) == 2
        else:
            assert rows == int(number), label


def test_each_bar_leads_to_a_client_whose_bulletins_come_to_it(fina: FlaskClient) -> None:
    bordereau = make.make_bordereau(client_code="L", client_name="Large")
    make.make_bulletins(2, bordereau)
    make.validate(make.make_bulletin(bordereau), by=make.person("Andres"), amount="59.999")
    reject(make.make_bulletin(bordereau))
    page = fina.get("/claims/overview").text
    bars = page[page.index('class="bars"') :]
    assert "179.999" in bars[: bars.index("</ul>") if "</ul>" in bars else None]
    client = fina.get(f"/claims/clients/{make.client_named('L').id}").text
    table = client[client.index("Bulletins by status") :]
    rows = [row for row in table[: table.index("</table>")].split("<tr>") if "status=" in row]
    cells = {
        re.search(r"status=(\w+)", row)[1]: re.findall(r"\d+\.\d{3}", row)  # type: ignore[index]
        for row in rows
    }
    waiting = sum(D(cells[status][1]) for status in ("received", "in_progress") if status in cells)
    assert waiting + D(cells["validated"][2]) == D("179.999")


def test_what_waits_is_drawn_by_client_the_largest_first(fina: FlaskClient) -> None:
    make.make_bulletins(2, make.make_bordereau(client_code="S", client_name="Small"))
    make.make_bulletins(3, make.make_bordereau(client_code="L", client_name="Large"))
    page = fina.get("/claims/overview").text
    bars = page[page.index('class="bars"') :]
    assert bars.index("Large") < bars.index("180.000") < bars.index("Small") < bars.index("120.000")
    assert f"/claims/clients/{make.client_named('L').id}" in bars


def test_the_weeks_are_those_of_the_viewers_zone(fina: FlaskClient) -> None:
    monday = today() - timedelta(days=today().weekday())
    midnight = datetime.combine(monday, datetime.min.time(), MANILA).astimezone(UTC)
    bulletin = make.validate(make.make_bulletin(), by=make.person("Andres"))
    for moment, week in ((midnight, 11), (midnight - timedelta(seconds=1), 10)):
        with db.transaction() as session:
            session.get_one(Bulletin, bulletin.id).decided_at = moment
        weeks = queries.weeks_until(today(), MANILA)
        assert [n for n, each in enumerate(weeks) if each.decided] == [week]
    assert [each.start for each in weeks] == [
        monday - timedelta(weeks=n) for n in reversed(range(12))
    ]
    assert "Bulletins by week, as a table" in fina.get("/claims/overview").text


def test_received_decided_and_paid_are_counted_in_their_weeks() -> None:
    monday = today() - timedelta(days=today().weekday())
    bordereau = make.make_bordereau(received_on=monday - timedelta(weeks=2))
    first, second, third = make.make_bulletins(3, bordereau)
    make.make_bulletin(make.make_bordereau(received_on=monday - timedelta(weeks=12)))
    make.validate(first, by=make.person("Andres"))
    reject(second)
    pay(third, monday - timedelta(days=1))
    weeks = {
        each.start: (each.received, each.decided, each.paid)
        for each in queries.weeks_until(today(), MANILA)
    }
    assert weeks[monday - timedelta(weeks=2)] == (3, 0, 0)
    assert weeks[monday - timedelta(weeks=1)] == (0, 0, 1)
    assert weeks[monday] == (0, 2, 0)
    assert sum(map(sum, weeks.values())) == 6


def test_what_goes_back_to_work_is_no_longer_decided() -> None:
    bulletin = make.validate(make.make_bulletin(), by=make.person("Andres"))
    assert bulletin.decided_at is not None
    with db.transaction() as session:
        row = session.get_one(Bulletin, bulletin.id)
        change_bulletin_status(row, status="in_progress", actor=make.person("Andres"))
    assert row.decided_at is None


def test_an_empty_desk_has_noughts_and_no_errors(fina: FlaskClient) -> None:
    page = fina.get("/claims/overview").text
    assert "0.000" in tile(page, "Waiting for a decision")[1]
    assert "Nothing in this time." in page


def test_it_asks_the_database_twelve_times_at_most_and_refetches_itself(fina: FlaskClient) -> None:
    make.make_bulletins(3)
    with selects() as asked:
        page = fina.get("/claims/overview").text
    assert len(asked) <= 12 + 1, asked  # the bell of every page asks once
    assert 'data-live-gap="5000"' in page
    region = fina.get("/claims/overview/figures").text
    assert region.lstrip().startswith('<div id="claims-overview"')


def test_claims_lead_to_it_and_others_see_nothing(fina: FlaskClient, nadia: FlaskClient) -> None:
    assert fina.get("/claims").location == "/claims/overview"
    for address in ("/claims/overview", "/claims/overview/figures"):
        assert nadia.get(address).status_code == 403


def test_amounts_of_another_currency_stand_for_themselves(fina: FlaskClient) -> None:
    bulletin = make.make_bulletin()
    make.make_bulletin()
    with db.transaction() as session:
        session.get_one(Bulletin, bulletin.id).currency = "EUR"
    standing = queries.standing_now()
    assert standing.waiting.amounts == {"EUR": D("60.000"), "TND": D("60.000")}
    said = tile(fina.get("/claims/overview").text, "Waiting for a decision")[1]
    assert "60.00 EUR" in said
    assert "60.000 TND" in said
