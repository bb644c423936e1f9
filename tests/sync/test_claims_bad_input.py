"""What TUNICLAIM may send wrong: each ends as a problem with a reason or as a flag on the page, and all else comes in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.counting import selects
from tests.fakes.upstreams import Server, tuniclaim_server
from webapp.claims.models import Bordereau, Bulletin, BulletinItem
from webapp.core import clock, db
from webapp.sync.models import Quarantine

ITEM = {"code": "C2", "label": "Consultation", "provider": "Dr Trabelsi"}


@pytest.fixture
def tunis() -> Iterator[Server]:
    with tuniclaim_server(bordereaux=1, bulletins=2) as server:
        yield server


@pytest.fixture
def connection_id(people: Any, tunis: Server, connect: Any) -> int:
    return int(connect(tunis, kind="tuniclaim", name="TUNICLAIM", shape="contract"))


def count(model: Any, *which: Any) -> int:
    db.session().rollback()
    return db.session().scalar(select(func.count()).select_from(model).where(*which)) or 0


def item(amount: str, reimbursed: str) -> dict[str, Any]:
    return {**ITEM, "amount": amount, "reimbursed": reimbursed}


def tomorrow() -> str:
    return (clock.now().date() + timedelta(days=2)).isoformat()


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a total below nought": ({"total": "-1.000"}, "below nought"),
    "a total with four decimals": ({"total": "1.2345"}, "total"),
    "an item below nought": ({"items": [item("-5.000", "0.000")]}, "below nought"),
    "an item with four decimals": ({"items": [item("5.0001", "1.000")]}, "items"),
    "care in the future": ({"careDate": tomorrow()}, "future"),
}


def test_each_bulletin_that_cannot_be_kept_is_a_problem_with_its_reason_and_alone(
    tunis: Server, connection_id: int, run: Any, people: Any, sign_in: Any
) -> None:
    admin = sign_in(people.amihan)
    claims = tunis.upstream.claims
    home = claims.page(since=None, number=0, size=1)[0]["id"]
    bad = {str(claims.add_bulletin(home, **fields)["id"]): why for fields, why in REFUSED.values()}

    assert run(connection_id).state == "ok"

    problems = {row.external_id: row.reason for row in db.session().scalars(select(Quarantine))}
    assert problems.keys() == bad.keys()
    for key, why in bad.items():
        assert why in problems[key], problems[key]
    assert count(Bulletin) == 2, "all others are here"
    page = admin.get(f"/connections/{connection_id}/problems").text
    assert all(key in page for key in bad)


def test_what_is_odd_but_can_be_kept_is_flagged_on_its_page(
    tunis: Server, connection_id: int, run: Any, people: Any, sign_in: Any
) -> None:
    agent = sign_in(people.andres)
    claims = tunis.upstream.claims
    home = claims.page(since=None, number=0, size=1)[0]["id"]
    odd = {
        "The items do not add up": {"total": "99.000", "items": [item("80.500", "60.000")]},
        "Contract not in force": {"careDate": "1999-05-05"},
    }
    numbers = {flag: claims.add_bulletin(home, **fields)["number"] for flag, fields in odd.items()}

    assert run(connection_id).quarantined == 0

    for flag, number in numbers.items():
        bulletin_id = db.session().scalar(select(Bulletin.id).where(Bulletin.number == number))
        assert flag in agent.get(f"/claims/bulletins/{bulletin_id}").text


def test_a_bordereau_without_a_client_waits_and_the_others_come(
    tunis: Server, connection_id: int, run: Any
) -> None:
    claims = tunis.upstream.claims
    lost = claims.add(bulletins=1, client=None)["id"]

    found = run(connection_id)

    assert (found.state, found.quarantined) == ("ok", 1)
    (row,) = db.session().scalars(select(Quarantine))
    assert (row.external_id, row.kind) == (str(lost), "bordereau")
    assert "names no client" in row.reason
    assert (count(Bordereau), count(Bulletin)) == (1, 2)


@pytest.mark.slow
def test_ten_thousand_bulletins_in_one_bordereau_take_few_queries(
    tunis: Server, connection_id: int, run: Any
) -> None:
    """So many a transaction, whatever lies in the bordereau: neither one query each nor one list of all."""
    run(connection_id)
    big = tunis.upstream.claims.add(bulletins=10_000)

    with selects() as asked:
        found = run(connection_id)

    assert (found.state, found.quarantined) == ("ok", 0)
    assert count(Bulletin) == 10_002
    assert count(BulletinItem) >= 10_000
    (row,) = db.session().scalars(select(Bordereau).where(Bordereau.reference == big["reference"]))
    assert row.bulletin_count == 10_000
    assert len(asked) < 600, len(asked)
    with selects() as again:
        assert run(connection_id).created == 0
    assert len(again) < 300, len(again)
