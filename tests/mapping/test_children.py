"""The mapping of records that belong to others: bulletins of bordereaux, edited field by field as the bordereaux are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.fakes.upstreams import Server, tuniclaim_server
from tests.mapping.forms import form_of
from tests.mapping.test_editing import versions
from tests.mapping.test_trying import dry_run
from tests.sync_pages.conftest import Connect
from tests.sync_pages.test_adding import HTMX
from tests.sync_pages.test_running import events
from webapp.accounts.actions import edit_desk
from webapp.claims.models import Bordereau, Bulletin
from webapp.core import db
from webapp.events.types import SYSTEM
from webapp.outbox.models import Delivery
from webapp.sync.connections import declared
from webapp.sync.connectors.declaration import Shape
from webapp.sync.connectors.transforms.registry import TRANSFORMS
from webapp.sync.mapping.models import MappingJob
from webapp.sync.mapping.working import run_job
from webapp.sync.models import Connection, Link, Quarantine, ValueMap
from webapp.sync.pull.loop import pull


@pytest.fixture
def tunis() -> Iterator[Server]:
    with tuniclaim_server(bordereaux=3, bulletins=4) as server:
        yield server


@pytest.fixture
def number(tunis: Server, connect: Connect) -> int:
    """The id of a connection to it that has read everything."""
    return connected(tunis, connect)


def connected(tunis: Server, connect: Connect, *, path: str = "", **values: Any) -> int:
    shape = "observed" if path else "contract"
    given = {"kind": "tuniclaim", "name": "TUNICLAIM", "shape": shape, **values}
    return connect(base_url=tunis.url + path, secret=tunis.token, **given).id


def where(number: int, *more: str) -> str:
    return "/".join(["/connections", str(number), "mapping", *more])


def bulletin_form(admin: FlaskClient, number: int, **changes: Any) -> Any:
    return form_of(admin.get(where(number) + "?record=bulletin").text, **changes)


def shape_of(number: int, kind: str = "") -> Shape:
    db.session().rollback()
    return declared(db.session().get_one(Connection, number), kind).shape


def broken(tunis: Server) -> str:
    """The id of a bulletin there that lost its number."""
    claims = tunis.upstream.claims
    bordereau = claims.page(since=None, number=0, size=1)[0]
    there = claims.add_bulletin(bordereau["id"], number="")
    return str(there["id"])


@pytest.mark.parametrize("path", ["", "/legacy"])
def test_the_bulletins_page_sent_back_as_it_is_changes_nothing(
    admin: FlaskClient, connect: Connect, tunis: Server, session: Session, path: str
) -> None:
    number = connected(tunis, connect, path=path, pulled=False)
    form = bulletin_form(admin, number)
    assert form["kind"] == "bulletin"
    assert {"total", "items", "care_date"} <= set(form.getlist("rows"))
    assert admin.post(where(number), data=form).status_code == 303
    assert versions(session) == []


def test_a_bulletins_field_is_saved_as_a_version_and_its_bordereau_reads_as_before(
    admin: FlaskClient, number: int, session: Session
) -> None:
    before = shape_of(number).fields
    form = bulletin_form(admin, number, beneficiary_name__from="member.firstName", then="later")
    form["total__owner"] = "ask"
    answer = admin.post(where(number), data=form)
    assert (answer.status_code, answer.location) == (303, where(number) + "?record=bulletin")
    fields = shape_of(number, "bulletin").fields
    assert fields["beneficiary_name"].from_ == ("member.firstName",)
    assert fields["total"].owner == "ask"
    assert shape_of(number).fields == before
    kept = versions(session)
    assert [each.how for each in kept] == ["built_in", "edited"]
    assert "+          owner: ask" in kept[1].diff
    assert "member.firstName" in admin.get("/audit").text
    assert admin.post(where(number, "versions", "1")).status_code == 303
    assert shape_of(number, "bulletin").fields["total"].owner is None


def test_the_other_kind_is_shown_with_what_was_typed_so_far_and_both_are_saved_at_once(
    admin: FlaskClient, number: int
) -> None:
    typed = form_of(admin.get(where(number)).text, provider__from=None, client_name__from="client")
    answer = admin.post(where(number, "edit") + "?do=show:bulletin", data=typed, headers=HTMX)
    assert answer.headers["HX-Trigger"] == "mapping:changed"
    page = admin.post(where(number, "edit") + "?do=show:bulletin", data=typed).text
    form = form_of(page, member_name__from="member.lastName", then="later")
    assert form["kind"] == "bulletin"
    assert admin.post(where(number), data=form).status_code == 303
    assert shape_of(number).fields["client_name"].from_ == ("client",)
    assert shape_of(number, "bulletin").fields["member_name"].from_ == ("member.lastName",)


def test_what_is_wrong_of_one_kind_keeps_it_on_the_page(admin: FlaskClient, number: int) -> None:
    typed = form_of(admin.get(where(number)).text, client_name__from="")
    page = admin.post(where(number, "edit") + "?do=show:bulletin", data=typed).text
    assert form_of(page)["kind"] == "bordereau"
    assert "Say which of their fields fills this" in page
    for control, value, says in [
        ("a__path", "/bordereaux/bulletins", "{parent}"),
        ("a__inside", "bulletins", "one of the two"),
        ("total__a0", "places: many", "is a whole number"),
        ("items__a0", "fields: code", "names with values"),
    ]:
        form = bulletin_form(admin, number, **{control: value})
        answer = admin.post(where(number), data=form)
        assert answer.status_code == 422, control
        assert says in answer.text, control


def test_the_preview_shows_the_latest_bulletins_with_what_would_change(
    admin: FlaskClient, number: int, session: Session
) -> None:
    page = admin.get(where(number) + "?record=bulletin").text
    assert "Of 12 records: 12 as now" in page
    assert '<option value="member.matricule">' in page
    form = bulletin_form(admin, number, member_name__from="member.matricule")
    page = admin.post(where(number, "preview"), data=form, headers=HTMX).text
    assert "Of 12 records: 12 would change" in page
    session.rollback()
    names = session.execute(select(Bulletin.member_name, Bulletin.member_number)).all()
    assert all(name != member for name, member in names)


def test_saving_applies_to_the_stored_bulletins_and_says_how_many_of_which_kind(
    admin: FlaskClient, number: int, tunis: Server, session: Session
) -> None:
    calls = len(tunis.calls)
    form = bulletin_form(admin, number, member_name__from="member.matricule")
    assert admin.post(where(number), data=form).status_code == 303
    run_job(session.scalars(select(MappingJob.id)).one())
    assert len(tunis.calls) == calls
    session.rollback()
    names = session.execute(select(Bulletin.member_name, Bulletin.member_number)).all()
    assert all(name == member for name, member in names)
    page = admin.get(where(number)).text
    assert "Read again: 3 bordereaux and 12 bulletins; changed: 12 bulletins;" in page


def test_values_of_bulletins_are_edited_as_rows_and_those_that_wait_are_offered(
    admin: FlaskClient, connect: Connect, tunis: Server, session: Session
) -> None:
    claims = tunis.upstream.claims
    bordereau = claims.page(since=None, number=0, size=1)[0]
    claims.add_bulletin(bordereau["id"], status="SUSPENDU")
    number = connected(tunis, connect)
    form = bulletin_form(admin, number, then="later")
    at = next(name for name, value in form.items() if value == "SUSPENDU" and name[:2] == "v_")
    assert at.startswith("v__bulletin__")
    assert "payment" in form.getlist("maps")
    form["w" + at[1:]] = "in_progress"
    form["o__payment__paid"] = "REGLE"
    assert admin.post(where(number), data=form).status_code == 303
    shape = shape_of(number, "bulletin")
    assert shape.values["bulletin"].in_["SUSPENDU"] == "in_progress"
    assert shape.values["payment"].out["paid"] == "REGLE"
    assert session.scalars(select(ValueMap)).all() == []


def test_what_was_decided_at_the_desk_of_one_kind_survives_a_look_at_the_other(
    admin: FlaskClient, connect: Connect, tunis: Server, session: Session
) -> None:
    claims = tunis.upstream.claims
    bordereau = claims.page(since=None, number=0, size=1)[0]
    claims.add_bulletin(bordereau["id"], status="SUSPENDU")
    number = connected(tunis, connect)
    decided = {"field": "bulletin.status", "upstream": "SUSPENDU", "local": "in_progress"}
    assert admin.post(f"/connections/{number}/map", data=decided).status_code == 303
    form = bulletin_form(admin, number)
    assert form.getlist("decided") == ["bulletin.status:SUSPENDU"]
    at = next(name for name, value in form.items() if value == "SUSPENDU" and name[:2] == "v_")
    assert form["w" + at[1:]] == "in_progress"
    form["w" + at[1:]] = "rejected"
    there = admin.post(where(number, "edit") + "?do=show:bordereau", data=form).text
    back = admin.post(where(number, "edit") + "?do=show:bulletin", data=form_of(there)).text
    saved = form_of(back, then="later")
    assert saved["w" + at[1:]] == "rejected"
    assert admin.post(where(number), data=saved).status_code == 303
    assert shape_of(number, "bulletin").values["bulletin"].in_["SUSPENDU"] == "rejected"
    assert session.scalars(select(ValueMap)).all() == []


def test_from_a_bulletins_problem_the_mapping_is_edited_and_the_record_read_once_more(
    admin: FlaskClient, connect: Connect, tunis: Server, session: Session
) -> None:
    there = broken(tunis)
    number = connected(tunis, connect)
    entry = session.scalars(select(Quarantine)).one()
    address = where(number) + f"?record=bulletin&problem={entry.id}"
    problems = admin.get(f"/connections/{number}/problems").text
    assert address.replace("&", "&amp;") in problems
    page = admin.get(address).text
    first = page[page.index('<details class="payload" open') :]
    assert there in first[:400]
    assert "cannot be read" in first[:400]
    form = form_of(page, number__from="number, id", then="later")
    preview = admin.post(where(number, "preview"), data=form, headers=HTMX).text
    assert "1 would be new" in preview
    answer = admin.post(where(number), data=form, follow_redirects=True)
    assert "The record could be read now." in answer.text
    assert "Every record that came in could be taken in." in answer.text
    session.rollback()
    made = session.scalars(select(Bulletin).where(Bulletin.number == there)).one()
    link = session.scalars(select(Link).where(Link.local_id == made.id, Link.kind == "bulletin"))
    assert link.one().parent_id is not None


def test_a_record_that_still_cannot_be_read_is_said_to_be_so(
    admin: FlaskClient, connect: Connect, tunis: Server, session: Session
) -> None:
    broken(tunis)
    number = connected(tunis, connect)
    entry = session.scalars(select(Quarantine.id)).one()
    form = bulletin_form(admin, number, problem=str(entry), then="later")
    page = admin.post(where(number), data=form, follow_redirects=True).text
    assert "The record cannot be read yet." in page


@pytest.mark.parametrize("path", ["", "/legacy"])
def test_a_dry_run_counts_the_bulletins_with_the_bordereaux(
    admin: FlaskClient, connect: Connect, tunis: Server, session: Session, path: str
) -> None:
    if not path:
        broken(tunis)
    number = connected(tunis, connect, path=path, pulled=False)
    job = dry_run(session, session.get_one(Connection, number))
    assert job.state == "ok"
    assert job.counts["bordereau"]["create"] == 3
    assert job.counts["bulletin"]["create"] == 12
    wrong = 0 if path else 1
    page = admin.get(where(number)).text
    said = f"Would create 3 bordereaux and 12 bulletins, update 0; as now 0; problems {wrong}."
    assert said in page
    if wrong:
        assert "It has no number." in page
    for model in (Bordereau, Bulletin, Link, Quarantine):
        assert session.scalar(select(func.count()).select_from(model)) == 0
    assert pull(number, trigger="manual") == "ok"
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Bulletin)) == 12
    job = dry_run(session, session.get_one(Connection, number))
    assert "as now 3 bordereaux and 12 bulletins" in admin.get(where(number)).text


def test_trying_a_real_record_shows_a_bulletin_where_bulletins_are_edited(
    admin: FlaskClient, number: int
) -> None:
    form = bulletin_form(admin, number, member_name__from="member.matricule")
    page = admin.post(where(number, "test"), data=form, headers=HTMX).text
    assert "careDate" in page
    assert "The connection works" in page
    items = re.search(r"<dt[^>]*>Items</dt>\s*<dd[^>]*>(.*?)</dd>", page, re.DOTALL)
    assert items
    assert re.search(r"\w+ · .+ · \d+\.\d+", items[1]), items[1]


def test_a_large_import_is_told_with_how_many_of_which_kind(
    people: object, connect: Connect, tunis: Server, session: Session
) -> None:
    with db.transaction():
        given = {"name": "Desk", "intro": "", "timezone": "Africa/Tunis", "public_reports": False}
        edit_desk(**given, large_import=15, actor=SYSTEM)  # type: ignore[arg-type]
    connected(tunis, connect)
    [told] = events(session, "connection.large_import")
    assert told.data["created"] == 15
    assert list(told.data["kinds"].items()) == [("bordereau", 3), ("bulletin", 12)]
    [mail] = session.scalars(select(Delivery.summary).where(Delivery.kind == "admin_incident"))
    assert "New from TUNICLAIM: 3 bordereaux and 12 bulletins" in mail


def test_every_transform_that_there_is_can_be_chosen(admin: FlaskClient, number: int) -> None:
    page = admin.get(where(number)).text
    assert [name for name in TRANSFORMS if f'<option value="{name}"' not in page] == []
