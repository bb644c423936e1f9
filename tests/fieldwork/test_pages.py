"""What planners type: new jobs, edits by two at once, employees; photos and signatures from the field."""

from __future__ import annotations

import io
from collections.abc import Callable
from types import SimpleNamespace

from flask.testing import FlaskClient
from sqlalchemy import select

from tests.fieldwork.make import make_employee, make_job
from tests.tickets.make import make_ticket, photo
from webapp.accounts.models import User
from webapp.core import db
from webapp.fieldwork.models import Employee, Job
from webapp.fieldwork.values import employee_values, job_values

SignIn = Callable[[User], FlaskClient]


def test_a_ticket_becomes_a_job_from_its_own_page(people: SimpleNamespace, sign_in: SignIn) -> None:
    ticket = make_ticket()
    client = sign_in(people.andres)
    fragment = client.get(f"/jobs/of-ticket/{ticket.id}").text
    assert f"/jobs/new?ticket={ticket.ref}" in fragment
    assert "Tinago" in client.get(f"/jobs/new?ticket={ticket.ref}").text

    sent = {
        "title": "Replace the lamp",
        "ticket": ticket.ref,
        "resolves_ticket": ["", "1"],
        "starts_at": "2026-03-02T09:00",
        "ends_at": "2026-03-02T10:00",
        "checklist": "Secure the place\nReplace it",
        "parts": "2 × lamp",
        "client_uuid": "a-form-of-its-own",
    }
    answers = [client.post("/jobs/new", data=sent) for _ in range(2)]
    assert answers[0].location == answers[1].location
    job = db.session().scalars(select(Job)).one()
    assert (job.ticket_id, job.resolves_ticket, len(job.items)) == (ticket.id, True, 2)
    assert job.starts_at is not None
    assert job.starts_at.isoformat() == "2026-03-02T01:00:00+00:00"
    assert job.ref in client.get(f"/jobs/of-ticket/{ticket.id}").text


def test_the_search_box_finds_jobs_as_well(people: SimpleNamespace, sign_in: SignIn) -> None:
    job = make_job("Replace the street lamp", place="Plaza Rizal")
    client = sign_in(people.andres)
    assert "/jobs/found?q=lamp" in client.get("/tickets?q=lamp").text
    assert "/jobs/found" not in client.get("/tickets").text
    assert "/jobs/found" not in sign_in(people.fina).get("/tickets?q=lamp").text
    for words, hit in (("lamp plaza", True), ("lamp river", False), ("lamp tag:road", False)):
        assert (job.ref in client.get("/jobs/found", query_string={"q": words}).text) is hit


def test_a_wrong_job_keeps_what_was_typed(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.andres)
    typed = {"title": "Lamp", "starts_at": "2026-03-02T09:00", "ends_at": "2026-03-02T08:00"}
    answer = client.post("/jobs/new", data=typed)
    assert answer.status_code == 422
    assert "later than its beginning" in answer.text
    assert 'value="Lamp"' in answer.text
    assert client.post("/jobs/new", data={"title": ""}).status_code == 422
    unknown = client.post("/jobs/new", data={"title": "Lamp", "ticket": "T-2026-999999"})
    assert "There is no ticket of that number" in unknown.text


def test_two_edits_of_different_fields_merge_and_of_the_same_one_ask(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    job = make_job("Lamp", place="Plaza")
    shown = job_values(job, zone=people.andres.zone)
    seen = {f"seen_{name}": text for name, text in shown.items()}
    client, address = sign_in(people.andres), f"/jobs/{job.ref}/edit"

    assert client.post(address, data={**shown, **seen, "place": "Market"}).status_code == 303
    merged = client.post(address, data={**shown, **seen, "title": "Two lamps"})
    assert merged.status_code == 303
    now = db.session().get_one(Job, job.id)
    assert (now.title, now.place) == ("Two lamps", "Market")

    asked = client.post(address, data={**shown, **seen, "place": "Church"})
    assert asked.status_code == 409
    assert "Market" in asked.text
    assert 'value="Church"' in asked.text
    assert db.session().get_one(Job, job.id).place == "Market"


def test_an_employee_is_added_edited_away_and_removed(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    client = sign_in(people.andres)
    sent = {
        "name": "Ana",
        "skills": "driver, Driver, electrician",
        "mon": "8-12, 13-17",
        "active": "1",
    }
    where = client.post("/employees/new", data=sent).location
    ana = db.session().scalars(select(Employee)).one()
    assert ana.skills == ["driver", "electrician"]
    assert ana.hours == {"mon": "08:00-12:00, 13:00-17:00"}

    seen = {f"seen_{name}": text for name, text in employee_values(ana).items()}
    wrong = client.post(where, data={**employee_values(ana), **seen, "tue": "9 to 5"})
    assert (wrong.status_code, "Write hours such as" in wrong.text) == (422, True)
    client.post(where, data={**employee_values(ana), **seen, "phone": "0917 123 4567"})
    client.post(f"{where}/absences", data={"first_day": "2026-03-02", "last_day": "2026-03-05"})
    bad = client.post(
        f"{where}/absences", data={"first_day": "2026-03-02", "last_day": "2026-03-01"}
    )
    assert bad.status_code == 422
    page = client.get(where).text
    assert ("0917 123 4567" in page, "Mar 2026" in page) == (True, True)

    make_job("Lamp", (ana,))
    client.post(f"{where}/delete")
    assert db.session().get_one(Employee, ana.id).active is False


def test_one_account_is_one_employee(people: SimpleNamespace, sign_in: SignIn) -> None:
    make_employee("Felix", user=people.felix.id)
    answer = sign_in(people.andres).post(
        "/employees/new", data={"name": "Another", "user": str(people.felix.id)}
    )
    assert answer.status_code == 422
    assert "belongs to Felix already" in answer.text


def test_photos_and_a_signature_are_proof(people: SimpleNamespace, sign_in: SignIn) -> None:
    job = make_job("Lamp", (make_employee("Felix", user=people.felix.id),))
    client, address = sign_in(people.felix), f"/jobs/{job.ref}/files"
    two = [(io.BytesIO(photo()), "a.jpg"), (io.BytesIO(photo(size=(20, 20))), "b.jpg")]
    assert client.post(address, data={"photos": two, "client_id": "photos-0001"}).status_code == 303
    again = {"photos": [(io.BytesIO(photo()), "a.jpg")], "client_id": "photos-0001"}
    client.post(address, data=again)
    signed = {"signature": (io.BytesIO(photo("PNG")), "s.png"), "signed_by": "Rosa"}
    assert client.post(address, data=signed).status_code == 303
    unnamed = {"signature": (io.BytesIO(photo("PNG")), "s.png"), "signed_by": " "}
    assert client.post(address, data=unnamed).status_code == 422

    files = db.session().get_one(Job, job.id).files
    assert [(file.kind, file.signed_by) for file in files] == [
        ("photo", ""),
        ("photo", ""),
        ("signature", "Rosa"),
    ]
    small = client.get(f"{address}/{files[0].id}?size=thumb")
    assert small.mimetype == "image/jpeg"
    assert sign_in(people.nadia).get(f"{address}/{files[0].id}").status_code == 403
    assert "Signature of Rosa" in client.get(f"/my-day/{job.ref}").text


def test_ticks_and_parts_are_done_by_plain_forms(people: SimpleNamespace, sign_in: SignIn) -> None:
    job = make_job(
        "Lamp",
        (make_employee("Felix", user=people.felix.id),),
        checklist=["Look"],
        parts=["2 × lamp"],
    )
    client, address = sign_in(people.felix), f"/jobs/{job.ref}"
    item, part = job.items[0].id, job.parts[0].id
    client.post(f"{address}/items/{item}", data={"do": "done"})
    client.post(f"{address}/items", data={"text": "Clean up"})
    client.post(f"{address}/parts/{part}", data={"used": "1"})
    client.post(f"{address}/parts", data={"part": "3 x screws", "do": "used"})
    assert client.post(f"{address}/parts/{part}", data={"used": "-1"}).status_code == 422

    now = db.session().get_one(Job, job.id)
    assert [(one.text, one.done_by) for one in now.items] == [("Look", "Felix"), ("Clean up", "")]
    assert [(one.name, one.planned, one.used) for one in now.parts] == [
        ("lamp", 2, 1),
        ("screws", 0, 3),
    ]
