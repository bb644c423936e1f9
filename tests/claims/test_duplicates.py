"""T3: what may be one claim twice is shown side by side, and not paid until somebody with the right has decided."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.claims import make
from webapp.claims import queries
from webapp.claims.actions import decide_duplicate
from webapp.claims.models import Bulletin, DuplicatePair
from webapp.claims.payability import obstacles
from webapp.core import db
from webapp.core.errors import Conflict
from webapp.events.models import Event

pytestmark = pytest.mark.usefixtures("people")


@pytest.fixture
def pair() -> DuplicatePair:
    care = {"member_number": "M-1", "care_date": "2026-10-20", "total": "80.500"}
    make.make_bulletin(number="BS-1", **care)
    make.make_bulletin(number="BS-2", member_name="Ben Salah", **care)
    return db.session().scalars(select(DuplicatePair)).one()


def what_stops(bulletin: Bulletin) -> list[str]:
    found = db.session().get_one(Bulletin, bulletin.id, populate_existing=True)
    standing = queries.standing_of([found])[found.id]
    return obstacles(standing, payer_id=None, four_eyes=True)


def decide(client: FlaskClient, pair: DuplicatePair, decision: str, seen: str = "") -> int:
    data = {"decision": decision, "note": "looked at both papers", "seen": seen}
    return client.post(f"/claims/duplicates/{pair.id}", data=data).status_code


def test_both_stand_side_by_side_and_what_differs_is_marked(
    fina: FlaskClient, pair: DuplicatePair
) -> None:
    assert b"BS-1" in fina.get("/claims/duplicates").data
    page = fina.get(f"/claims/duplicates/{pair.id}").get_data(as_text=True)
    assert page.index("BS-1") < page.index("BS-2")
    assert "differs" in page
    assert "same member, care date, provider and amount" in page


def test_neither_can_be_paid_until_it_is_decided(pair: DuplicatePair) -> None:
    for bulletin in (pair.first, pair.second):
        make.validate(bulletin, by=make.person("Andres"))
        assert what_stops(bulletin) == ["duplicate_open"]


def test_two_different_claims_may_both_be_paid(fina: FlaskClient, pair: DuplicatePair) -> None:
    for bulletin in (pair.first, pair.second):
        make.validate(bulletin, by=make.person("Andres"))
    assert decide(fina, pair, "different") == 303
    assert [what_stops(each) for each in (pair.first, pair.second)] == [[], []]


def test_the_duplicate_can_never_be_paid_and_both_histories_tell_it(
    fina: FlaskClient, pair: DuplicatePair
) -> None:
    for bulletin in (pair.first, pair.second):
        make.validate(bulletin, by=make.person("Andres"))
    assert decide(fina, pair, "second") == 303
    assert [what_stops(each) for each in (pair.first, pair.second)] == [[], ["duplicate"]]
    told = (
        db.session()
        .scalars(select(Event).where(Event.type == "bulletin.duplicate_decided").order_by(Event.id))
        .all()
    )
    assert [(e.subject_id, e.data["decision"]) for e in told] == [
        (pair.first_id, "other"),
        (pair.second_id, "self"),
    ]
    assert told[0].data["note"] == "looked at both papers"
    assert b"looked at both papers" in fina.get(f"/claims/duplicates/{pair.id}").data


def test_a_decision_can_be_changed_but_only_by_somebody_who_has_seen_it(
    fina: FlaskClient, amihan: FlaskClient, pair: DuplicatePair
) -> None:
    assert decide(fina, pair, "second") == 303
    assert decide(amihan, pair, "different", seen="") == 409
    assert decide(amihan, pair, "different", seen="second") == 303
    assert (
        db.session().get_one(DuplicatePair, pair.id, populate_existing=True).decision == "different"
    )


def test_what_is_in_a_payment_cannot_become_a_duplicate(pair: DuplicatePair) -> None:
    make.live_payment(pair.second)
    with pytest.raises(Conflict, match="in a payment"), db.transaction():
        decide_duplicate(pair, decision="second", actor=make.person("Fina"))


def test_agents_see_it_and_do_not_decide_it_and_others_see_nothing(
    andres: FlaskClient, nadia: FlaskClient, pair: DuplicatePair
) -> None:
    page = andres.get(f"/claims/duplicates/{pair.id}")
    assert b"Finance decides" in page.data
    assert decide(andres, pair, "different") == 403
    for address in (
        "/claims/duplicates",
        f"/claims/duplicates/{pair.id}",
        f"/claims/bulletins/{pair.first_id}/duplicates",
    ):
        assert nadia.get(address).status_code == 403


def test_a_decision_that_is_none_is_refused_with_what_to_do(
    fina: FlaskClient, pair: DuplicatePair
) -> None:
    answer = fina.post(f"/claims/duplicates/{pair.id}", data={"decision": "maybe", "seen": ""})
    assert answer.status_code == 422
    assert b"choose one of the list" in answer.data
    assert fina.get("/claims/duplicates/999999").status_code == 404


def test_the_bulletins_page_gets_its_pairs_as_a_fragment(
    fina: FlaskClient, pair: DuplicatePair
) -> None:
    part = fina.get(f"/claims/bulletins/{pair.first_id}/duplicates").get_data(as_text=True)
    assert part.count("<div id=") == 1
    assert "BS-2" in part


def test_the_list_of_many_asks_the_database_little_and_goes_on(fina: FlaskClient) -> None:
    make.make_bulletins(25, member_number="M-7")
    first = fina.get("/claims/duplicates").get_data(as_text=True)
    assert first.count("data-live-row") == 20
    assert "before=" in first
