"""Times and texts of pages: the same words as Flask-Babel's own, which take longer to find."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from babel.dates import format_datetime, format_timedelta, get_timezone
from flask import Flask, g, render_template_string
from flask_babel import force_locale
from markupsafe import escape

from webapp.core import clock, page_words

NOW = datetime(2026, 11, 28, 3, 59, 40, 250_000, tzinfo=UTC)
FULL = "EEEE, d MMMM y, HH:mm:ss zzzz"


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW


def _moments() -> list[datetime]:
    chance = random.Random(3)
    spans = [
        chance.choice((60, 3600, 90_000, 3e6, 9e7)) * chance.uniform(-1, 1) for _ in range(400)
    ]
    edges = [
        60 * 0.85,
        3600 * 0.85,
        3059,
        86_400 * 0.85,
        0,
        0.4,
        2.5 * 60,
        3.5 * 3600,
        86_400 * 5.95,
    ]
    return [NOW + timedelta(seconds=each) for each in (*spans, *edges, *(-one for one in edges))]


@pytest.mark.parametrize("language", ["en", "fr", "ar"])
@pytest.mark.parametrize("zone", ["Asia/Manila", "Europe/Paris", "America/St_Johns", "UTC"])
def test_a_time_is_told_as_babel_tells_it(app: Flask, now, language: str, zone: str) -> None:
    speaks = page_words.Speaker
    with app.test_request_context(), force_locale(language):
        g.speaker = speaks()
        g.speaker.__dict__["zone"] = page_words.ZoneInfo(zone)
        for at in _moments():
            seen = re.fullmatch(
                r'<time class="time" datetime="(.*)" title="(.*)" data-ago>(.*)</time>',
                str(page_words.ago(at)),
            )
            assert seen is not None
            full = format_datetime(at, FULL, get_timezone(zone), language)
            span = format_timedelta(at - NOW, add_direction=True, locale=language)
            assert seen.groups() == (at.isoformat(), str(escape(full)), str(escape(span))), at
            words = format_datetime(at, "d MMM y, HH:mm", get_timezone(zone), language)
            assert str(page_words.when(at)).endswith(f">{escape(words)}</time>")


def test_no_time_is_a_dash(app: Flask) -> None:
    with app.test_request_context():
        assert "–" in page_words.when(None)
        assert "&lt;none&gt;" in page_words.ago(None, "<none>")


@pytest.mark.parametrize(
    ("template", "values", "shown"),
    [
        ("{{ _('Tick %(what)s', what=name) }}", {"name": "<b>"}, "Tick &lt;b&gt;"),
        ("{{ _('100 %% sure') }}", {}, "100 % sure"),
        ("{{ _('1 < 2') }}", {}, "1 < 2"),
        (
            "{{ _('%(n)s of %(m)s', n=1, m=2) }}{{ _('%(n)s of %(m)s', n=3, m=4) }}",
            {},
            "1 of 23 of 4",
        ),
    ],
)
def test_a_text_is_filled_in_and_its_variables_are_escaped(
    app: Flask, template: str, values: dict[str, Any], shown: str
) -> None:
    with app.test_request_context():
        assert render_template_string(template, **values) == shown
