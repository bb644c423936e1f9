"""What a device sends after it had no network: each change under an id of its own, in order, once, as JSON."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.conftest import PASSWORD
from tests.fieldwork.make import make_employee, make_job
from tests.tickets.make import photo
from webapp.accounts.models import User
from webapp.chat.models import Message
from webapp.core import db
from webapp.core.bundles import STATIC
from webapp.core.db import transaction
from webapp.fieldwork import actions
from webapp.fieldwork.models import Job
from webapp.tickets.models import Ticket

SignIn = Callable[[User], FlaskClient]
Send = Callable[..., Any]


@pytest.fixture
def job(people: SimpleNamespace) -> Job:
    felix = make_employee("Felix", user=people.felix.id)
    return make_job("Lamp", (felix,), checklist=["Look first"], parts=["lamp"])


@pytest.fixture
def send(people: SimpleNamespace, sign_in: SignIn) -> Send:
    """`send(path, id=…, **fields)`: what Felix's phone sends."""
    phone = sign_in(people.felix)

    def send(path: str, **fields: Any) -> Any:
        key = fields.pop("id", None) or str(uuid4())
        headers = {"Accept": "application/json", "Tulay-Person": str(people.felix.id)}
        return phone.post(path, data={"client_id": key, **fields}, headers=headers)

    return send


def _now(job: Job) -> Job:
    db.session().rollback()
    return db.session().get_one(Job, job.id, populate_existing=True)


def _mine(job: Job) -> Job:
    return db.session().get_one(Job, job.id)


def test_the_same_id_twice_is_one_note_and_one_answer(job: Job, send: Send) -> None:
    key = str(uuid4())
    first, second = (send(f"/jobs/{job.ref}/notes", id=key, body="Glass") for _ in "ab")
    assert first.status_code == second.status_code == 200
    assert first.json["outcome"] == second.json["outcome"] == "done"
    assert first.json["receipt"] == second.json["receipt"]
    assert [note.body for note in _now(job).notes] == ["Glass"]


def test_a_day_goes_through_in_order(job: Job, send: Send) -> None:
    seen = "planned"
    for state in ("on_the_way", "working", "done"):
        assert send(f"/jobs/{job.ref}/move", state=state, seen=seen).json["outcome"] == "done"
        seen = state
    assert _now(job).state == "done"


def test_a_move_that_cannot_be_is_refused_with_words(job: Job, send: Send) -> None:
    answer = send(f"/jobs/{job.ref}/move", state="done", seen="planned")
    assert answer.status_code == 409
    assert answer.json["title"]
    assert "conflicts" not in answer.json
    assert send(f"/jobs/{job.ref}/move", state="not_possible").json["errors"] == {
        "reason": "Say why."
    }


def test_somebody_elses_job_is_refused(people: SimpleNamespace, job: Job, send: Send) -> None:
    other = make_job("Not his", (make_employee("Ana"),))
    assert send(f"/jobs/{other.ref}/notes", body="Hello").status_code == 404
    assert _now(other).notes == []


def test_the_same_state_set_by_two_is_asked_about_with_both_values(
    people: SimpleNamespace, job: Job, send: Send
) -> None:
    with transaction():
        actions.move_job(_mine(job), "cancelled", reason="Rain", actor=people.andres.actor)
    key = str(uuid4())
    answer = send(f"/jobs/{job.ref}/move", id=key, state="on_the_way", seen="planned")
    assert (answer.status_code, answer.json["outcome"]) == (409, "conflict")
    sides = answer.json["conflicts"]["state"]
    assert (sides["theirs"], sides["yours"], sides["who"]) == ("cancelled", "on_the_way", "Andres")
    assert sides["at"]
    assert _now(job).state == "cancelled"
    # "Keep mine" is sent again under the same id, made from theirs; the rules still hold.
    assert send(f"/jobs/{job.ref}/move", id=key, state="on_the_way", seen="cancelled").json[
        "code"
    ] == ("illegal_transition")
    kept = send(f"/jobs/{job.ref}/move", id=key, state="planned", seen="cancelled")
    assert kept.json["outcome"] == "done"


def test_both_did_the_same_and_other_fields_merge(
    people: SimpleNamespace, job: Job, send: Send
) -> None:
    with transaction():
        actions.move_job(_mine(job), "working", actor=people.andres.actor)
        actions.edit_job(_mine(job), {"title": "Big lamp"}, actor=people.andres.actor)
    item = _now(job).items[0].id
    assert send(f"/jobs/{job.ref}/move", state="working", seen="planned").json["outcome"] == "done"
    ticked = send(f"/jobs/{job.ref}/items/{item}", do="done", seen="undone", text="Look first")
    assert ticked.json["outcome"] == "done"
    found = _now(job)
    assert (found.title, found.state, bool(found.items[0].done_at)) == ("Big lamp", "working", True)


def test_an_item_taken_off_the_list_is_asked_about_and_comes_back_if_wanted(
    people: SimpleNamespace, job: Job, send: Send
) -> None:
    item = _now(job).items[0].id
    with transaction():
        actions.remove_item(_mine(job), item, actor=people.andres.actor)
    tick = {"do": "done", "text": "Look first"}
    answer = send(f"/jobs/{job.ref}/items/{item}", seen="undone", **tick)
    assert answer.json["conflicts"]["item"]["theirs"] == "gone"
    assert answer.json["conflicts"]["item"]["who"] == "Andres"
    assert send(f"/jobs/{job.ref}/items/{item}", seen="gone", **tick).json["outcome"] == "done"
    assert [(one.text, bool(one.done_at)) for one in _now(job).items] == [("Look first", True)]
    other = send(f"/jobs/{job.ref}/items/{item}", do="done", seen="undone", text="Another thing")
    assert (
        other.json["conflicts"]["item"]["theirs"] == "gone"
    )  # though SQLite used its number again
    assert send(f"/jobs/{job.ref}/items/99", do="done").status_code == 404


def test_a_part_counted_by_two_is_asked_about(
    people: SimpleNamespace, job: Job, send: Send
) -> None:
    part = _now(job).parts[0].id
    with transaction():
        actions.use_part(_mine(job), part, used=3, actor=people.andres.actor)
    answer = send(f"/jobs/{job.ref}/parts/{part}", do="used", used="2", seen="")
    sides = answer.json["conflicts"]["used"]
    assert (sides["theirs_in_words"], sides["yours_in_words"]) == ("3 used", "2 used")
    assert sides["who"] == "Andres"
    assert (
        send(f"/jobs/{job.ref}/parts/{part}", do="used", used="2", seen="3").json["outcome"]
        == "done"
    )
    assert _now(job).parts[0].used == 2


def test_a_photo_sent_twice_is_kept_once_and_done_waits_for_it(job: Job, send: Send) -> None:
    key, later = str(uuid4()), str(uuid4())
    send(f"/jobs/{job.ref}/move", state="working")
    done = {"state": "done", "seen": "working", "after": f"{key},{later}"}
    for _ in "ab":
        assert send(f"/jobs/{job.ref}/files", id=key, photos=_photo()).json["outcome"] == "done"
    early = send(f"/jobs/{job.ref}/move", **done)
    assert early.json["code"] == "photos_missing"
    assert "1 of 2" in early.json["title"]
    send(f"/jobs/{job.ref}/files", id=later, photos=_photo(b"x"))
    assert _now(job).state == "working"
    assert send(f"/jobs/{job.ref}/files", id=later, photos=_photo()).json["outcome"] == "done"
    assert send(f"/jobs/{job.ref}/move", **done).json["outcome"] == "done"
    assert (len(_now(job).files), _now(job).state) == (2, "done")


def test_a_message_and_a_report_arrive_once(
    people: SimpleNamespace, sign_in: SignIn, send: Send
) -> None:
    sign_in(people.andres).post("/chat/to", data={"person": people.felix.id})
    for _ in "ab":
        said = send("/chat/1", id="message-key-1", body="I am late")
        assert (said.status_code, said.json["outcome"]) == (200, "done")
    assert db.session().scalar(select(func.count()).select_from(Message)) == 1
    assert send("/chat/1", body=" ").json["errors"]["body"]

    stamp = _stamp(sign_in(people.felix))
    told = {"title": "Hole", "description": "In the road, deep.", "submission_key": str(uuid4())}
    answers = [send("/report", **told, shown=stamp, seen_alike="1").json for _ in "ab"]
    assert [each["outcome"] for each in answers] == ["done", "done"]
    assert answers[0]["ref"] == answers[1]["ref"]
    assert db.session().scalar(select(func.count()).select_from(Ticket)) == 1
    assert send("/report", **{**told, "title": ""}, shown=stamp).json["errors"]["title"]


def test_a_device_sends_as_nobody_else(
    app: Flask, people: SimpleNamespace, job: Job, sign_in: SignIn
) -> None:
    meant = {"Accept": "application/json", "Tulay-Person": str(people.felix.id)}
    path, note = f"/jobs/{job.ref}/notes", {"body": "Hello", "client_id": "a-key-of-felix"}
    other = sign_in(people.andres).post(path, data=note, headers=meant)
    assert (other.status_code, other.json["code"]) == (401, "somebody_else")
    out = app.test_client().post(path, data=note, headers=meant)
    assert (out.status_code, out.json["code"]) == (401, "signed_out")
    assert _now(job).notes == []


def test_each_page_says_whose_it_is_and_a_device_who_it_is(
    app: Flask, people: SimpleNamespace, sign_in: SignIn
) -> None:
    felix = sign_in(people.felix)
    assert felix.get("/my-day").headers["Tulay-Person"] == str(people.felix.id)
    assert felix.get("/report").headers["Tulay-Person"] == str(people.felix.id)
    assert app.test_client().get("/login").headers["Tulay-Person"] == "0"
    told = felix.get("/my-day/session")
    assert told.json["person"] == people.felix.id
    assert told.json["csrf"]
    assert told.headers["Cache-Control"] == "no-store"


def test_the_app_installs_and_its_files_are_there(app: Flask) -> None:
    client = app.test_client()
    told = client.get("/manifest.webmanifest")
    assert told.mimetype == "application/manifest+json"
    assert told.get_json(force=True)["start_url"] == "/my-day"
    icons = told.get_json(force=True)["icons"]
    assert {(each["sizes"], each["purpose"]) for each in icons} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for each in icons:
        assert client.get(each["src"]).data.startswith(b"\x89PNG")
    assert 'rel="manifest"' in client.get("/login").text
    worker = client.get("/static/bundles/worker.js").text
    for part in ("offline/store", "offline/sender", "sw/pages", "sw/sending"):
        assert (STATIC / f"js/{part}.js").read_text() in worker
    assert "To my day" in client.get("/offline").text


def test_who_works_outside_stays_signed_in_when_the_browser_closes(
    app: Flask, people: SimpleNamespace
) -> None:
    def cookie(person: User) -> str:
        answer = app.test_client().post(
            "/login", data={"email": person.email, "password": PASSWORD}
        )
        return next(
            each for each in answer.headers.getlist("Set-Cookie") if "tulay_session" in each
        )

    assert "Expires=" in cookie(people.felix)
    assert "Expires=" not in cookie(people.andres)


def _photo(content: bytes | None = None) -> tuple[io.BytesIO, str]:
    return io.BytesIO(content or photo()), "a.jpg"


def _stamp(client: FlaskClient) -> str:
    """Of a form that was shown a minute ago: nobody types a report within a second."""
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=1)):
        found = re.search(r'name="shown" value="([^"]+)"', client.get("/report").text)
    assert found
    return found[1]
