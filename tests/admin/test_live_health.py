"""What a round trip through the public address means, in words."""

from __future__ import annotations

import pytest

from webapp.admin.live_health import live
from webapp.realtime import roundtrip
from webapp.realtime.roundtrip import Found

DESK = "https://desk.example.org"


def told(kind: str, *, via: str = "", age: float = 0.0):
    return live(Found(kind, 1000.0, ms=12, via=via, said="502"), base_url=DESK, now=1000.0 + age)


def test_a_way_that_is_open_says_how_long_it_took(app):
    check = told(roundtrip.OK)
    assert (check.state, check.text) == (
        "ok",
        f"An event went through {DESK} and back in 12 ms.",
    )


def test_what_nobody_tries_any_more_is_not_called_well(app):
    check = told(roundtrip.OK, age=3600)
    assert check.state == "trouble"
    assert "60 minutes ago" in check.text


def test_nothing_known_is_said(app):
    assert live(None, base_url=DESK, now=0).text == "Not tried yet, or Redis is away."


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (roundtrip.UNREACHABLE, "broken"),
        (roundtrip.ELSEWHERE, "broken"),
        (roundtrip.REFUSED, "broken"),
        (roundtrip.SILENT, "broken"),
        (roundtrip.HELD, "trouble"),  # pages poll: late, not blind
        (roundtrip.PACKED, "trouble"),
    ],
)
def test_each_failure_says_what_is_so_and_what_to_do(app, kind, state):
    check = told(kind)
    assert check.state == state
    assert check.text
    assert check.advice


@pytest.mark.parametrize(
    ("via", "whose", "line"),
    [
        ("nginx/1.22.1", ["nginx"], "proxy_buffering off;"),
        ("Caddy", ["Caddy"], "flush_interval -1"),
        ("gunicorn 1.1 heroku-router", ["Heroku"], "heroku config:set BASE_URL"),
        ("", ["nginx", "Caddy", "Heroku"], "proxy_buffering off;"),
    ],
)
def test_the_lines_are_of_the_proxy_that_names_itself(app, via, whose, line):
    lines = told(roundtrip.HELD, via=via).lines
    assert [name for name, _ in lines] == whose
    assert line in lines[0][1]
