"""The ten main tasks of an agent by keyboard alone: after its tickets are there, nothing in this test clicks or fills."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("desk")]


class Keys:
    """A person whose mouse is broken."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def tab_to(self, wanted: Locator, *, most: int = 40, back: bool = False) -> None:
        """Tab until it has the focus; fails where that takes too long."""
        for _ in range(most):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"Tab does not reach {wanted}")

    def choose(self, select: Locator, label: str) -> None:
        """An option of a focused list, by the first letters of its name."""
        expect(select).to_be_focused()
        self.type(label)
        expect(select.locator("option:checked")).to_have_text(label)


def sign_in(keys: Keys, desk) -> None:
    email, password = desk.account("agent")
    page = keys.page
    page.goto("/login")
    keys.tab_to(page.locator("input[name=email]"))
    keys.type(email)
    keys.press("Tab")
    keys.type(password)
    keys.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def post(page: Page, address: str, form: dict[str, str]) -> str:
    """What the test needs beforehand; the address where it led."""
    text = page.request.get(address).text()
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert token
    answer = page.request.post(address, form={"csrf_token": token[1], **form})
    assert answer.ok, f"{answer.url}: {answer.status}"
    return str(answer.url)


def make_tickets(page: Page, word: str) -> list[str]:
    """Numbers of three tickets whose titles hold `word`."""
    page.goto("/tickets/new")
    options = page.locator("select[name=category] option").evaluate_all(
        "all => all.map(one => one.value).filter(Boolean)"
    )
    known = {"category": options[0]} if options else {}
    made = []
    for name in ("Lamp", "Drain", "Sign"):
        fields = {"title": f"{name} {word}", "description": "It is broken.", "place": "Zone 4"}
        made.append(post(page, "/tickets/new", fields | known).rsplit("/", 1)[-1])
    page.goto("/")
    return made


@pytest.fixture
def keys(window: Callable[..., Page], desk) -> Keys:
    keys = Keys(window())
    sign_in(keys, desk)
    return keys


def test_an_agents_ten_main_tasks_need_no_mouse(keys: Keys) -> None:
    page, word = keys.page, f"bayside{time.time_ns() % 10**9}"
    lamp, drain, sign = make_tickets(page, word)
    post(page, "/replies", {"name": f"Crew {word}", "body": "A crew comes on Monday."})
    colleague = page.request.get("/tickets/people").json()[0]

    find_it(keys, word)
    write_on_it(keys, word, colleague)
    work_on_it(keys, word)
    merge_it(keys, into=drain, ref=lamp)
    close_many(keys, word, sign)
    keep_the_list(keys, word)


def find_it(keys: Keys, word: str) -> None:
    """Opens the list, searches it with operators, walks, opens the lamp."""
    page = keys.page
    keys.press("g", "t")
    page.wait_for_url(re.compile(r"/tickets$"))
    keys.press("/")
    keys.type(f"status:open {word}")
    keys.press("Enter")
    page.wait_for_url(re.compile("q=status"))
    rows = page.locator("#ticket-rows tr")
    expect(rows).to_have_count(3)
    keys.press("j", "j", "j", "k", "j")
    expect(rows.nth(2).locator("th a")).to_be_focused()
    expect(rows.nth(2)).to_contain_text(f"Lamp {word}")
    keys.press("o")
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Lamp {word}")


def write_on_it(keys: Keys, word: str, colleague: str) -> None:
    """A saved reply as answer, and a note that names a colleague."""
    page = keys.page
    text = page.locator("#composer-body")
    keys.press("r")
    expect(text).to_be_focused()
    keys.press("Alt+r")
    keys.type(word)
    expect(page.locator("[data-reply]")).to_have_count(1)
    keys.press("Enter")
    expect(text).to_have_value("A crew comes on Monday.")
    keys.press("Control+Enter")
    expect(page.locator(".ticket__talk")).to_contain_text("Being sent")
    keys.tab_to(page.get_by_role("button", name="Send now"), back=True)
    keys.press("Enter")
    expect(page.locator(".ticket__talk")).not_to_contain_text("Being sent")
    expect(page.locator(".ticket__talk")).to_contain_text("A crew comes on Monday.")

    leave_fields(keys)
    keys.press("n")
    expect(text).to_be_focused()
    keys.type(f"Please look, @{colleague[:3]}")
    expect(page.locator("#composer-mentions [aria-selected=true]")).to_have_text(colleague)
    keys.press("Enter")
    expect(text).to_have_value(f"Please look, @{colleague} ")
    keys.press("Control+Enter")
    expect(page.locator(".ticket__talk")).to_contain_text(f"Please look, @{colleague}")
    expect(page.locator("[id$='-watchers']")).to_contain_text(colleague)


def work_on_it(keys: Keys, word: str) -> None:
    """Status, assignee, tag."""
    page = keys.page
    leave_fields(keys)
    keys.press("s")
    keys.choose(page.locator("#status-status"), "In progress")
    keys.press("Tab", "Enter")
    expect(page.locator("[id$='-head']")).to_contain_text("In progress")
    leave_fields(keys)
    keys.press("i")
    expect(page.get_by_role("button", name="Take it yourself")).to_have_count(0)
    leave_fields(keys)
    keys.press("t")
    expect(page.locator("#organise-tags")).to_be_focused()
    keys.type(f"tag-{word}")
    keys.press("Enter")
    expect(page.locator("[id$='-history']")).to_contain_text(f"tag-{word}")


def merge_it(keys: Keys, *, into: str, ref: str) -> None:
    page = keys.page
    leave_fields(keys)
    keys.press("m")
    expect(page.locator("#relate-other")).to_be_focused()
    keys.type(into)
    keys.tab_to(page.get_by_role("button", name="Merge into it"), most=3)
    keys.press("Enter")
    expect(page.locator("[id$='-composer']")).to_contain_text("This ticket was merged")
    assert ref in page.url


def close_many(keys: Keys, word: str, sign: str) -> None:
    """Ticks two, closes them after the preview, takes it back."""
    page = keys.page
    leave_fields(keys)
    keys.press("g", "t")
    page.wait_for_url(re.compile(r"/tickets$"))
    keys.press("/")
    keys.type(f"{word} -lamp")
    keys.press("Enter")
    page.wait_for_url(re.compile("q="))
    expect(page.locator("#ticket-rows tr")).to_have_count(2)
    keys.press("j", "x", "j", "x", "c")
    page.wait_for_url(re.compile(r"/tickets/many/\d+$"))
    keys.choose(page.locator("#f-status"), "Closed")
    keys.tab_to(page.get_by_role("button", name="Show what would happen"))
    keys.press("Enter")
    expect(page.locator("#would")).to_be_focused()
    expect(page.locator("#would")).to_contain_text("2 tickets would change")
    keys.tab_to(page.get_by_role("button", name="Do it"))
    keys.press("Enter")
    expect(page.locator("#many-state")).to_contain_text("2 tickets were changed.")
    keys.tab_to(page.get_by_role("button", name="Undo"))
    keys.press("Enter")
    expect(page.locator("#confirm")).to_be_visible()
    keys.tab_to(page.locator("#confirm [data-confirm-yes]"), most=4)
    keys.press("Enter")
    expect(page.locator("#many-state")).to_contain_text("2 were taken back.")
    assert "Open" in page.request.get(f"/tickets/{sign}").text()


def keep_the_list(keys: Keys, word: str) -> None:
    page = keys.page
    keys.tab_to(page.get_by_role("link", name="Back to the list"), back=True)
    keys.press("Enter")
    expect(page.locator("#ticket-rows tr")).to_have_count(2)
    expect(page.get_by_role("link", name="Save this list")).to_be_visible()
    keys.press("v")
    expect(page.locator("#f-name")).to_be_focused()
    keys.type(f"View {word}")
    keys.press("Enter")
    expect(page.locator("#ticket-views [aria-current]")).to_contain_text(f"View {word}")


def leave_fields(keys: Keys) -> None:
    """Out of whatever is written in, as single keys do nothing there."""
    keys.press("Escape")
    fields = "input:not([type=checkbox], [type=radio]), textarea, select"
    expect(keys.page.locator("dialog:modal, :popover-open")).to_have_count(0)
    for _ in range(10):
        if not keys.page.evaluate("f => document.activeElement.matches(f)", fields):
            return
        keys.press("Tab")
    raise AssertionError("Tab does not lead out of the fields")
