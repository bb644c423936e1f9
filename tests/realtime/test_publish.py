"""What leaves, when, and what happens while Redis is away."""

from __future__ import annotations

import logging

import pytest

from webapp.core import db
from webapp.core import redis as core_redis
from webapp.core import settings as core_settings
from webapp.realtime import live, stream
from webapp.realtime.frames import parse


@pytest.fixture(autouse=True)
def _nothing_owed():
    live._owed.clear()
    yield
    live._owed.clear()


def published() -> list[tuple[list[str], str, str]]:
    entries = stream.newest(core_redis.client(), 100)
    told = [
        (sorted(entry.topics), parse(entry.frame))
        for entry in entries
        if not stream.is_marker(entry)
    ]
    return [(topics, message["event"], message["data"]) for topics, message in told]


@pytest.fixture
def redis_away(app, monkeypatch):
    """Calls that find no Redis; `back()` is the real one again."""
    there = core_settings.current()
    core_settings.install(there.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"}))
    yield lambda: core_settings.install(there)
    core_settings.install(there)


def test_a_signal_leaves_after_the_outermost_commit(app):
    with db.transaction():
        with db.transaction():
            live.signal("staff", "tickets:changed", id=7)
        assert published() == []
    assert published() == [(["staff"], "tickets:changed", '{"id":7}')]


def test_nothing_leaves_after_a_rollback(app):
    with pytest.raises(ZeroDivisionError):
        _change_and_fail()
    assert published() == []


def _change_and_fail() -> None:
    with db.transaction():
        live.signal("staff", "tickets:changed", id=7)
        raise ZeroDivisionError


def test_several_topics_make_one_entry(app):
    live.signal(["staff", "ticket:7"], "ticket:changed", id=7)
    assert published() == [(["staff", "ticket:7"], "ticket:changed", '{"id":7}')]


def test_a_toast_carries_kind_text_and_a_path(app):
    text = "New ticket created: <b>Lampu</b>"
    live.toast([live.Toast(["staff"], "new", text, url="/tickets/T-1")])
    ((topics, event, data),) = published()
    assert (topics, event) == (["staff"], "live:toast")
    assert data == '{"kind":"new","text":"New ticket created: <b>Lampu</b>","url":"/tickets/T-1"}'


def test_toasts_after_a_commit_leave_in_order_and_with_one_call(app):
    told = [live.Toast([f"follow:{n}"], "updated", f"{n}") for n in range(1, 31)]
    live.signal("staff", "a:b")  # the stream is there
    before = _reads()
    with db.transaction():
        db.after_commit(lambda: live.toast(told))
        db.after_commit(lambda: live.toast([]))
    assert _reads() - before < 10, "not one for each"
    assert [topics for topics, event, _ in published() if event == "live:toast"] == [
        [f"follow:{n}"] for n in range(1, 31)
    ]


def _reads() -> int:
    """How often Redis was written to so far, by its own count."""
    return int(core_redis.client().info("stats")["total_reads_processed"])


def test_mistakes_are_found_when_written_not_when_sent(app):
    for mistake in (
        lambda: live.toast([live.Toast(["staff"], "loud", "x")]),
        lambda: live.toast([live.Toast(["staff"], "new", "x", url="https://elsewhere.example")]),
        lambda: live.toast([live.Toast(["staff"], "new", "x", url="//elsewhere.example")]),
        lambda: live.signal("staff", "reset"),
        lambda: live.signal("everybody", "tickets:changed"),
        lambda: live.push_html("staff", "<p>no target</p>"),
    ):
        with pytest.raises(ValueError, match=r"."):
            mistake()
    assert published() == []


def test_html_that_is_too_large_becomes_a_resync_for_its_readers(app):
    live.push_html(
        "ticket:7", '<hx-partial hx-target="#x">' + "x" * stream.MOST_BYTES + "</hx-partial>"
    )
    assert published() == [(["ticket:7"], "live:resync", "{}")]


def test_a_stream_is_born_with_a_marker_and_bounded(app):
    client = core_redis.client()
    live.signal("staff", "a:b", n=0)
    assert stream.is_marker(stream.newest(client, 10)[0])
    for number in range(stream.MOST_ENTRIES + 500):
        client.xadd(stream.KEY, {"t": "staff", "f": f"event: a:b\ndata: {number}\n"}, maxlen=None)
    live.signal("staff", "a:b", n=1)
    assert client.xlen(stream.KEY) < stream.MOST_ENTRIES + 200


def test_without_redis_nothing_is_raised_and_it_is_logged_once(app, redis_away, caplog):
    with caplog.at_level(logging.WARNING, "webapp.realtime.live"), db.transaction():
        for number in range(5):
            live.signal("staff", "tickets:changed", id=number)
    assert len(caplog.records) == 1
    redis_away()


def test_who_missed_something_is_told_to_read_anew_when_redis_is_back(app, redis_away):
    live.signal("staff", "tickets:changed", id=1)
    live.signal("follow:7", "ticket:changed", id=7)
    redis_away()
    live.signal("admin", "outbox:changed")
    assert published() == [
        (["follow:7", "staff"], "live:resync", "{}"),
        (["admin"], "outbox:changed", "{}"),
    ]


def test_the_tick_tells_them_when_nothing_else_happens(app, redis_away):
    live.signal("staff", "tickets:changed", id=1)
    live.settle()
    redis_away()
    live.settle()
    live.settle()
    assert published() == [(["staff"], "live:resync", "{}")]
