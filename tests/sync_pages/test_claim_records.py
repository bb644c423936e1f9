"""What the pages say of bordereaux and bulletins that a TUNICLAIM has as well, and what people decide there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.fakes.upstreams import Server, tuniclaim_server
from webapp.accounts.models import User
from webapp.claims.actions import change_bulletin_status, enable_claims
from webapp.claims.models import Bordereau, Bulletin
from webapp.core import clock, db
from webapp.events.types import SYSTEM
from webapp.sync import actions
from webapp.sync.actions.declaring import source_of
from webapp.sync.models import Conflict, Connection, Link, Quarantine, Run
from webapp.sync.pull.loop import pull

SignIn = Callable[[User], FlaskClient]


@pytest.fixture
def tunis() -> Iterator[Server]:
    """One bordereau of two bulletins that it has received only."""
    with tuniclaim_server(bordereaux=1, bulletins=2) as server:
        claims = server.upstream.claims
        for each in rows_of(server):
            claims.edit_bulletin(each["id"], status="RECU", payment=None)
        claims.edit(the_bordereau(server), status="RECU")
        yield server


def the_bordereau(server: Server) -> str:
    return str(server.upstream.claims.page(since=None, number=0, size=1)[0]["id"])


def rows_of(server: Server) -> list[Any]:
    return list(server.upstream.claims.drawer.of(int(the_bordereau(server))))


@pytest.fixture
def pulled(tunis: Server, people: SimpleNamespace, session: Session) -> int:
    """The id of a connection to it, after its first pull, on a desk that handles claims."""
    with db.transaction():
        enable_claims(actor=SYSTEM)
        connection = actions.create_connection(
            kind="tuniclaim",
            name="TUNICLAIM",
            base_url=tunis.url,
            secret=tunis.token,
            shape="contract",
            allow_http=True,
            actor=SYSTEM,
        )
        number = connection.id
    known = [getattr(people, name) for name in ("amihan", "andres", "felix")]
    pull(number, trigger="manual")
    # A pull lets go of all rows as it goes along; the people stay at hand.
    session.add_all(row for row in known if row not in session)
    return number


def first(model: Any, *which: Any) -> int:
    db.session().rollback()
    found = db.session().scalars(select(model.id).where(*which).order_by(model.id)).first()
    assert found is not None
    return int(found)


def number_there(kind: str, local_id: int) -> str:
    query = select(Link.external_id).where(Link.local_kind == kind, Link.local_id == local_id)
    return str(db.session().scalars(query).one())


def test_a_bulletins_page_loads_its_panel_which_says_what_waits_since_when(
    people: SimpleNamespace, sign_in: SignIn, pulled: int
) -> None:
    bulletin = first(Bulletin, Bulletin.status == "received")
    with db.transaction() as session:
        row = session.get_one(Bulletin, bulletin)
        change_bulletin_status(row, status="in_progress", actor=people.andres.actor)
    client = sign_in(people.andres)
    address = f"/connections/bulletin/{bulletin}"
    assert f'hx-get="{address}"' in client.get(f"/claims/bulletins/{bulletin}").text
    page = client.get(address).text
    assert "TUNICLAIM" in page
    assert number_there("bulletin", bulletin) in page
    assert "waiting to be sent since" in page
    assert "In progress" in page
    assert "bulletin:changed" in page
    assert re.search(r"ours counts.*Payment", page, re.DOTALL)
    assert re.search(r"theirs counts.*Items", page, re.DOTALL)


def test_a_bordereaus_page_loads_its_panel(
    people: SimpleNamespace, sign_in: SignIn, pulled: int
) -> None:
    bordereau = first(Bordereau)
    client = sign_in(people.andres)
    address = f"/connections/bordereau/{bordereau}"
    assert f'hx-get="{address}"' in client.get(f"/claims/bordereaux/{bordereau}").text
    page = client.get(address).text
    assert number_there("bordereau", bordereau) in page
    assert "nothing sent yet" in page


@pytest.mark.parametrize("kind", ["bulletin", "bordereau"])
def test_the_panels_are_closed_to_those_who_see_no_claims(
    people: SimpleNamespace, sign_in: SignIn, pulled: int, kind: str
) -> None:
    number = first(Bulletin if kind == "bulletin" else Bordereau)
    assert sign_in(people.felix).get(f"/connections/{kind}/{number}").status_code in (403, 404)
    assert sign_in(people.andres).get(f"/connections/{kind}/4711").status_code == 404


def problems(client: FlaskClient, number: int) -> str:
    return client.get(f"/connections/{number}/problems").text


def test_a_bulletins_unknown_word_is_listed_with_our_words_for_it_and_mapped_from_the_page(
    admin: FlaskClient, tunis: Server, pulled: int
) -> None:
    there = rows_of(tunis)[0]["id"]
    tunis.upstream.claims.edit_bulletin(there, status="EN_INSTANCE")
    due(pulled)
    page = problems(admin, pulled)
    assert "EN_INSTANCE" in page
    assert "Bulletin, Status" in page
    assert '<option value="validated">Validated</option>' in page
    assert '<option value="closed">' not in page, "that is a bordereau's"
    given = {"field": "bulletin.status", "upstream": "EN_INSTANCE", "local": "in_progress"}
    answer = admin.post(f"/connections/{pulled}/map", data=given, follow_redirects=True)
    assert "1 record has followed" in answer.text
    assert status_of(there) == "in_progress"


def test_a_bulletin_that_cannot_be_read_stands_there_with_its_bordereau_and_is_read_again(
    admin: FlaskClient, tunis: Server, pulled: int
) -> None:
    claims = tunis.upstream.claims
    claims.add_bulletin(the_bordereau(tunis), number="", beneficiary={"firstName": "Amel"})
    due(pulled)
    page = problems(admin, pulled)
    listed = page[page.index('id="quarantine"') :]
    assert re.search(r"Bulletin</span> <strong", listed)
    assert f"/claims/bordereaux/{first(Bordereau)}" in listed
    assert "It has no number." in listed
    record = first(Quarantine)
    address = f"/connections/{pulled}/quarantine/{record}"
    assert (
        "still cannot be read"
        in admin.post(address, data={"do": "retry"}, follow_redirects=True).text
    )
    with db.transaction() as session:
        connection = session.get_one(Connection, pulled)
        text = source_of(connection)
        text = text.replace("number: {from: number,", "number: {from: [number, member.matricule],")
        actions.edit_declaration(connection, text=text, actor=SYSTEM)
    assert "taken in" in admin.post(address, data={"do": "retry"}, follow_redirects=True).text
    db.session().rollback()
    assert db.session().scalar(select(func.count()).select_from(Bulletin)) == 3
    assert db.session().scalars(select(Quarantine.state)).all() == ["solved"]


@pytest.mark.parametrize("keep", ["local", "upstream"])
def test_both_sides_of_a_bulletin_are_shown_and_decided_either_way(
    people: SimpleNamespace, admin: FlaskClient, tunis: Server, pulled: int, keep: str
) -> None:
    there = rows_of(tunis)[0]["id"]
    with db.transaction() as session:
        actions.set_owner(
            session.get_one(Connection, pulled), field="bulletin.status", owner="ask", actor=SYSTEM
        )
        row = session.get_one(Bulletin, local_of(there))
        change_bulletin_status(row, status="in_progress", actor=people.andres.actor)
    tunis.upstream.claims.edit_bulletin(there, status="VALIDE")
    due(pulled)
    page = problems(admin, pulled)
    assert "In progress" in page
    assert "Validated" in page
    assert 'value="bulletin.status"' in page
    assert "Both sides changed it" in admin.get(f"/connections/bulletin/{local_of(there)}").text
    conflict = first(Conflict)
    given = {"keep": keep, "ours": "in_progress", "theirs": "validated"}
    answer = admin.post(f"/connections/{pulled}/conflicts/{conflict}", data=given)
    assert answer.status_code == 303
    assert status_of(there) == ("in_progress" if keep == "local" else "validated")


def test_a_bulletin_that_is_gone_there_is_listed_by_its_own_name(
    people: SimpleNamespace, sign_in: SignIn, tunis: Server, pulled: int
) -> None:
    there = rows_of(tunis)[0]
    with db.transaction() as session:
        session.scalars(
            select(Link).where(Link.external_id == str(there["id"]))
        ).one().state = "gone"
    page = problems(sign_in(people.amihan), pulled)
    missing = page[page.index('id="missing"') :]
    assert f"/claims/bulletins/{local_of(there['id'])}" in missing
    assert there["number"] in missing
    assert "ticket" not in missing.lower().split("</section>")[0]


@pytest.mark.parametrize(
    "tab", ["", "/runs", "/deliveries", "/problems", "/settings", "/mapping", "/reconcile"]
)
def test_every_tab_of_the_connection_speaks_of_no_tickets(
    people: SimpleNamespace, sign_in: SignIn, pulled: int, tab: str
) -> None:
    answer = sign_in(people.amihan).get(f"/connections/{pulled}{tab}")
    assert answer.status_code == 200
    main = answer.text[answer.text.index("<main") : answer.text.index("</main>")]
    assert "ticket" not in re.sub(r"<[^>]*>", " ", main).lower()


def test_a_run_says_of_which_kinds_its_new_records_are(
    people: SimpleNamespace, sign_in: SignIn, pulled: int
) -> None:
    number = first(Run)
    page = sign_in(people.amihan).get(f"/connections/{pulled}/runs/{number}").text
    assert "1 bordereau and 2 bulletins" in page


def due(number: int) -> None:
    with db.transaction() as session:
        connection = session.get_one(Connection, number)
        connection.next_pull_at = clock.now()
    pull(number, trigger="manual")
    db.session().rollback()


def local_of(there: int) -> int:
    query = select(Link.local_id).where(Link.kind == "bulletin", Link.external_id == str(there))
    return int(db.session().scalars(query).one())


def status_of(there: int) -> str:
    db.session().rollback()
    return db.session().get_one(Bulletin, local_of(there), populate_existing=True).status


@pytest.mark.parametrize(("path", "shape"), [("", "contract"), ("/legacy", "observed")])
def test_a_test_finds_the_shape_and_saving_opens_the_claim_side_and_syncs_hourly(
    admin: FlaskClient, tunis: Server, session: Session, path: str, shape: str
) -> None:
    assert admin.get("/claims/bordereaux").status_code == 404
    page = admin.get("/connections/new?kind=tuniclaim").text
    assert re.search(r'<option value="60"\s+selected', page)
    given = {
        "kind": "tuniclaim",
        "name": "TUNICLAIM",
        "base_url": tunis.url + path,
        "secret": tunis.token,
        "allow_http": "1",
        "interval_minutes": "60",
    }
    found = admin.post("/connections/test", data=given).text
    assert "BRD-" in found
    answer = admin.post("/connections", data=given)
    assert answer.status_code == 303, answer.text
    db.session().rollback()
    made = db.session().scalars(select(Connection)).one()
    assert (made.shape, made.interval_minutes) == (shape, 60)
    assert "unencrypted" in admin.get(f"/connections/{made.id}").text.lower()
    assert admin.get("/claims/bordereaux").status_code == 200


def test_the_mapping_tells_what_is_read_and_sent_of_bulletins(
    admin: FlaskClient, pulled: int
) -> None:
    page = admin.get(f"/connections/{pulled}/mapping?record=bulletin").text
    assert "member.matricule" in page
    assert "ours counts" in page
    assert re.search(r"Say how the payment stands \([^)]*Paid by", page)
