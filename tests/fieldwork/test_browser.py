"""Field work in a real browser: a planner by mouse and by keyboard, a field worker on a phone with one hand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import Flask
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.test_accessibility import _look, _tab_to
from tests.fieldwork.make import make_employee, make_job
from tests.serving import enter, serving, window_on
from tests.tickets.make import make_ticket, photo
from webapp.accounts.models import User
from webapp.core import clock, db
from webapp.fieldwork import actions
from webapp.fieldwork.models import Job
from webapp.tickets.models import Ticket

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture
def window(app: Flask, browser: Browser) -> Iterator[Open]:
    """`window(person)`: the desk as they see it. Nothing may stand in the console at the end."""
    opened, complaints = [], list[str]()

    def open_window(person: User, *, width: int = 1280) -> Page:
        context = window_on(
            browser, address, viewport={"width": width, "height": 844}, reduced_motion="reduce"
        )
        opened.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _matters(said) else None)
        enter(page, person.email)
        return page

    with serving(app) as address:
        yield open_window
        for context in opened:
            context.close()
    assert complaints == []


def _matters(said: ConsoleMessage) -> bool:
    """A test that cuts the stream does it on purpose."""
    return said.type == "error" and "/live?" not in said.location.get("url", "")


def _kept(job: Job) -> Job:
    db.session().rollback()
    return db.session().get_one(Job, job.id, populate_existing=True)


def test_a_card_moves_by_dragging_and_by_keyboard(window: Open, people: SimpleNamespace) -> None:
    dragged, typed = make_job("Dragged"), make_job("Typed")
    page = window(people.andres)
    page.goto("/jobs/board")

    def column(state: str) -> str:
        return f".board__column[data-state={state}]"

    page.drag_and_drop(f"#card-{dragged.id}", column("on_the_way"))
    expect(page.locator(f"{column('on_the_way')} #card-{dragged.id}")).to_be_visible()
    assert _kept(dragged).state == "on_the_way"
    page.drag_and_drop(f"#card-{dragged.id}", column("done"))  # no move of the table
    page.drag_and_drop(f"#card-{dragged.id}", column("not_possible"))
    expect(page.locator(":focus")).to_have_attribute("name", "reason")
    page.keyboard.type("Nobody opened")
    page.locator(f"#card-{dragged.id} button[value=not_possible]").click()
    expect(page.locator(f"{column('not_possible')} #card-{dragged.id}")).to_be_visible()
    assert _kept(dragged).reason == "Nobody opened"

    page.reload()
    _tab_to(page, f"#card-{typed.id} summary")
    page.keyboard.press("Enter")
    _tab_to(page, f"#card-{typed.id} button[value=working]")
    page.keyboard.press("Enter")
    expect(page.locator(f"{column('working')} #card-{typed.id}")).to_be_visible()
    expect(page.locator(f"#card-{typed.id} a")).to_be_focused()  # not the top of the page


def test_a_board_follows_what_others_do_and_a_day_is_ordered_by_dragging(
    window: Open, people: SimpleNamespace
) -> None:
    ana, now = make_employee("Ana"), clock.now()
    first, second = (
        make_job(t, (ana,), starts_at=now + timedelta(minutes=n)) for n, t in enumerate("AB")
    )
    page = window(people.andres)
    page.goto("/jobs/board")
    expect(page.locator("#live-state")).to_contain_text("Live")
    with db.transaction() as session:
        actions.move_job(session.get_one(Job, first.id), "working", actor=people.amihan.actor)
    working = page.locator(".board__column[data-state=working]")
    expect(working.locator(f"#card-{first.id}")).to_be_visible()

    page.goto(f"/employees/{ana.id}/plan")
    expect(page.locator(".plan__job").first).to_contain_text("A")
    page.drag_and_drop(f"#plan-{second.id}", f"#plan-{first.id}", target_position={"x": 60, "y": 4})
    expect(page.locator(f"#plan-{second.id} .plan__place")).to_have_text("1")
    page.locator(f"#down-{second.id}").press("Enter")
    expect(page.locator(".plan__job").first).to_contain_text("A")


def test_a_field_worker_does_a_job_on_a_phone(window: Open, people: SimpleNamespace) -> None:
    felix, ticket = make_employee("Felix", user=people.felix.id), make_ticket()
    job = make_job(
        "Replace the lamp", (felix,), ticket=ticket, starts_at=clock.now(), checklist=["Look first"]
    )
    page = window(people.felix, width=390)
    page.wait_for_url("**/my-day")
    page.get_by_text("Replace the lamp").click()
    page.get_by_role("button", name="Start work").click()
    page.get_by_role("button", name="Look first").click()
    expect(page.get_by_text("To do: 1 of 1")).to_be_visible()

    page.set_input_files(
        "input[name=photos]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    )
    page.get_by_role("button", name="Keep the photos").click()
    expect(page.get_by_alt_text("Photo by Felix")).to_be_visible()

    page.get_by_label("Who signs?").fill("Rosa")
    page.get_by_role("button", name="Keep the signature").click()
    expect(page.get_by_text("Sign first")).to_be_visible()
    canvas = page.locator("canvas.signature")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 30, box["y"] + 40)
    page.mouse.down()
    page.mouse.move(box["x"] + 200, box["y"] + 120, steps=5)
    page.mouse.up()
    expect(page.locator("input[name=signature]")).to_have_value(re.compile("signature.png"))
    page.get_by_role("button", name="Keep the signature").click()
    expect(page.get_by_alt_text("Signature of Rosa")).to_be_visible()

    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("main").get_by_text("Done", exact=True).first).to_be_visible()
    expect(page.locator("#device-count")).to_be_hidden()
    expect(page.locator(".device-mark")).to_have_count(0)
    assert _kept(job).state == "done"
    assert db.session().get_one(Ticket, ticket.id, populate_existing=True).status == "resolved"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_two_devices_of_one_person_see_each_others_change_at_once_and_without_a_stream_by_asking(
    window: Open, people: SimpleNamespace
) -> None:
    felix = make_employee("Felix", user=people.felix.id)
    job = make_job(
        "Replace the lamp", (felix,), checklist=["One", "Two", "Three"], starts_at=clock.now()
    )
    one, other = window(people.felix, width=390), window(people.felix, width=390)

    asked: list[str] = []
    other.on(
        "request", lambda request: asked.append(request.url) if "/live" in request.url else None
    )

    def is_seen(item: str) -> None:
        one.get_by_role("button", name=item).click()
        expect(other.get_by_role("button", name=item)).to_have_attribute("aria-pressed", "true")

    for page in (one, other):
        page.goto(f"/my-day/{job.ref}")
        expect(page.locator("#live-state")).to_contain_text("Live")
    asked.clear()
    for item in ("One", "Two"):
        is_seen(item)
    assert asked == []  # told by the stream that was open, at once
    other.context.route(re.compile(r"/live\?"), lambda route: route.fulfill(status=503))
    other.reload()
    expect(other.locator("#live-state")).to_contain_text("checking every")
    is_seen("Three")
    assert any("/live/poll" in each for each in asked)


def test_no_page_of_field_work_has_a_serious_violation(
    window: Open, people: SimpleNamespace
) -> None:
    felix = make_employee("Felix", user=people.felix.id, skills=["driver"])
    place = {"lat": Decimal("13.62"), "lng": Decimal("123.19"), "place": "Plaza"}
    job = make_job(
        "Lamp", (felix,), starts_at=clock.now(), checklist=["Look"], parts=["lamp"], **place
    )
    make_job("Nobody's", skill="driver", **place)
    planner = [
        "/jobs", "/jobs/board", "/jobs/assign", "/jobs/week", "/jobs/map", "/jobs/new",
        "/jobs/recurring", "/jobs/recurring/new", f"/jobs/{job.ref}", f"/jobs/{job.ref}/edit",
        "/employees", "/employees/new", f"/employees/{felix.id}", f"/employees/{felix.id}/plan",
    ]  # fmt: skip
    assert _look(window(people.andres), planner) == []
    own = ["/my-day", f"/my-day/{job.ref}", "/my-day/device", "/offline"]
    assert _look(window(people.felix), own, ((390, "dark"), (1280, "light"))) == []
