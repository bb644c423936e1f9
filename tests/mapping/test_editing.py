"""The Mapping tab: edited field by field, looked at on stored records, saved as versions, gone back from."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.fakes.upstreams import Server
from tests.mapping.forms import form_of
from tests.sync_pages.conftest import Connect
from tests.sync_pages.test_adding import HTMX
from tests.sync_pages.test_running import events
from webapp.sync.connections import declared
from webapp.sync.connectors import registry
from webapp.sync.mapping import jobs
from webapp.sync.mapping.models import DeclarationVersion, MappingJob
from webapp.sync.mapping.working import run_job
from webapp.sync.models import Connection, Link, ValueMap
from webapp.tickets.models import Ticket


def where(connection: Connection, *more: str) -> str:
    return "/".join(["/connections", str(connection.id), "mapping", *more])


def page_form(admin: FlaskClient, connection: Connection, **changes: object) -> object:
    return form_of(admin.get(where(connection)).text, **changes)


def versions(session: Session) -> list[DeclarationVersion]:
    session.rollback()
    return list(session.scalars(select(DeclarationVersion).order_by(DeclarationVersion.n)))


def test_the_page_sent_back_as_it_is_changes_nothing(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    for _ in range(2):
        assert admin.post(where(connection), data=page_form(admin, connection)).status_code == 303
    session.refresh(connection)
    assert connection.declaration is None
    assert versions(session) == []


def test_a_changed_path_is_saved_as_a_version_with_its_diff_and_told_once(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    number = connection.id
    answer = admin.post(
        where(connection),
        data=page_form(
            admin, connection, barangay__from="location", place__owner="ask", then="later"
        ),
    )
    assert answer.status_code == 303
    session.expire_all()
    fields = declared(session.get_one(Connection, number)).shape.fields
    assert (fields["barangay"].from_, fields["place"].owner) == (("location",), "ask")
    kept = versions(session)
    assert [(v.n, v.how) for v in kept] == [(1, "built_in"), (2, "edited")]
    changed = [line for line in kept[1].diff.splitlines() if line[:1] in "+-"]
    assert [line.strip() for line in changed if line[0] == "-"] == [
        "-    barangay: barangay",
        "-    place: location",
    ]  # and not the whole file, since the form writes it in another style
    told = events(session, "connection.mapping_saved")
    assert len(told) == 1
    assert told[0].data["number"] == 2
    assert "location" in told[0].data["diff"]
    assert "location" in admin.get("/audit").text


def test_values_are_edited_as_rows_and_those_that_wait_are_offered(
    admin: FlaskClient, connect: Connect, naga: object, session: Session
) -> None:
    naga.edit("NAGA-2026-004101", status="Escalated")  # type: ignore[attr-defined]
    connection = connect()
    page = admin.get(where(connection)).text
    assert 'value="Escalated"' in page
    form = form_of(page)
    at = next(
        name for name, value in form.items() if value == "Escalated" and name.startswith("v__")
    )
    form["w" + at[1:]] = "in_progress"
    form["then"] = "later"
    assert admin.post(where(connection), data=form).status_code == 303
    session.expire_all()
    values = declared(session.get_one(Connection, connection.id)).shape.values["status"]
    assert values.in_["Escalated"] == "in_progress"
    assert "Escalated" not in admin.get(f"/connections/{connection.id}/problems").text


def test_each_mistake_is_a_sentence_at_its_field(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    for control, value, says in [
        ("title__from", "", "Say which of their fields fills this"),
        ("title__from", "a..b", "A path is names with dots"),
        ("title__a0", "nonsense", "Write settings as in"),
        ("title__a0", "width: 3", "knows no width"),
        ("a__path", "reports", "list › path"),
        ("a__id", "", "holds the id"),
    ]:
        form = page_form(admin, connection, **{control: value})
        answer = admin.post(where(connection), data=form)
        assert answer.status_code == 422, control
        assert says in answer.text, control
        assert 'aria-invalid="true"' in answer.text
    session.refresh(connection)
    assert connection.declaration is None


def test_rows_come_and_go_without_a_script_and_nothing_is_saved(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    typed = page_form(admin, connection, title__from="category")
    page = admin.post(where(connection, "edit") + "?do=remove:place", data=typed).text
    assert 'value="place"' not in page.partition("</form>")[0].replace('option value="place"', "")
    form = form_of(page)
    assert form["title__from"] == "category"
    again = admin.post(where(connection, "edit") + "?do=add:place", data=form).text
    assert "place" in form_of(again).getlist("rows")
    part = admin.post(where(connection, "edit") + "?do=add:reporter_email", data=form, headers=HTMX)
    assert part.headers["HX-Trigger"] == "mapping:changed"
    assert part.text.lstrip().startswith('<div id="editor"')
    session.refresh(connection)
    assert connection.declaration is None


def test_the_preview_counts_what_would_change_and_saves_nothing(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    assert "Of 6 records: 6 as now" in admin.get(where(connection)).text
    form = page_form(admin, connection, barangay__from="location")
    page = admin.post(where(connection, "preview"), data=form, headers=HTMX).text
    assert "6 would change" in page
    assert "<ins" in page
    session.rollback()
    before = session.scalars(select(Ticket.barangay)).all()
    wrong = page_form(admin, connection, barangay__from="nowhere", barangay__required="1")
    page = admin.post(where(connection, "preview"), data=wrong, headers=HTMX).text
    assert "6 cannot be read" in page
    assert "It has no barangay." in page
    bad = page_form(admin, connection, barangay__from="")
    page = admin.post(where(connection, "preview"), data=bad, headers=HTMX).text
    assert "Not yet right" in page
    session.rollback()
    assert session.scalars(select(Ticket.barangay)).all() == before


def test_saving_applies_to_stored_records_without_a_fetch(
    admin: FlaskClient, connect: Connect, naga: object, session: Session
) -> None:
    connection = connect()
    calls = len(naga.calls)  # type: ignore[attr-defined]
    form = page_form(admin, connection, barangay__from="location", then="apply")
    assert admin.post(where(connection), data=form).status_code == 303
    session.rollback()
    job = session.scalars(select(MappingJob)).one()
    assert (job.kind, job.state) == ("apply", "queued")
    number = job.id
    run_job(number)
    run_job(number)
    session.rollback()
    job = session.get_one(MappingJob, number)
    assert (job.state, job.counts["report"]["updated"], job.counts["report"]["records"]) == (
        "ok",
        6,
        6,
    )
    payloads = {link.external_id: link.payload for link in session.scalars(select(Link))}
    for ticket in session.scalars(select(Ticket)):
        assert ticket.barangay == payloads[ticket.control_number]["location"]
    assert len(naga.calls) == calls  # type: ignore[attr-defined]
    assert "Read again: 6 tickets; changed: 6 tickets" in admin.get(where(connection, "jobs")).text
    assert len(events(session, "connection.mapping_applied")) == 1


def test_going_back_to_a_version_is_a_new_version(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    number = connection.id
    for path in ("location", "category"):
        admin.post(
            where(connection),
            data=page_form(admin, connection, barangay__from=path, then="later"),
        )
    assert [v.n for v in versions(session)] == [1, 2, 3]
    assert admin.post(where(connection, "versions", "2")).status_code == 303
    kept = versions(session)
    assert (kept[-1].n, kept[-1].how, kept[-1].source_n) == (4, "rolled_back", 2)
    session.expire_all()
    assert declared(session.get_one(Connection, number)).shape.fields["barangay"].from_ == (
        "location",
    )
    assert admin.post(where(connection, "versions", "1")).status_code == 303
    session.expire_all()
    assert session.get_one(Connection, number).declaration is None
    page = admin.get(where(connection, "versions")).text
    assert "diff__line--plus" in page
    assert page.count("Go back to this version") == 4
    assert admin.post(where(connection, "versions", "99")).status_code == 404


def test_an_old_page_does_not_undo_what_somebody_else_saved(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    old = page_form(admin, connection, barangay__from="category")
    admin.post(where(connection), data=page_form(admin, connection, place__from="barangay"))
    answer = admin.post(where(connection), data=old)
    assert answer.status_code == 422
    assert "Somebody else has saved the mapping" in answer.text
    assert len(versions(session)) == 2


def test_the_declaration_leaves_and_comes_back_as_yaml(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    answer = admin.get(where(connection, "export"))
    assert answer.mimetype == "application/yaml"
    assert answer.text == registry.source("mynaga")
    edited = answer.text.replace("      barangay: barangay\n", "      barangay: location\n", 1)
    page = admin.post(where(connection, "import"), data={"yaml": edited}).text
    assert "Imported, not saved" in page
    assert "6 would change" in page
    assert versions(session) == []
    assert admin.post(where(connection), data=form_of(page, then="later")).status_code == 303
    assert [v.how for v in versions(session)] == ["built_in", "imported"]
    assert versions(session)[1].text.strip() == edited.strip()


def test_a_wrong_import_names_the_place(
    admin: FlaskClient, connect: Connect, session: Session
) -> None:
    connection = connect()
    text = registry.source("mynaga").replace("path: /reports\n", "pathh: /reports\n", 1)
    answer = admin.post(where(connection, "import"), data={"yaml": text})
    assert answer.status_code == 422
    assert "shapes › contract › list › pathh" in answer.text
    assert versions(session) == []


def test_only_admins_may_look_at_or_change_a_mapping(
    people: object, sign_in: object, connect: Connect, session: Session
) -> None:
    connection = connect(pulled=False)
    agent = sign_in(people.andres)  # type: ignore[operator, attr-defined]
    for path in ("", "versions", "export", "jobs"):
        assert agent.get(where(connection, path).rstrip("/")).status_code in (403, 404)
    for path in ("", "edit", "preview", "import", "dry-run", "apply", "versions/1"):
        assert agent.post(where(connection, path).rstrip("/"), data={}).status_code in (403, 404)
    session.rollback()
    assert session.scalars(select(MappingJob)).all() == []


def test_a_worker_that_died_is_followed_by_another(
    connect: Connect, session: Session, people: object
) -> None:
    connection = connect()
    from webapp.core import clock, db

    with db.transaction():
        fresh = session.get_one(Connection, connection.id)
        job = jobs.begin(fresh, kind=jobs.APPLY, actor=people.amihan.actor)  # type: ignore[attr-defined]
        job.state, job.token, job.alive_at = "running", "dead", clock.now() - jobs.SILENCE * 2
    number = job.id
    jobs.sweep()
    run_job(number)
    session.expire_all()
    assert session.get_one(MappingJob, number).state == "ok"


def test_what_was_decided_at_the_desk_moves_into_the_declaration_and_can_be_undone_there(
    admin: FlaskClient, connect: Connect, naga: Server, session: Session
) -> None:
    naga.edit("NAGA-2026-004101", status="Escalated")
    connection = connect()
    number = connection.id
    decided = {"field": "status", "upstream": "Escalated", "local": "closed"}
    admin.post(f"/connections/{number}/map", data=decided)
    page = admin.get(where(connection)).text
    assert "decided at this desk" in page
    form = form_of(page, then="later")
    at = next(name for name, value in form.items() if value == "Escalated" and name[:2] == "v_")
    assert form["w" + at[1:]] == "closed"
    form["w" + at[1:]] = "in_progress"
    assert admin.post(where(connection), data=form).status_code == 303
    session.rollback()
    assert session.scalars(select(ValueMap)).all() == []
    kept = declared(session.get_one(Connection, number)).shape.values["status"]
    assert kept.in_["Escalated"] == "in_progress"
