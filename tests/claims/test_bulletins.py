"""The list of bulletins."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.claims.make import make_bordereau, make_bulletin, make_bulletins, person, validate
from tests.claims.test_bordereaux import words
from tests.counting import selects
from webapp.claims.models import Bulletin
from webapp.claims.queries.listing import ROWS
from webapp.core import db
from webapp.events.models import Event


def numbers(text: str) -> list[str]:
    return re.findall(r'href="/claims/bulletins/\d+"><bdi>([^<]+)</bdi>', text)


def test_a_row_tells_whose_claim_it_is_and_what_it_comes_to(andres: FlaskClient) -> None:
    bulletin = make_bulletin(number="BS-1", total="1234.500")
    page = andres.get("/claims/bulletins").text
    shown = words(page)
    for piece in ("BS-1", "Ben Salah Amira", bulletin.member_number, "20 Oct 2026", "1,234.500", "60.000", "Received", "Items do not add up"):  # fmt: skip
        assert piece in shown
    assert "<bdi>Ben Salah Amira</bdi>" in page


def test_arabic_names_keep_their_direction(andres: FlaskClient) -> None:
    make_bulletin(member_name="بن عمر سامي")
    assert "<bdi>بن عمر سامي</bdi>" in andres.get("/claims/bulletins").text


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ("", ["B-4", "B-1"]),
        ("status=all", ["B-4", "B-3", "B-2", "B-1"]),
        ("status=validated", ["B-2"]),
        ("status=all&q=b-2", ["B-2"]),
        ("status=all&q=M-77", ["B-3"]),
        ("status=all&q=trabelsi", ["B-3"]),
        ("status=all&q=%25", []),
        ("status=all&client={client}", ["B-4"]),
        ("status=all&bordereau={bordereau}", ["B-4"]),
        ("status=all&source=connection:2", ["B-2"]),
        ("status=all&since=2026-10-21", ["B-3"]),
        ("status=all&until=2026-10-20", ["B-4", "B-2", "B-1"]),
        ("status=all&flag=mismatch", ["B-1"]),
        ("status=all&flag=not_in_force", ["B-4"]),
        ("status=all&flag=changed", ["B-2"]),
        ("status=all&flag=duplicate", []),
        ("status=all&flag=any", ["B-4", "B-2", "B-1"]),
        ("status=all&flag=nonsense&client=x&bordereau=&since=2026-99-99", ["B-4", "B-3", "B-2", "B-1"]),
    ],
)  # fmt: skip
def test_filters_narrow(andres: FlaskClient, args: str, expected: list[str]) -> None:
    make_bulletin(number="B-1", total="81.000")
    changed = validate(make_bulletin(number="B-2", source="connection:2"), by=person("Andres"))
    make_bulletin(number="B-3", status="rejected", member_number="M-77", member_name="Trabelsi", care_date="2026-10-25")  # fmt: skip
    bordereau = make_bordereau(
        client_code="CNAM", client_name="CNAM", contract_starts_on="2026-10-21"
    )
    make_bulletin(bordereau, number="B-4")
    with db.transaction() as session:
        session.get_one(Bulletin, changed.id).payable = Decimal("1.000")
    filled = args.format(client=bordereau.client_id, bordereau=bordereau.id)
    assert numbers(andres.get(f"/claims/bulletins?{filled}").text) == expected


def test_both_of_a_pair_are_found_until_somebody_has_decided(
    andres: FlaskClient, fina: FlaskClient
) -> None:
    make_bulletin(number="BS-7"), make_bulletin(number="bs 7"), make_bulletin()
    assert numbers(andres.get("/claims/bulletins?flag=duplicate").text) == ["bs 7", "BS-7"]
    pair = re.findall(r"/claims/duplicates/(\d+)", fina.get("/claims/duplicates").text)[0]
    fina.post(f"/claims/duplicates/{pair}", data={"decision": "different", "seen": ""})
    assert numbers(andres.get("/claims/bulletins?flag=duplicate").text) == []


def test_tabs_count_what_fits_the_other_filters(andres: FlaskClient) -> None:
    make_bulletins(2)
    make_bulletin(status="paid")
    make_bulletin(status="paid", member_name="Trabelsi")
    shown = words(andres.get("/claims/bulletins?q=ben+salah").text)
    for piece in ("Open 2", "Received 2", "Paid 1", "All 3"):
        assert piece in shown


def test_sums_are_exact_and_of_what_is_filtered(andres: FlaskClient) -> None:
    make_bulletins(3, total="0.100", items=[{"amount": "0.100", "reimbursed": "0.001"}])
    validate(make_bulletin(total="9.999"), by=person("Andres"), amount="9.998")
    shown = words(andres.get("/claims/bulletins?status=all").text)
    assert "4 found · Total 10.299 TND · Payable 60.003 TND · Validated 9.998 TND" in shown
    assert "3 found · Total 0.300 TND" in words(andres.get("/claims/bulletins").text)


def test_pages_follow_each_other_without_a_gap(andres: FlaskClient) -> None:
    made = make_bulletins(ROWS + 3)  # all came at the same moment
    first = andres.get("/claims/bulletins").text
    [older] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = andres.get(older.replace("&amp;", "&")).text
    assert numbers(first) + numbers(second) == [row.number for row in reversed(made)]


def test_the_file_is_exact_and_no_spreadsheet_runs_it(fina: FlaskClient) -> None:
    make_bulletin(number="B-1", member_name="=cmd|' /C calc'!A0", total="1234567.001")
    make_bulletin(status="paid")
    answer = fina.post("/claims/bulletins/export?flag=mismatch")
    [row] = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert row["member"] == "'=cmd|' /C calc'!A0"
    assert (row["total"], row["items_total"], row["payable"]) == ("1234567.001", "80.500", "60.000")
    assert row["care_date"] == "2026-10-20"
    fact = db.session().scalars(select(Event).where(Event.type == "claim_list.exported")).one()
    assert fact.data == {"kind": "bulletins", "filters": {"flag": "mismatch"}}


def test_who_may_see_nothing_is_refused(nadia: FlaskClient) -> None:
    for path in ("/claims/bulletins", "/claims/bulletins/rows"):
        assert nadia.get(path).status_code == 403
    assert nadia.post("/claims/bulletins/export").status_code == 403
    assert nadia.post("/claims/bordereaux/export").status_code == 403


def test_the_list_takes_the_same_queries_however_many_rows(andres: FlaskClient) -> None:
    make_bulletins(3)
    andres.get("/claims/bulletins")
    with selects() as few:
        andres.get("/claims/bulletins")
    for _ in range(10):
        make_bulletins(4)
    with selects() as many:
        assert andres.get("/claims/bulletins").status_code == 200
    assert len(few) == len(many) <= 9, many


def test_an_empty_list_says_what_to_do(andres: FlaskClient) -> None:
    assert "No bulletin waits" in andres.get("/claims/bulletins").text
    assert "Nothing fits these filters" in andres.get("/claims/bulletins?q=x").text
    assert "No bordereau is open" in andres.get("/claims/bordereaux").text
