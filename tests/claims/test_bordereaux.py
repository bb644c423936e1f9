"""The list of bordereaux, and the page of one."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.claims.make import make_bordereau, make_bulletin, make_bulletins, person, validate
from tests.counting import selects
from webapp.claims.models import Bordereau
from webapp.claims.queries.listing import ROWS
from webapp.core import clock, db
from webapp.events.models import Event

TODAY = clock.now().date()


def refs(text: str) -> list[str]:
    """The references of the list's rows, in their order."""
    return re.findall(r'href="/claims/bordereaux/\d+"><bdi>([^<]+)</bdi>', text)


def words(text: str) -> str:
    """What a person reads."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_the_last_received_stands_on_top_with_what_was_declared(andres: FlaskClient) -> None:
    make_bordereau(reference="OLD", received_on="2026-10-01", total="0.000", bulletin_count=0)
    new = make_bordereau(reference="NEW", total="161.000", bulletin_count=2)
    make_bulletins(2, new)
    page = andres.get("/claims/bordereaux?status=all").text
    assert refs(page) == ["NEW", "OLD"]
    shown = words(page)
    assert "161.000" in shown
    assert "adds up to" not in shown
    assert "Société tunisienne de l&#39;électricité et du gaz" in shown


def test_what_was_declared_and_is_not_here_is_flagged(andres: FlaskClient) -> None:
    bordereau = make_bordereau(total="100.000", bulletin_count=3)
    make_bulletin(bordereau)
    shown = words(andres.get("/claims/bordereaux").text)
    assert "1 of 3" in shown
    assert "adds up to 80.500" in shown
    page = words(andres.get(f"/claims/bordereaux/{bordereau.id}").text)
    assert "3 bulletins are declared, 1 are here" in page
    assert "100.000 TND are declared, the bulletins here add up to 80.500 TND: a difference of 19.500 TND" in page  # fmt: skip


def test_what_is_late_says_by_how_many_days(andres: FlaskClient) -> None:
    make_bordereau(reference="LATE", received_on=str(TODAY - timedelta(days=12)), payment_days=10)
    make_bordereau(reference="FINE", received_on=str(TODAY - timedelta(days=4)), payment_days=10)
    shown = words(andres.get("/claims/bordereaux").text)
    assert re.search(r"[12] days? overdue|3 days overdue", shown)
    assert re.search(r"[45] of 10 days", shown)
    assert refs(andres.get("/claims/bordereaux?overdue=1").text) == ["LATE"]


def test_a_closed_one_is_late_no_longer(andres: FlaskClient) -> None:
    row = make_bordereau(received_on="2026-01-05", payment_days=10)
    with db.transaction() as session:
        session.get_one(Bordereau, row.id).status = "closed"
    page = andres.get("/claims/bordereaux?status=all").text
    assert "overdue" not in words(page).replace("Overdue", "")
    assert refs(andres.get("/claims/bordereaux?status=all&overdue=1").text) == []


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ("status=all", ["STEG-2", "CNAM-1", "STEG-1"]),
        ("q=cnam-1", ["CNAM-1"]),
        ("q=électricité", ["STEG-2", "STEG-1"]),
        ("q=%25", []),
        ("client={cnam}", ["CNAM-1"]),
        ("source=connection:2", ["STEG-2"]),
        ("since=2026-10-02", ["STEG-2", "CNAM-1"]),
        ("until=2026-10-02", ["CNAM-1", "STEG-1"]),
        ("since=2026-10-02&until=2026-10-02", ["CNAM-1"]),
        ("since=nonsense&client=x&overdue=no&status=unheard", ["STEG-2", "CNAM-1", "STEG-1"]),
        ("status=validated", []),
        ("problems=1", ["CNAM-1"]),
    ],
)
def test_filters_narrow(andres: FlaskClient, args: str, expected: list[str]) -> None:
    make_bordereau(reference="STEG-1", received_on="2026-10-01")
    cnam = make_bordereau(
        reference="CNAM-1",
        received_on="2026-10-02",
        client_code="CNAM",
        client_name="CNAM",
        bulletin_count=7,
    )
    make_bordereau(reference="STEG-2", received_on="2026-10-03", source="connection:2")
    assert (
        refs(andres.get(f"/claims/bordereaux?{args.format(cnam=cnam.client_id)}").text) == expected
    )


@pytest.mark.parametrize(
    "problem",
    [
        {"care_date": "2025-12-31"},
        {"total": "80.499"},
        {"number": "TWICE"},
    ],
)
def test_a_bulletin_that_wants_an_eye_makes_its_bordereau_one_with_problems(
    andres: FlaskClient, problem: dict[str, str]
) -> None:
    fine, bad = make_bordereau(), make_bordereau(reference="BAD")
    make_bulletin(fine)
    make_bulletin(bad, **problem)
    if "number" in problem:
        make_bulletin(bad, **problem)
    assert refs(andres.get("/claims/bordereaux?status=all&problems=1").text) == ["BAD"]


def test_the_sum_is_of_what_is_filtered_and_exact(andres: FlaskClient) -> None:
    for total in ("0.100", "0.200", "1000000.001"):
        make_bordereau(total=total)
    make_bordereau(total="5.000", reference="OTHER")
    shown = words(andres.get("/claims/bordereaux?status=all&q=BRD").text)
    assert "3 found" in shown
    assert "Declared 1,000,000.301 TND" in shown


def test_pages_follow_each_other_without_a_gap(andres: FlaskClient) -> None:
    made = [make_bordereau(received_on="2026-11-02") for _ in range(ROWS + 5)]
    first = andres.get("/claims/bordereaux").text
    [older] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = andres.get(older.replace("&amp;", "&")).text
    seen = refs(first) + refs(second)
    assert seen == [row.reference for row in reversed(made)]
    assert 'rel="prev"' in second


def test_a_damaged_position_is_said_to_be_so(andres: FlaskClient) -> None:
    assert andres.get("/claims/bordereaux?after=@@").status_code == 422


def test_the_list_leaves_as_a_file_that_no_spreadsheet_runs(andres: FlaskClient) -> None:
    make_bordereau(reference="=1+1", total="0.100", client_name="@evil", client_code="E")
    make_bordereau(reference="KEPT OUT", received_on="2026-10-01")
    answer = andres.post("/claims/bordereaux/export?status=all&since=2026-11-01")
    assert answer.mimetype == "text/csv"
    [row] = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert (row["reference"], row["client"], row["total_declared"]) == ("'=1+1", "'@evil", "0.100")
    fact = db.session().scalars(select(Event).where(Event.type == "claim_list.exported")).one()
    assert fact.data == {"kind": "bordereaux", "filters": {"since": "2026-11-01", "status": "all"}}
    assert fact.actor_name == "Andres"


def test_a_file_holds_more_than_one_piece_of_rows(andres: FlaskClient) -> None:
    for _ in range(3):
        make_bulletins(400)
    answer = andres.post("/claims/bulletins/export?status=all")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len({row["number"] for row in rows}) == 1200


def test_the_list_takes_the_same_queries_however_many_rows(andres: FlaskClient) -> None:
    for _ in range(3):
        make_bulletin()
    andres.get("/claims/bordereaux")
    with selects() as few:
        andres.get("/claims/bordereaux")
    for _ in range(20):
        make_bulletin()
    with selects() as many:
        assert andres.get("/claims/bordereaux").status_code == 200
    assert len(few) == len(many) <= 9, many


def test_a_page_with_ten_thousand_bulletins_shows_fifty_in_their_order(andres: FlaskClient) -> None:
    bordereau = make_bordereau()
    for _ in range(10):
        made = make_bulletins(1000, bordereau)
    with selects() as asked:
        page = andres.get(f"/claims/bordereaux/{bordereau.id}").text
    assert len(asked) <= 12, asked
    assert page.count("data-live-row") == ROWS
    assert "0 of 10000" in words(page)
    end = andres.get(f"/claims/bordereaux/{bordereau.id}?after={made[-3].id}").text
    assert re.findall(r"<bdi>(BS-[^<]+)</bdi></a>", end) == [made[-2].number, made[-1].number]
    assert 'rel="next"' not in end


def test_its_page_tells_how_far_its_bulletins_are(andres: FlaskClient) -> None:
    bordereau = make_bordereau()
    done, *_rest = make_bulletins(3, bordereau)
    validate(done, by=person("Andres"))
    page = andres.get(f"/claims/bordereaux/{bordereau.id}").text
    assert '<progress class="progress__bar" value="1" max="3"' in page
    assert "1 of 3" in words(page)
    only = andres.get(f"/claims/bordereaux/{bordereau.id}?status=validated").text
    assert re.findall(r"<bdi>(BS-[^<]+)</bdi></a>", only) == [done.number]
    assert "Status, as its bulletins are" in words(page)


STEPS = [
    ("received", "scanned", "scanned"),
    ("scanned", "received", "received"),
    ("processed", "closed", "closed"),
    ("rejected", "closed", "closed"),
]


def _in(status: str) -> Bordereau:
    """A bordereau that came to `status` as bordereaux do."""
    bordereau = make_bordereau(status="scanned" if status == "scanned" else "received")
    if status in ("processed", "closed"):
        make_bulletin(bordereau, status="paid")
    if status == "rejected":
        make_bulletin(bordereau, status="rejected")
    if status == "validated":
        make_bulletin(bordereau, status="validated")
    if status == "in_progress":
        make_bulletin(bordereau, status="in_progress")
    with db.transaction() as session:
        row = session.get_one(Bordereau, bordereau.id)
        if status == "closed":
            row.status, row.closed_at = "closed", clock.now()
    assert row.status == status
    return row


def _step(client: FlaskClient, bordereau: Bordereau, step: str, **more: object) -> int:
    data = {"step": step, "seen": bordereau.status, **more}
    return client.post(f"/claims/bordereaux/{bordereau.id}/step", data=data).status_code


@pytest.mark.parametrize("status", ["received", "scanned", "in_progress", "validated", "rejected", "processed", "closed"])  # fmt: skip
@pytest.mark.parametrize("step", ["received", "scanned", "closed", "processed"])
def test_each_step_is_taken_where_it_is_drawn_and_nowhere_else(
    andres: FlaskClient, status: str, step: str
) -> None:
    drawn = {(old, wanted): new for old, wanted, new in STEPS} | {
        ("closed", "processed"): "processed"
    }
    bordereau = _in(status)
    offered = f'name="step" value="{step}"' in andres.get(f"/claims/bordereaux/{bordereau.id}").text
    code = _step(andres, bordereau, step)
    now = db.session().get_one(Bordereau, bordereau.id, populate_existing=True)
    assert offered == ((status, step) in drawn)
    assert (code, now.status) == ((303, drawn[status, step]) if offered else (409, status))
    assert (now.closed_at is not None) == (now.status == "closed")


@pytest.mark.parametrize(("name", "code"), [("amihan", 303), ("fina", 403), ("nadia", 403)])
def test_who_may_take_a_step(request: pytest.FixtureRequest, name: str, code: int) -> None:
    client: FlaskClient = request.getfixturevalue(name)
    bordereau = make_bordereau()
    assert _step(client, bordereau, "scanned") == code
    if name == "fina":
        page = client.get(f"/claims/bordereaux/{bordereau.id}").text
        assert 'name="step"' not in page


def test_a_step_on_what_changed_meanwhile_is_refused_with_what_is_true(andres: FlaskClient) -> None:
    bordereau = make_bordereau()
    data = {"step": "scanned", "seen": "in_progress"}
    answer = andres.post(f"/claims/bordereaux/{bordereau.id}/step", data=data)
    assert answer.status_code == 409
    assert "Meanwhile somebody else changed this bordereau" in answer.text
    assert "Mark as scanned" in answer.text


def test_with_htmx_the_parts_come_back(andres: FlaskClient) -> None:
    bordereau = make_bordereau()
    answer = andres.post(
        f"/claims/bordereaux/{bordereau.id}/step",
        data={"step": "scanned", "seen": bordereau.status},
        headers={"HX-Request": "true"},
    )
    assert answer.status_code == 200
    assert f'hx-target="#bordereau-{bordereau.id}-steps"' in answer.text
    assert "Not scanned after all" in answer.text


@pytest.mark.parametrize("part", ["head", "steps", "facts", "progress", "bulletins", "history"])
def test_each_part_refreshes_itself(andres: FlaskClient, part: str) -> None:
    bordereau = make_bordereau()
    page = andres.get(f"/claims/bordereaux/{bordereau.id}").text
    [src] = re.findall(f'data-live-src="([^"]+/part/{part}[^"]*)"', page)
    assert f'id="bordereau-{bordereau.id}-{part}"' in andres.get(src).text


@pytest.mark.parametrize("path", ["", "/rows", "/1", "/1/part/head"])
def test_who_may_see_nothing_is_refused(nadia: FlaskClient, path: str) -> None:
    make_bordereau()
    assert nadia.get(f"/claims/bordereaux{path}").status_code == 403


def test_what_is_not_there_is_not_found(andres: FlaskClient) -> None:
    assert andres.get("/claims/bordereaux/999").status_code == 404
    assert andres.get(f"/claims/bordereaux/{make_bordereau().id}/part/nonsense").status_code == 404
