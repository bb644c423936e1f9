"""A poll that finds nothing new costs next to nothing, and says so never where something is new or who asks is out."""

from __future__ import annotations

import html
import re
import time

import pytest

from tests.realtime.conftest import until
from tests.realtime.losing import WAYS, lose
from tests.tickets.make import make_ticket
from tests.tickets.test_page_queries import reads
from webapp.core import redis as core_redis
from webapp.core.db import transaction
from webapp.realtime import live, presence, quick, stream
from webapp.realtime.frames import parse_id
from webapp.tickets import actions as tickets


class Page:
    """A page that is open where nothing streams."""

    def __init__(self, client, path: str = "/tickets") -> None:
        self.client = client
        page = client.get(path).get_data(as_text=True)
        found = re.search(r'data-poll="([^"]+)"', page)
        assert found is not None
        self.address = re.sub("after=[^&]*", "after=", html.unescape(found[1]))
        self.cursor = ""
        # The stream may be new: its beginning is news for every page, and would come in the middle of the test.
        live.signal("staff", "views:changed")
        self._begun = stream.newest(core_redis.client(), 1)[0].id
        until(self._stands, "the page stands at the tip")
        self.ask()  # the full way, which is remembered

    def ask(self):
        answer = self.client.get(self.address, headers={"Last-Event-ID": self.cursor})
        self.cursor = answer.headers.get("Live-Cursor") or self.cursor
        return answer

    def _stands(self) -> bool:
        status = self.ask().status_code
        return status == 204 and (parse_id(self.cursor) or (0, 0)) >= self._begun

    def asks_quickly(self) -> bool:
        with reads() as seen:
            return self.ask().status_code == 204 and not seen

    def hears(self, status: int = 200) -> None:
        until(lambda: self.ask().status_code == status, f"an answer with {status}")


@pytest.fixture(autouse=True)
def nobody_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many are active is news, too: told whenever the hub finds that this page's person came."""
    monkeypatch.setattr(presence, "seen", lambda *_: None)


@pytest.fixture
def page(app, people, sign_in) -> Page:
    return Page(sign_in(people.andres))


def test_nothing_new_is_said_without_one_statement_and_with_the_same_headers(page) -> None:
    quickly = page.ask()
    with reads() as seen:
        assert page.ask().status_code == 204
    assert not seen
    page.client.application.extensions["live_grants"].__init__()
    with reads() as seen:
        fully = page.ask()
    assert seen
    same = ("Live-Cursor", "Cache-Control", *quick.SAFE_HEADERS)
    assert [quickly.headers[name] for name in same] == [fully.headers[name] for name in same]


def test_news_of_each_kind_makes_the_next_poll_tell_it(page, people) -> None:
    def commit(deed, *args, **how) -> None:
        with transaction():
            deed(*args, **how)

    ticket, actor = make_ticket(), people.amihan.actor
    page.hears()
    for deed in (
        make_ticket,
        lambda: commit(tickets.respond, ticket, body="We do.", actor=actor),
        lambda: commit(tickets.add_note, ticket, body="Aha", actor=actor),
        lambda: commit(tickets.change_status, ticket, status="resolved", actor=actor),
        lambda: commit(tickets.assign, ticket, assignee=people.andres, actor=actor),
        lambda: commit(tickets.add_tags, ticket, ["Night"], actor=actor),
        lambda: live.toast([live.Toast([f"user:{people.andres.id}"], "info", "Hello")]),
        lambda: live.signal("staff", "views:changed"),
    ):
        until(page.asks_quickly, "all is told")
        deed()
        page.hears()


def test_what_others_hear_is_no_news(page, people) -> None:
    before = page.cursor
    live.signal("admin", "connection:changed", id=1)
    live.signal(f"user:{people.amihan.id}", "jobs:changed")

    def moved() -> bool:
        assert page.asks_quickly()
        return page.cursor != before

    until(moved, "the cursor moves on past them")


@pytest.mark.parametrize("how", WAYS)
def test_who_loses_a_right_is_refused_at_the_next_poll(page, people, how: str) -> None:
    assert page.asks_quickly()
    with transaction():
        lose(people.andres, how, admin=people.amihan.actor)
    page.hears(401)


def test_another_person_device_page_or_cursor_takes_the_full_way(page, people, sign_in) -> None:
    answers = page.client.get
    assert page.asks_quickly()
    with reads() as seen:
        answers(page.address.replace("staff", "ticket:1"), headers={"Last-Event-ID": page.cursor})
    assert seen
    with reads() as seen:
        answers(page.address, headers={"Last-Event-ID": page.cursor, "Authorization": "Bearer x"})
    assert seen
    with reads() as seen:
        sign_in(people.nadia).get(page.address, headers={"Last-Event-ID": page.cursor})
    assert seen
    for cursor in ("", "1-0", "no cursor"):
        answer = page.client.get(page.address, headers={"Last-Event-ID": cursor})
        assert answer.status_code == 200, cursor
        assert answer.get_json()["resync"], cursor


def test_where_redis_was_emptied_all_is_read_anew(page) -> None:
    assert page.asks_quickly()
    core_redis.client().delete(stream.KEY)
    page.hears()


def test_after_a_minute_the_person_is_looked_up_again(page, monkeypatch) -> None:
    assert page.asks_quickly()
    later = time.monotonic() + quick.LASTS_S + 1
    monkeypatch.setattr(quick.time, "monotonic", lambda: later)
    with reads() as seen:
        assert page.ask().status_code == 204
    assert seen


def test_a_reporter_who_follows_by_a_link_is_looked_up_each_time(app) -> None:
    ticket = make_ticket()
    follower = Page(app.test_client(), f"/follow/{ticket.follow_token}")
    with reads() as seen:
        assert follower.ask().status_code == 204
    assert seen
