"""Field pages in a real browser with the network really off: the wire is cut and the browser says so; or the desk alone
is gone. A profile that is closed, killed and opened again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser.test_accessibility import _tab_to
from tests.fieldwork.make import make_employee, make_job
from tests.fieldwork.network import Network, network_to
from tests.fieldwork.phone import Phone
from tests.serving import serving
from tests.tickets.make import photo
from webapp.chat import actions as chat
from webapp.chat.models import Message
from webapp.core import clock, db
from webapp.core.db import transaction
from webapp.fieldwork import actions
from webapp.fieldwork.models import Job
from webapp.tickets.models import Ticket

pytestmark = pytest.mark.browser
PHOTO = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}


@pytest.fixture
def wire(app: Flask) -> Iterator[Network]:
    with serving(app) as desk, network_to(desk) as network:
        yield network


@pytest.fixture
def phone(wire: Network, browser: Browser, tmp_path: Path) -> Iterator[Phone]:
    made = Phone(browser, wire.address, tmp_path / "phone")
    yield made
    made.close()
    assert made.errors == []


@pytest.fixture
def job(people: SimpleNamespace) -> Job:
    felix = make_employee("Felix", user=people.felix.id)
    return make_job("Lamp", (felix,), starts_at=clock.now(), checklist=["Look first"])


def _now(job: Job) -> Job:
    db.session().rollback()
    return db.session().get_one(Job, job.id, populate_existing=True)


def _off(phone: Phone, wire: Network) -> None:
    wire.cut()
    phone.context.set_offline(True)


def _on(phone: Phone, wire: Network) -> None:
    wire.mend()
    phone.context.set_offline(False)


def _work(page: Page) -> None:
    """On the job's page: begins it, ticks, notes, takes a photo, has it done."""
    page.get_by_role("button", name="Start work").click()
    page.get_by_role("button", name="Look first").click()
    page.get_by_label("Note").fill("Glass everywhere")
    page.get_by_role("button", name="Keep the note").click()
    page.set_input_files("input[name=photos]", PHOTO)
    page.get_by_role("button", name="Keep the photos").click()
    expect(page.locator(".device-change", has_text="a.jpg")).to_be_visible()
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.locator(".own-state")).to_contain_text("0 of 1 photos sent")


def test_a_day_is_worked_without_a_network_closed_killed_and_sent(
    people: SimpleNamespace, job: Job, phone: Phone, wire: Network
) -> None:
    with transaction():
        channel = chat.direct_channel(people.felix, people.andres)
    phone.sign_in(people.felix).wait_for_url("**/my-day")
    phone.keep_ahead()

    _off(phone, wire)
    phone.close()
    page = phone.open()
    phone.context.set_offline(True)
    page.goto("/my-day")  # in a browser that was closed, with no network
    expect(page.locator("#kept-page")).to_contain_text("offline")
    page.get_by_text("Lamp").click()
    _work(page)
    expect(page.locator("#device-count")).to_have_text("5 changes waiting")
    page.goto(f"/chat/{channel.id}")
    page.locator("#say textarea").fill("I am late")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".device-change")).to_contain_text("I am late")
    page.goto("/report")
    page.get_by_label("What is it about?").fill("Hole")
    page.get_by_label("What happened?").fill("In the road, deep.")
    page.get_by_role("button", name="Send report").click()
    expect(page.locator(".device-change")).to_contain_text("Hole")
    page.goto("/account")  # not kept: says so, and leads back
    page.get_by_role("link", name="To my day").click()
    expect(page.locator(".own-state")).to_contain_text("Done")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    phone.kill()
    page = phone.open()
    phone.context.set_offline(True)
    page.goto(f"/my-day/{job.ref}")
    expect(page.locator(".own-state")).to_contain_text("Waiting to be sent")
    expect(page.locator(".checklist__item")).to_contain_text("Waiting to be sent")
    page.locator("#device-count").click()
    expect(page.locator(".device-change")).to_have_count(7)
    assert (_now(job).state, _now(job).notes) == ("planned", [])

    _on(phone, wire)
    phone.all_sent()
    expect(page.locator(".device-change[data-status=sent]")).to_have_count(7)
    found = _now(job)
    assert (found.state, len(found.files), bool(found.items[0].done_at)) == ("done", 1, True)
    assert [note.body for note in found.notes] == ["Glass everywhere"]
    assert [each.body for each in db.session().query(Message)] == ["I am late"]
    assert [each.title for each in db.session().query(Ticket)] == ["Hole"]
    page.goto("/my-day")
    expect(page.locator("#kept-page")).to_be_hidden()
    expect(page.locator(".device-mark")).to_have_count(0)


def test_the_desk_alone_is_gone_and_answers_get_lost(
    people: SimpleNamespace, job: Job, phone: Phone, wire: Network
) -> None:
    """The browser believes that it has a network. Then each form's first answer is lost."""
    phone.sign_in(people.felix).wait_for_url("**/my-day")
    phone.keep_ahead()
    page = phone.page
    wire.cut()
    page.goto(f"/my-day/{job.ref}")
    expect(page.locator("#kept-page")).to_contain_text("the desk does not answer")
    _work(page)
    assert {each["status"] for each in phone.queued()} <= {"waiting", "sending"}
    wire.lose_answers = 3
    wire.mend()
    phone.all_sent()
    expect(page.locator("#kept-page")).to_be_hidden()
    expect(page.locator(".device-mark")).to_have_count(0)  # asked anew by itself
    found = _now(job)
    assert wire.lost == 3
    assert (found.state, len(found.files), len(found.notes)) == ("done", 1, 1)


def test_a_conflict_is_asked_and_a_refusal_told_by_keyboard(
    people: SimpleNamespace, job: Job, phone: Phone, wire: Network
) -> None:
    phone.sign_in(people.felix).wait_for_url("**/my-day")
    phone.keep_ahead()
    _off(phone, wire)
    page = phone.page
    page.goto(f"/my-day/{job.ref}")
    page.get_by_role("button", name="Start work").click()
    page.get_by_role("button", name="Done", exact=True).click()
    page.set_input_files("input[name=photos]", {**PHOTO, "name": "no.jpg", "buffer": b"no photo"})
    page.get_by_role("button", name="Keep the photos").click()
    expect(page.locator("#device-count")).to_have_text("3 changes waiting")
    with transaction():
        actions.move_job(db.session().get_one(Job, job.id), "on_the_way", actor=people.andres.actor)

    _on(phone, wire)
    expect(page.locator("#device-count")).to_have_text("1 change waiting, 2 need you")
    page.goto("/my-day/device")
    asked = page.locator(".device-change[data-status=conflict]")
    expect(asked).to_contain_text("Andres set it to: On the way")
    expect(asked).to_contain_text("You: Working")
    expect(page.locator(".device-change", has_text="Done")).to_contain_text("Waits for")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    refused = page.locator(".device-change[data-status=refused]")
    expect(refused).to_contain_text("no.jpg")
    assert _now(job).state == "on_the_way"

    _tab_to(page, ".device-choice .button--primary")  # keep mine
    page.keyboard.press("Enter")
    expect(page.locator("#device-count")).to_have_text("1 needs you")
    assert _now(job).state == "done"
    _tab_to(page, ".device-change[data-status=refused] .button--danger")
    page.keyboard.press("Enter")
    page.locator("#confirm").get_by_role("button", name="Discard").press("Enter")
    phone.all_sent()
    assert _now(job).files == []


def test_signing_out_warns_and_clears_and_nobody_sends_anothers(
    app: Flask, people: SimpleNamespace, job: Job, phone: Phone, wire: Network
) -> None:
    phone.sign_in(people.felix).wait_for_url("**/my-day")
    phone.keep_ahead()
    _off(phone, wire)
    page = phone.page
    page.goto(f"/my-day/{job.ref}")
    page.get_by_label("Note").fill("Mine")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator("#device-count")).to_have_text("1 change waiting")
    _press_sign_out(page)
    dialog = page.locator("#sign-out")
    expect(dialog).to_contain_text("1 change on this device has not been sent.")
    dialog.get_by_role("button", name="Sign out and lose them").click()
    expect(dialog).to_contain_text("still signed in")  # it takes a network
    dialog.get_by_role("button", name="Stay signed in").click()

    # Signed out elsewhere, and somebody else signs in here: what waits is kept, unseen and unsent.
    app.test_client(user=people.felix).post("/account/sign-out-everywhere")
    _on(phone, wire)
    expect(page.locator("#device-count")).to_contain_text("sign in to send")
    phone.sign_in(people.andres, to="/login")
    page.goto("/my-day/device")
    expect(page.locator("[data-device-none]")).to_be_visible()
    assert not any(name.endswith(f"-{people.felix.id}") for name in phone.kept())
    _press_sign_out(page)
    page.wait_for_url("**/login")
    assert _now(job).notes == []
    phone.sign_in(people.felix).wait_for_url("**/my-day")
    phone.keep_ahead()  # what was kept went when Andres came
    page.goto("/my-day/device")
    expect(page.locator(".device-change[data-status=sent]")).to_have_count(1)
    assert [(note.body, note.author_name) for note in _now(job).notes] == [("Mine", "Felix")]

    _off(phone, wire)
    page.goto(f"/my-day/{job.ref}")
    page.get_by_label("Note").fill("Another")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.locator("#device-count")).to_have_text("1 change waiting")
    _press_sign_out(page)
    _on(phone, wire)
    page.locator("#sign-out").get_by_role("button", name="Send now").click()
    page.wait_for_url("**/login")
    assert [note.body for note in _now(job).notes] == ["Mine", "Another"]
    assert not any(name.startswith("tulay-pages") for name in phone.kept())
    assert page.evaluate(_CHANGES) == 0


def _press_sign_out(page: Page) -> None:
    page.get_by_role("button", name="Account:").click()
    page.get_by_role("button", name="Sign out", exact=True).click()


_CHANGES = """() => new Promise((resolve) => {
  indexedDB.open("tulay-device").onsuccess = ({ target: { result } }) => {
    result.transaction("changes").objectStore("changes").count().onsuccess = (event) => resolve(event.target.result);
  };
})"""
