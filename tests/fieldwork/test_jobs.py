"""Jobs: made once, moved, closed with their ticket, seen by whom they concern."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.fieldwork.make import NINE, make_employee, make_job
from tests.tickets.make import make_ticket
from webapp.accounts.models import User
from webapp.core import db
from webapp.core.db import transaction
from webapp.core.errors import IllegalTransition, Invalid
from webapp.events.queries import history_of
from webapp.fieldwork import actions, queries
from webapp.fieldwork.models import Job
from webapp.outbox.models import Delivery
from webapp.tickets.models import Ticket

SignIn = Callable[[User], FlaskClient]


def told(job: Job) -> list[str]:
    return [event.type for event in history_of("job", job.id)]


def test_a_job_made_twice_under_one_key_is_one(people: SimpleNamespace) -> None:
    keys = {"client_uuid": "made-on-a-phone-1"}
    with transaction():
        first, is_new = actions.create_job({"title": "Lamp"}, actor=people.andres.actor, **keys)
        again, again_new = actions.create_job({"title": "Lamp"}, actor=people.andres.actor, **keys)

    assert (is_new, again_new) == (True, False)
    assert first.id == again.id
    assert told(first) == ["job.created"]


def test_a_move_needs_to_be_possible_and_some_need_a_reason(people: SimpleNamespace) -> None:
    job = make_job()
    with transaction(), pytest.raises(IllegalTransition):
        actions.move_job(job, "done", actor=people.andres.actor)
    with transaction(), pytest.raises(Invalid):
        actions.move_job(job, "not_possible", actor=people.andres.actor)
    with transaction():
        actions.move_job(job, "not_possible", reason="Nobody opened", actor=people.andres.actor)
    assert (job.state, job.reason) == ("not_possible", "Nobody opened")
    assert job.finished_at is not None


@pytest.mark.parametrize(
    ("default", "choice", "status"),
    [
        (True, None, "resolved"),
        (False, None, "open"),
        (True, False, "open"),
        (False, True, "resolved"),
    ],
)
def test_closing_a_job_resolves_its_ticket_and_tells_the_reporter(
    people: SimpleNamespace, default: bool, choice: bool | None, status: str
) -> None:
    ticket = make_ticket()
    job = make_job(ticket=ticket, resolves_ticket=default)
    mails = db.session().query(Delivery).filter_by(kind="reporter_status").count
    for state in ("working", "done"):
        with transaction():
            actions.move_job(job, state, resolve=choice, actor=people.felix.actor)

    assert db.session().get_one(Ticket, ticket.id).status == status
    assert mails() == (1 if status == "resolved" else 0)


def test_a_field_worker_sees_their_own_jobs_only(people: SimpleNamespace, sign_in: SignIn) -> None:
    felix = make_employee("Felix", user=people.felix.id)
    mine, other = make_job("Mine", (felix,)), make_job("Another one's", (make_employee("Ana"),))
    client = sign_in(people.felix)

    assert client.get(f"/my-day/{mine.ref}").status_code == 200
    assert client.get(f"/my-day/{other.ref}").status_code == 404
    assert client.post(f"/jobs/{other.ref}/move", data={"state": "working"}).status_code == 404
    assert client.get("/jobs").status_code == 403
    assert "Mine" in client.get("/my-day").text
    assert "Another one" not in client.get("/my-day").text


@pytest.mark.parametrize("name", ["fina", "rosa", "nadia"])
def test_who_has_nothing_to_do_with_jobs_sees_none(
    people: SimpleNamespace, sign_in: SignIn, name: str
) -> None:
    job = make_job()
    client = sign_in(getattr(people, name))
    for path in ("/jobs", f"/jobs/{job.ref}", "/employees", "/my-day", "/api/jobs"):
        assert client.get(path).status_code == 403


def test_a_deed_sent_again_by_a_device_is_done_once(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    felix = make_employee("Felix", user=people.felix.id)
    job = make_job("Mine", (felix,))
    client = sign_in(people.felix)
    sent = {"body": "The key is at the barangay hall.", "client_id": "phone-note-0001"}
    headers = {"Accept": "application/json"}

    answers = [client.post(f"/jobs/{job.ref}/notes", data=sent, headers=headers) for _ in range(3)]
    assert {answer.json["receipt"]["note"] for answer in answers} == {1}
    assert told(job).count("job.noted") == 1

    other = {**sent, "body": "Something else under the same key"}
    refused = client.post(f"/jobs/{job.ref}/notes", data=other, headers=headers)
    assert refused.status_code == 409
    assert refused.mimetype == "application/problem+json"


def test_a_deed_that_was_refused_leaves_no_receipt(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    job = make_job("Mine", (make_employee("Felix", user=people.felix.id),))
    client = sign_in(people.felix)
    early = {"state": "done", "client_id": "phone-move-0001"}

    assert client.post(f"/jobs/{job.ref}/move", data=early).status_code == 409
    client.post(f"/jobs/{job.ref}/move", data={"state": "working"})
    assert client.post(f"/jobs/{job.ref}/move", data=early).status_code == 303
    assert db.session().get_one(Job, job.id).state == "done"


def test_a_field_worker_cannot_cancel(people: SimpleNamespace, sign_in: SignIn) -> None:
    job = make_job("Mine", (make_employee("Felix", user=people.felix.id),))
    sent = {"state": "cancelled", "reason": "No"}
    assert sign_in(people.felix).post(f"/jobs/{job.ref}/move", data=sent).status_code == 409
    assert sign_in(people.andres).post(f"/jobs/{job.ref}/move", data=sent).status_code == 303


def test_who_presses_on_what_was_moved_meanwhile_is_told(
    people: SimpleNamespace, sign_in: SignIn
) -> None:
    job = make_job()
    with transaction():
        actions.move_job(job, "cancelled", reason="Rain", actor=people.amihan.actor)
    sent = {"state": "planned", "seen": "on_the_way"}
    assert sign_in(people.andres).post(f"/jobs/{job.ref}/move", data=sent).status_code == 409


def test_jobs_page_by_time_and_go_on_after_a_position(people: SimpleNamespace) -> None:
    from datetime import timedelta

    for n in range(5):
        make_job(f"Job {n}", starts_at=NINE + timedelta(hours=-n) if n != 2 else None)
    found, after = [], None
    while True:
        page = queries.jobs_page(people.andres, queries.JobFilters(), after=after, rows=2)
        found += [job.title for job in page.rows]
        if (after := page.next) is None:
            break
    assert found == ["Job 4", "Job 3", "Job 1", "Job 0", "Job 2"]


def test_only_what_nobody_began_can_be_deleted(people: SimpleNamespace, sign_in: SignIn) -> None:
    begun, fresh = make_job(), make_job()
    with transaction():
        actions.move_job(begun, "working", actor=people.andres.actor)
    client = sign_in(people.andres)
    gone = f"/jobs/{fresh.ref}"
    assert client.post(f"/jobs/{begun.ref}/delete").status_code == 409
    assert client.post(f"{gone}/delete").status_code == 303
    assert client.get(gone).status_code == 404
