"""What a kept part leaves open is filled in each time, and never kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import g

from webapp.core import clock, kept

AT = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
TEMPLATES = {
    "when.html": "{{ at|when }} {{ at|ago }}",
    "form.html": '{% from "ui/forms.html" import csrf %}<a href="/t/{{ ref }}">{{ csrf() }}{{ word }}</a>',
    "outer.html": '<b>{{ inner("in.html", "k", {"ref": ref}) }}{{ later("when.html", at=at) }}</b>',
    "in.html": "<i>{{ ref }}</i>",
}


@pytest.fixture
def page(app, monkeypatch):
    """One page after another; each is a request of its own."""
    env = app.jinja_env
    own = {name: env.from_string(text) for name, text in TEMPLATES.items()}
    usual = env.get_template
    monkeypatch.setattr(
        env, "get_template", lambda name, *more: own.get(name) or usual(name, *more)
    )
    monkeypatch.setitem(
        env.globals,
        "inner",
        lambda name, key, written: kept.drawn(name, key, lambda marks: marks, written),
    )
    monkeypatch.setitem(
        env.globals,
        "later",
        lambda name, **values: kept.drawn(name, tuple(values.items()), lambda _marks: values),
    )
    app.extensions["kept"].clear()

    def shown(template: str, key="k", written=None, **values) -> str:
        g.pop("speaker", None)
        g.pop("csrf_token", None)
        with app.test_request_context():
            return kept.drawn(template, key, lambda marks: {**values, **marks}, written or {})

    return shown


def test_how_long_ago_is_told_anew(page, monkeypatch) -> None:
    now = AT + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert "2 hours ago" in page("when.html", at=AT)
    now = AT + timedelta(hours=5)
    later = page("when.html", at=AT)
    assert "5 hours ago" in later
    assert "20 Nov 2026, 14:00" in later


def test_what_is_written_and_the_token_are_each_requests_own(page, app) -> None:
    first = page("form.html", written={"ref": "T-1"}, word="<x>")
    second = page("form.html", written={"ref": "T-2"}, word="not drawn again")
    assert 'href="/t/T-1"' in first
    assert 'href="/t/T-2"' in second
    assert "&lt;x&gt;" in second
    assert first.split("csrf_token")[1] != second.split("csrf_token")[1]
    with pytest.raises(ValueError, match="no plain word"):
        page("form.html", written={"ref": '"><script>'}, word="")


def test_a_part_within_a_part_stays_open(page, monkeypatch) -> None:
    now = AT + timedelta(hours=2)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert "<i>T-1</i>" in page("outer.html", written={"ref": "T-1"}, at=AT)
    now = AT + timedelta(hours=7)
    again = page("outer.html", written={"ref": "T-2"}, at=AT)
    assert "<b><i>T-2</i>" in again
    assert "7 hours ago" in again


def test_times_in_a_part_that_has_no_zone_are_a_mistake(page, app) -> None:
    with app.test_request_context(), pytest.raises(RuntimeError, match="dated"):
        kept.kept("when.html", at=AT)


def test_what_is_kept_is_bounded() -> None:
    parts = kept.Kept()
    big = "x" * (kept.MOST_LETTERS // 4)
    for number in range(6):
        parts.put(number, (big,))
        parts.get(0)
    assert parts.get(0)
    assert parts.get(1) is None
    assert parts.get(5)
