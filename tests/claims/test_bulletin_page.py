"""The page of a bulletin: what it shows, what may be decided, notes and files."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.claims.make import (
    live_payment,
    make_bordereau,
    make_bulletin,
    make_bulletins,
    person,
    validate,
)
from tests.claims.test_bordereaux import words
from tests.counting import selects
from tests.tickets.make import photo
from webapp.claims.models import Bordereau, Bulletin, BulletinFile, BulletinNote
from webapp.claims.states import BULLETIN_MOVES, BULLETIN_STATUSES
from webapp.core import db
from webapp.events.models import Event

HTMX = {"HX-Request": "true"}


def path(bulletin: Bulletin, *rest: str) -> str:
    return "/".join([f"/claims/bulletins/{bulletin.id}", *rest])


def now(bulletin: Bulletin) -> Bulletin:
    return db.session().get_one(Bulletin, bulletin.id, populate_existing=True)


def move(client: FlaskClient, bulletin: Bulletin, status: str, **more: Any) -> TestResponse:
    headers = more.pop("headers", {})
    data = {"status": status, "seen": bulletin.seen, **more}
    return client.post(path(bulletin, "status"), data=data, headers=headers)


def brought_to(status: str, **fields: Any) -> Bulletin:
    return make_bulletin(status=status, **fields)


def test_it_shows_whose_care_it_was_and_each_item(andres: FlaskClient) -> None:
    bulletin = make_bulletin(
        total="100.500",
        beneficiary_born_on="2015-03-01",
        items=[
            {"code": "C2", "label": "استشارة طبية", "provider": "Dr Ben Ali", "amount": "80.500", "reimbursed": "60.000"},
            {"code": "PH", "label": "<b>Pharmacie</b>", "provider": "", "amount": "20.000", "reimbursed": "0.000"},
        ],
    )  # fmt: skip
    page = andres.get(path(bulletin)).text
    shown = words(page)
    for piece in (bulletin.number, bulletin.member_number, "Ben Salah Amira", "يوسف", "child", "20 Oct 2026", "1 Mar 2015", "استشارة طبية", "Dr Ben Ali", "80.500", "&lt;b&gt;Pharmacie&lt;/b&gt;"):  # fmt: skip
        assert piece in shown
    assert "Items together 100.500 60.000" in shown
    assert "do not add up" not in shown
    assert "<bdi>استشارة طبية</bdi>" in page


@pytest.mark.parametrize(
    ("total", "said"),
    [("81.000", "0.500 TND too much"), ("80.499", "0.001 TND too little")],
)
def test_items_that_do_not_add_up_are_told_in_figures(
    andres: FlaskClient, total: str, said: str
) -> None:
    shown = words(andres.get(path(make_bulletin(total=total))).text)
    assert "The items do not add up" in shown
    assert f"The total says {total} TND, the items add up to 80.500 TND: {said}" in shown


def test_a_care_date_outside_the_contract_is_flagged(andres: FlaskClient) -> None:
    shown = words(andres.get(path(make_bulletin(care_date="2025-12-31"))).text)
    assert "Contract not in force" in shown
    assert "outside the contract" in shown
    assert "Contract not in force" not in words(andres.get(path(make_bulletin())).text)


def test_both_of_a_pair_are_flagged(andres: FlaskClient) -> None:
    first, second = make_bulletin(number="BS-7"), make_bulletin(number="bs 7")
    for each in (first, second):
        assert "Duplicate to decide" in words(andres.get(path(each)).text)


def test_what_changed_after_validation_is_told_in_figures(andres: FlaskClient) -> None:
    bulletin = validate(make_bulletin(), by=person("Andres"))
    with db.transaction() as session:
        session.get_one(Bulletin, bulletin.id).payable = Decimal("12.345")
    shown = words(andres.get(path(bulletin)).text)
    assert "Changed since validation" in shown
    assert "Paid back was 60.000 TND , now it is 12.345 TND" in shown


@pytest.mark.parametrize("old", BULLETIN_STATUSES)
@pytest.mark.parametrize("new", ["received", "in_progress", "validated", "rejected"])
def test_each_move_is_offered_and_taken_where_it_is_drawn_and_nowhere_else(
    andres: FlaskClient, old: str, new: str
) -> None:
    bulletin = brought_to(old)
    offered = f'name="status" value="{new}"' in andres.get(path(bulletin)).text
    answer = move(andres, bulletin, new, amount="10.000", reason="late")
    allowed = new in BULLETIN_MOVES[old]
    assert offered == allowed
    expected = 303 if allowed or old == new else 409
    assert (answer.status_code, now(bulletin).status) == (expected, new if allowed else old)


@pytest.mark.parametrize(
    ("name", "code"), [("amihan", 303), ("andres", 303), ("fina", 403), ("nadia", 403)]
)
def test_who_may_decide(request: pytest.FixtureRequest, name: str, code: int) -> None:
    client: FlaskClient = request.getfixturevalue(name)
    bulletin = brought_to("in_progress")
    if code == 403 and name == "fina":
        page = client.get(path(bulletin)).text
        assert 'name="status"' not in page
        assert "composer-body" not in page
    assert move(client, bulletin, "validated", amount="60.000").status_code == code
    assert client.post(path(bulletin, "notes"), data={"body": "Hm."}).status_code == code
    assert now(bulletin).status == ("validated" if code == 303 else "in_progress")


def test_an_agents_round_is_kept_and_told(andres: FlaskClient) -> None:
    bulletin = make_bulletin()
    assert move(andres, bulletin, "in_progress").status_code == 303
    page = andres.get(path(bulletin)).text
    assert 'value="60.000"' in page  # what is paid back stands in the field
    assert move(andres, now(bulletin), "validated", amount="55.125").status_code == 303
    row = now(bulletin)
    assert (row.status, row.validated_amount, row.validated_by_id, row.status_is_ours) == (
        "validated",
        Decimal("55.125"),
        person("Andres").id,
        True,
    )
    shown = words(andres.get(path(bulletin)).text)
    assert "55.125 TND" in shown
    assert "Validated by Andres" in shown
    facts = db.session().scalars(
        select(Event).where(Event.type == "bulletin.status_changed").order_by(Event.id)
    )
    assert [(f.data["old"], f.data["new"], f.data["amount"]) for f in facts] == [
        ("received", "in_progress", ""),
        ("in_progress", "validated", "55.125"),
    ]
    assert db.session().get_one(Bordereau, row.bordereau_id).status == "validated"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "more than nought"),
        ("0", "more than nought"),
        ("-5", "more than nought"),
        ("80.501", "more than the bulletin&#39;s total"),
        ("1.2345", "at most three decimals"),
        ("60,5", "after a point"),
        ("1e1", ""),
        ("NaN", "after a point"),
        ("lots", "after a point"),
    ],
)
def test_an_amount_that_cannot_be_is_told_and_stays_typed(
    andres: FlaskClient, typed: str, why: str
) -> None:
    bulletin = brought_to("in_progress")
    answer = move(andres, bulletin, "validated", amount=typed)
    if not why:
        assert now(bulletin).validated_amount == Decimal(typed)
        return
    assert answer.status_code == 422
    assert why in answer.text
    assert f'value="{typed}"' in answer.text
    assert now(bulletin).status == "in_progress"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("80.500", "80.500"), ("0.001", "0.001"), (" 60 ", "60"), ("60.50", "60.5")],
)
def test_an_amount_is_kept_exactly(andres: FlaskClient, typed: str, kept: str) -> None:
    bulletin = brought_to("in_progress")
    assert move(andres, bulletin, "validated", amount=typed).status_code == 303
    assert now(bulletin).validated_amount == Decimal(kept)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ({}, "Choose why it is rejected"),
        ({"reason": "because"}, "Choose why it is rejected"),
        ({"reason": "other"}, "none of the listed reasons"),
    ],
)
def test_a_rejection_needs_a_reason(andres: FlaskClient, typed: dict[str, str], why: str) -> None:
    bulletin = brought_to("in_progress")
    answer = move(andres, bulletin, "rejected", **typed)
    assert answer.status_code == 422
    assert why in answer.text
    assert now(bulletin).status == "in_progress"


def test_a_rejection_is_kept_with_its_words_and_taken_back_whole(andres: FlaskClient) -> None:
    bulletin = brought_to("in_progress")
    move(andres, bulletin, "rejected", reason="other", text="الوثيقة غير مقروءة")
    row = now(bulletin)
    assert (row.rejection_code, row.rejection_text) == ("other", "الوثيقة غير مقروءة")
    page = andres.get(path(bulletin)).text
    assert '<span class="prewrap rejection" dir="auto">الوثيقة غير مقروءة</span>' in page
    assert "Another reason" in words(page)
    move(andres, row, "in_progress")
    assert (now(bulletin).rejection_code, now(bulletin).rejection_text) == ("", "")


def test_who_decides_on_what_changed_meanwhile_is_told_and_keeps_what_they_typed(
    andres: FlaskClient, amihan: FlaskClient
) -> None:
    bulletin = brought_to("in_progress")
    seen = bulletin.seen
    move(amihan, bulletin, "rejected", reason="late")
    stale = {"seen": seen, "reason": "other", "text": "My long words."}
    answer = move(andres, bulletin, "rejected", **stale)
    assert answer.status_code == 409
    assert "it is “Rejected” now, with a total of 80.500" in answer.text
    assert "My long words." in answer.text
    assert now(bulletin).rejection_code == "late"
    answer = move(andres, bulletin, "rejected", headers=HTMX, **stale)
    assert answer.status_code == 422
    assert f'hx-target="#bulletin-{bulletin.id}-decision"' in answer.text
    assert "My long words." in answer.text


def test_an_amount_that_changed_meanwhile_is_not_validated_unseen(andres: FlaskClient) -> None:
    bulletin = brought_to("in_progress")
    seen = bulletin.seen
    with db.transaction() as session:
        session.get_one(Bulletin, bulletin.id).payable = Decimal("5.000")
    answer = move(andres, bulletin, "validated", seen=seen, amount="60.000")
    assert answer.status_code == 409
    assert "5.000 to be paid back" in answer.text
    assert 'value="60.000"' in answer.text
    assert now(bulletin).status == "in_progress"


@pytest.mark.parametrize(
    ("state", "held"),
    [("pending", True), ("scheduled", True), ("processing", True), ("rejected", False)],
)
def test_what_is_in_a_payment_is_not_moved(andres: FlaskClient, state: str, held: bool) -> None:
    bulletin = validate(make_bulletin(), by=person("Andres"))
    payment = live_payment(bulletin, state=state)
    page = andres.get(path(bulletin)).text
    assert payment.batch.ref in page
    assert ('name="status" value="in_progress"' in page) != held
    answer = move(andres, bulletin, "in_progress")
    assert answer.status_code == (409 if held else 303)
    assert ("Take it out of the payment first" in answer.text) == held
    assert now(bulletin).status == ("validated" if held else "in_progress")


def test_a_note_is_kept_once_and_shown(andres: FlaskClient, fina: FlaskClient) -> None:
    bulletin = make_bulletin()
    data = {"body": "Appeler l'adhérent.\nDemain.", "submission_key": "k" * 20}
    for _ in range(2):
        assert andres.post(path(bulletin, "notes"), data=data).status_code == 303
    assert db.session().scalar(select(func.count()).select_from(BulletinNote)) == 1
    assert "Appeler l&#39;adhérent." in fina.get(path(bulletin)).text
    other = make_bulletin()
    assert andres.post(path(other, "notes"), data=data).status_code == 409


def test_an_empty_note_is_asked_again(andres: FlaskClient) -> None:
    bulletin = make_bulletin()
    answer = andres.post(path(bulletin, "notes"), data={"body": "  "})
    assert answer.status_code == 422
    assert "Write a note or choose a file first" in answer.text


def test_a_note_with_a_bad_file_loses_neither_words_nor_good_files(andres: FlaskClient) -> None:
    bulletin = make_bulletin()
    files = [(io.BytesIO(photo()), "scan.jpg"), (io.BytesIO(b"MZ"), "virus.pdf")]
    data = {"body": "See these.", "photos": files}
    answer = andres.post(path(bulletin, "notes"), data=data)
    assert answer.status_code == 422
    assert "See these." in answer.text
    assert "is no photo" in answer.text
    [kept] = re.findall(r'name="kept" value="([^"]+)"', answer.text)
    data = {"body": "See these.", "kept": kept}
    assert andres.post(path(bulletin, "notes"), data=data).status_code == 303
    assert db.session().scalar(select(func.count()).select_from(BulletinFile)) == 1


def test_a_file_is_kept_once_and_given_to_those_who_may_see_it(
    andres: FlaskClient, fina: FlaskClient, nadia: FlaskClient
) -> None:
    bulletin = make_bulletin()
    for _ in range(2):
        files = [(io.BytesIO(photo()), "scan.jpg"), (io.BytesIO(b"%PDF-1.7 x"), "ordonnance.pdf")]
        answer = andres.post(path(bulletin, "notes"), data={"photos": files})
        assert answer.status_code == 303
    scan, paper = db.session().scalars(select(BulletinFile).order_by(BulletinFile.id))
    answer = fina.get(path(bulletin, "files", str(paper.id)))
    assert answer.data == b"%PDF-1.7 x"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    shown = fina.get(path(bulletin, "files", f"{scan.id}?size=thumb"))
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert nadia.get(path(bulletin, "files", str(paper.id))).status_code == 403
    assert fina.get(path(make_bulletin(), "files", str(paper.id))).status_code == 404


def test_its_history_tells_both_sides(andres: FlaskClient) -> None:
    bulletin = make_bulletin()
    move(andres, bulletin, "in_progress")
    move(andres, now(bulletin), "rejected", reason="late", text="Trop tard")
    andres.post(path(bulletin, "notes"), data={"body": "x"})
    [history] = re.findall(
        r'<ol class="feed".*?</ol>', andres.get(path(bulletin)).text, flags=re.DOTALL
    )
    said = words(history)
    assert "TUNICLAIM" in said
    assert "It was handed in too late: Trop tard" in said
    assert said.index("Wrote a note") < said.index("Rejected") < said.index("Came in with")


@pytest.mark.parametrize(
    "part", ["head", "decision", "facts", "items", "notes", "payments", "history"]
)
def test_each_part_refreshes_itself(andres: FlaskClient, part: str) -> None:
    bulletin = make_bulletin()
    page = andres.get(path(bulletin)).text
    [src] = re.findall(f'data-live-src="([^"]+/part/{part})"', page)
    assert f'id="bulletin-{bulletin.id}-{part}"' in andres.get(src).text


def test_a_page_full_of_everything_takes_few_queries(andres: FlaskClient) -> None:
    bulletin = validate(make_bulletin(number="BS-7"), by=person("Andres"))
    make_bulletin(number="BS 7")
    for n in range(12):
        andres.post(path(bulletin, "notes"), data={"body": f"Note {n}"})
    live_payment(bulletin)
    with selects() as asked:
        assert andres.get(path(bulletin)).status_code == 200
    assert len(asked) <= 12, asked


@pytest.mark.parametrize("rest", [(), ("part", "head"), ("files", "1")])
def test_who_may_see_nothing_is_refused(nadia: FlaskClient, rest: tuple[str, ...]) -> None:
    assert nadia.get(path(make_bulletin(), *rest)).status_code == 403


def test_two_who_decide_the_last_two_leave_the_bordereau_decided(
    andres: FlaskClient, amihan: FlaskClient
) -> None:
    bordereau = make_bordereau()
    first, second = make_bulletins(2, bordereau, status="in_progress")
    move(andres, first, "validated", amount="60.000")
    move(amihan, second, "rejected", reason="late")
    assert db.session().get_one(Bordereau, bordereau.id).status == "validated"


def test_the_trail_leads_to_it(amihan: FlaskClient) -> None:
    bulletin = make_bulletin()
    move(amihan, bulletin, "in_progress")
    trail = amihan.get("/audit?subject=bulletin").text
    assert f"href='{path(bulletin)}'" in trail
    assert f"href='/claims/bordereaux/{bulletin.bordereau_id}'" in amihan.get("/audit").text
