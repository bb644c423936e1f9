"""Both sides changed the items of a bulletin, and a person is asked: what counts is taken as it is, not as a text."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fakes.upstreams import Server, tuniclaim_server
from tests.repair.conftest import conflicts, rows, who_decides
from tests.sync.conftest import AMIHAN
from webapp.claims.models import Bulletin, BulletinItem
from webapp.core import db
from webapp.sync import subjects
from webapp.sync.models import Link

OURS = {"code": "C9", "label": "Consultation", "provider": "Dr. Ayari", "amount": "70.000"}


@pytest.fixture
def tunis() -> Iterator[Server]:
    with tuniclaim_server(bordereaux=1, bulletins=1) as server:
        yield server


@pytest.fixture
def asked(tunis: Server, connect: Any, run: Any) -> tuple[int, int]:
    """(connection's id, bulletin's id) where both sides have changed the items."""
    number = connect(tunis, kind="tuniclaim", name="TUNICLAIM", shape="contract")
    assert run(number).state == "ok"
    who_decides(number, "bulletin.items", "ask")
    run(number)
    (link,) = rows(Link, Link.kind == "bulletin")
    local_id, there_id = link.local_id, int(link.external_id)
    with db.transaction():
        local = subjects.of("bulletin").load([local_id])[local_id]
        values = {"items": [{**OURS, "reimbursed": "56.000"}]}
        subjects.of("bulletin").update(local, values, actor=AMIHAN)
    there = tunis.upstream.claims.bulletin(there_id)
    items = [{**item, "reimbursed": "1.005"} for item in there["items"]]
    tunis.upstream.claims.edit_bulletin(there["id"], items=items)
    run(number)
    assert [(row.field, row.decision) for row in conflicts()] == [("items", "")]
    return int(number), local_id


def seen(row: Any) -> dict[str, str]:
    """What the form sends along, as the page had it."""
    return {"ours": str(row.local), "theirs": str(row.upstream)}


def test_the_page_shows_both_lists_of_items(admin: FlaskClient, asked: tuple[int, int]) -> None:
    page = admin.get(f"/connections/{asked[0]}/problems").text
    assert "C9 · Consultation · Dr. Ayari · 70.000 · 56.000" in page
    assert "1.005" in page


def test_theirs_is_taken_item_by_item(
    admin: FlaskClient, tunis: Server, asked: tuple[int, int], run: Any
) -> None:
    connection_id, bulletin_id = asked
    (row,) = conflicts()
    where = f"/connections/{connection_id}/conflicts/{row.id}"
    stale = {**seen(row), "theirs": "[]"}
    assert admin.post(where, data={"keep": "upstream", **stale}).status_code == 409

    assert admin.post(where, data={"keep": "upstream", **seen(row)}).status_code == 303

    items = rows(BulletinItem, BulletinItem.bulletin_id == bulletin_id)
    assert {item.reimbursed for item in items} == {Decimal("1.005")}
    (bulletin,) = rows(Bulletin, Bulletin.id == bulletin_id)
    assert bulletin.payable == len(items) * Decimal("1.005")
    (link,) = rows(Link, Link.kind == "bulletin")
    assert link.base["items"] == row.upstream
    assert isinstance(row.upstream, list)
    before = link.applied_fetch_seq
    tunis.upstream.claims.edit_bulletin(int(link.external_id), member={"lastName": "Other"})
    run(connection_id)
    assert rows(Link, Link.kind == "bulletin")[0].applied_fetch_seq > before
    assert len(conflicts()) == 1, "decided once"


def test_ours_is_kept_and_theirs_is_known(
    admin: FlaskClient, asked: tuple[int, int], run: Any
) -> None:
    connection_id, bulletin_id = asked
    (row,) = conflicts()
    theirs = row.upstream
    where = f"/connections/{connection_id}/conflicts/{row.id}"

    assert admin.post(where, data={"keep": "local", **seen(row)}).status_code == 303
    run(connection_id)

    (item,) = rows(BulletinItem, BulletinItem.bulletin_id == bulletin_id)
    assert (item.code, item.reimbursed) == ("C9", Decimal("56.000"))
    (link,) = rows(Link, Link.kind == "bulletin")
    assert link.base["items"] == theirs
    assert [each.decision for each in conflicts()] == ["local"]
