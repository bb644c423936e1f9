"""/api/jobs and /api/employees: all verbs, pages, ETags, and both values where two changed the same (S2, S8, S10)."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from flask.testing import FlaskClient

from tests.fieldwork.make import make_employee, make_job
from tests.tickets.make import make_ticket
from webapp.accounts.models import User

SignIn = Callable[[User], FlaskClient]
LAMP = {
    "title": "Lamp",
    "starts_at": "2026-03-02T09:00:00+08:00",
    "ends_at": "2026-03-02T02:00:00Z",
    "lat": 13.62,
    "lng": 123.19,
    "checklist": ["Look"],
    "parts": ["2 × lamp"],
}


def test_a_job_lives_by_all_verbs(people: SimpleNamespace, sign_in: SignIn) -> None:
    client, ana = sign_in(people.andres), make_employee("Ana")
    ticket = make_ticket()
    new = {**LAMP, "crew": [ana.id], "ticket": ticket.ref, "client_uuid": "from-a-program-1"}

    made = client.post("/api/jobs", json=new)
    again = client.post("/api/jobs", json=new)
    assert (made.status_code, again.status_code) == (201, 200)
    job = made.json["job"]
    assert again.json["job"] == job
    assert job["starts_at"] == "2026-03-02T01:00:00+00:00"
    assert (job["crew"], job["ticket"]) == ([{"id": ana.id, "name": "Ana"}], ticket.ref)

    one = f"/api/jobs/{job['id']}"
    read = client.get(one)
    assert read.json["job"] == job
    tag = read.headers["ETag"]
    assert client.get(one, headers={"If-None-Match": tag}).status_code == 304
    changed = client.put(one, json={"title": "Two lamps", "version": job["version"]})
    assert changed.json["job"]["title"] == "Two lamps"
    assert changed.headers["ETag"] != tag
    assert client.get(one, headers={"If-None-Match": tag}).status_code == 200

    assert client.delete(one, headers={"If-Match": tag}).status_code == 409
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_the_list_goes_on_page_by_page_and_says_when_nothing_changed(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    for n in range(3):
        make_job(f"Job {n}")
    client, found, address = sign_in(people.andres), [], "/api/jobs?limit=2"
    tag = client.get(address).headers["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
    page = client.get(address).json
    found += [job["title"] for job in page["jobs"]]
    page = client.get(f"{address}&after={page['next']}").json
    found += [job["title"] for job in page["jobs"]]
    assert (found, page["next"]) == (["Job 0", "Job 1", "Job 2"], None)
    assert client.get("/api/jobs?after=nonsense").status_code == 422
    one = client.get("/api/jobs?q=1 job").json["jobs"]
    assert [job["title"] for job in one] == ["Job 1"]  # each word, in any order, none in a number
    assert client.get(f"/api/jobs?q={one[0]['ref'].lower()}").json["jobs"] == one


def test_changes_of_different_fields_merge_and_of_the_same_give_both_values(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    client, job = sign_in(people.andres), make_job("Lamp", place="Plaza")
    one = f"/api/jobs/{job.id}"
    seen = client.get(one).json["job"]
    client.put(one, json={"place": "Market", "version": seen["version"]})

    old = {"version": seen["version"], "seen": seen}
    merged = client.put(one, json={**seen, "title": "Two lamps", **old, **_no_more(seen)})
    assert merged.status_code == 200
    assert (merged.json["job"]["title"], merged.json["job"]["place"]) == ("Two lamps", "Market")

    asked = client.put(one, json={"place": "Church", **old})
    assert (asked.status_code, asked.mimetype) == (409, "application/problem+json")
    assert asked.json["conflicts"] == {"place": {"theirs": "Market", "yours": "Church"}}
    assert asked.json["current"]["place"] == "Market"
    blind = client.put(one, json={"title": "Three", "version": seen["version"]})
    assert blind.status_code == 409  # without what was seen, nothing is overwritten


def test_a_state_is_set_by_put_too(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.felix)
    job = make_job("Mine", (make_employee("Felix", user=people.felix.id),), ticket=make_ticket())
    one = f"/api/jobs/{job.id}"
    assert client.put(one, json={"state": "done"}).status_code == 409
    assert client.put(one, json={"state": "not_possible"}).json["errors"] == {"reason": "Say why."}
    assert client.put(one, json={"state": "working"}).status_code == 200
    done = client.put(one, json={"state": "done", "resolve": False})
    assert done.json["job"]["state"] == "done"
    assert client.put(one, json={"title": "Mine alone"}).status_code == 403
    assert client.delete(one).status_code == 403


def test_a_field_worker_reads_their_own_jobs_only(people: SimpleNamespace, sign_in: SignIn) -> None:
    mine = make_job("Mine", (make_employee("Felix", user=people.felix.id),))
    other = make_job("Not mine")
    client = sign_in(people.felix)
    assert [job["id"] for job in client.get("/api/jobs").json["jobs"]] == [mine.id]
    assert client.get(f"/api/jobs/{other.id}").status_code == 404
    assert client.put(f"/api/jobs/{other.id}", json={"state": "working"}).status_code == 404
    assert client.post("/api/jobs", json=LAMP).status_code == 403
    assert client.get("/api/employees").status_code == 403


def test_what_is_wrong_is_said_by_field(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.andres)
    wrong = client.post("/api/jobs", json={"title": "", "starts_at": "soon", "crew": [99]})
    assert wrong.status_code == 422
    assert set(wrong.json["errors"]) == {"title", "starts_at"}
    assert client.post("/api/jobs", json={"titel": "Lamp"}).json["errors"] == {
        "titel": "There is no such field."
    }
    assert client.post("/api/jobs", data="x").status_code == 422
    unknown = client.post("/api/jobs", json={"title": "Lamp", "crew": [99]})
    assert set(unknown.json["errors"]) == {"crew"}


def test_an_employee_lives_by_all_verbs(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.andres)
    made = client.post(
        "/api/employees",
        json={"name": "Ana", "skills": ["driver"], "hours": {"mon": "8-12"}, "user": None},
    )
    assert made.status_code == 201
    ana = made.json["employee"]
    assert (ana["skills"], ana["hours"]["mon"]) == (["driver"], "08:00-12:00")
    one = f"/api/employees/{ana['id']}"
    assert client.get(one).json["employee"] == ana

    client.put(one, json={"phone": "0917 123 4567", "version": ana["version"]})
    old = {"version": ana["version"], "seen": ana}
    merged = client.put(one, json={"areas": ["Tinago", "Dayangdang"], **old}).json["employee"]
    assert (merged["phone"], merged["areas"]) == ("0917 123 4567", ["Tinago", "Dayangdang"])
    asked = client.put(one, json={"phone": "1", **old})
    assert asked.json["conflicts"] == {"phone": {"theirs": "0917 123 4567", "yours": "1"}}

    assert [each["name"] for each in client.get("/api/employees?q=an").json["employees"]] == ["Ana"]
    assert client.delete(one).json == {"removed": True}
    assert client.get(one).status_code == 404


def test_employees_page_active_ones_first(people: SimpleNamespace, sign_in: SignIn) -> None:
    client = sign_in(people.andres)
    for name, active in (("Ana", False), ("Ben", True), ("Carla", True), ("Dodo", False)):
        make_employee(name, active=active)
    found, address = [], "/api/employees?limit=1"
    page = client.get(address).json
    while True:
        found += [each["name"] for each in page["employees"]]
        if page["next"] is None:
            break
        page = client.get(f"{address}&after={page['next']}").json
    assert found == ["Ben", "Carla", "Ana", "Dodo"]


def _no_more(seen: dict[str, object]) -> dict[str, object]:
    """A whole record may be sent back as it was read, but for what only moving sets."""
    return {"state": seen["state"], "reason": seen["reason"]}
