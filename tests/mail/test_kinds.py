"""Each mail that there is: it can be made of what it needs, is readable in light and dark, and ends where it should."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask

from tests.mail.test_compose import body, wire
from webapp.core.db import transaction
from webapp.mail.actions import queue_mail
from webapp.mail.compose import FOLDER, Letter, html_of, subject_of, text_of
from webapp.mail.kinds import ALWAYS, KINDS
from webapp.mail.samples import SAMPLES, Sample, by_reader, values_of

BASE = "https://desk.example"
END = f"{BASE}/unsubscribe/x"


def letter(sample: Sample, **more: Any) -> Letter:
    values = values_of(sample, desk="Naga City", name="Amihan", base_url=BASE)
    return Letter(sample.template, "a@example.org", "Amihan", values, "<one@desk.example>", **more)


def test_each_folder_of_templates_is_a_kind_with_an_example() -> None:
    folders = {each.name for each in FOLDER.iterdir() if each.is_dir()}
    assert folders == set(KINDS)
    assert {sample.template for sample in SAMPLES.values()} == set(KINDS)
    assert sum(len(samples) for _reader, samples in by_reader()) == len(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_each_mail_can_be_made_of_what_it_needs_and_says_who_whereto_and_why(
    app: Flask, name: str
) -> None:
    sample = SAMPLES[name]
    made = letter(sample, unsubscribe=END if sample.kind.news else "")
    needed = {*ALWAYS, *sample.kind.needs}
    sample.kind.check({key: value for key, value in made.values.items() if key in needed})
    least = {key: made.values[key] for key in needed}
    text, html = text_of(Letter(**{**vars(made), "values": least})), html_of(made)
    assert text_of(made).endswith("-- \nNaga City\n")
    assert "\n\n\n" not in text
    assert subject_of(made).strip(" []Re:")
    for part in (text, html):
        assert str(made.values["url"]) in part
        assert "You" in part
        assert (END in part) is bool(sample.kind.news)
        assert not re.search(r"\{[{%]|%\(|\bNone\b|\bUndefined\b", part)
    assert "answer this mail" not in text
    assert "answer this mail" in text_of(letter(sample, reply_to="desk+x@desk.example"))


class Shape(HTMLParser):
    """Tags that are open; a mail whose tags do not fit shows differently in each program."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.without_text: list[str] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, text: str) -> None:
        self.words += text


@pytest.mark.parametrize("name", SAMPLES)
def test_each_mail_is_whole_html_without_anything_from_elsewhere(app: Flask, name: str) -> None:
    html = html_of(letter(SAMPLES[name]))
    shape = Shape()
    shape.feed(html)
    assert shape.open == []
    assert not re.search(
        r"<(script|img|link|iframe|form)|https?://(?!desk\.example)|@import|url\(", html
    )
    assert html.count("<h1") == 1
    assert '<meta name="color-scheme" content="light dark">' in html


def channel(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def contrast(one: str, two: str) -> float:
    light = [
        sum(
            weight * channel(int(colour[at : at + 2], 16))
            for weight, at in ((0.2126, 1), (0.7152, 3), (0.0722, 5))
        )
        for colour in (one, two)
    ]
    return (max(light) + 0.05) / (min(light) + 0.05)


def rules(css: str) -> dict[str, dict[str, str]]:
    """selector → property → colour."""
    found: dict[str, dict[str, str]] = {}
    for selectors, block in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        for selector in selectors.split(","):
            for name, colour in re.findall(r"([a-z-]+):[^;]*?(#[0-9a-f]{6})", block):
                found.setdefault(selector.strip(), {})[name] = colour
    return found


@pytest.mark.parametrize("dark", [False, True])
def test_all_words_have_contrast_in_light_and_in_dark(dark: bool) -> None:
    css = (FOLDER / "_layout.html").read_text().split("<style>")[1].split("</style>")[0]
    light_css, dark_css = css.split("@media (prefers-color-scheme: dark) {")
    look = rules(light_css)
    for selector, colours in rules(dark_css).items() if dark else ():
        look.setdefault(selector, {}).update(colours)
    page, card = look["body"]["background"], look[".card"]["background"]
    assert contrast(look["body"]["color"], card) >= 7
    assert contrast(look[".facts"]["color"], card) >= 4.5
    assert contrast(look[".desk"]["color"], card) >= 4.5
    assert contrast(look["a"]["color"], card) >= 4.5
    assert contrast(look[".foot"]["color"], page) >= 4.5
    assert contrast(look[".button"]["color"], look[".button"]["background"]) >= 4.5


def test_a_notice_says_how_to_end_it_as_mail_programs_read_it(app: Flask) -> None:
    _content, message = wire("reporter_status", unsubscribe=END)
    assert message["List-Unsubscribe"] == f"<{END}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert END in body(message, "plain")
    assert f'href="{END}"' in body(message, "html")


@pytest.mark.parametrize(
    ("template", "automatic", "precedence"),
    [
        ("reporter_received", "auto-generated", None),
        ("reporter_response", None, None),
        ("admin_digest", "auto-generated", "bulk"),
    ],
)
def test_a_machine_says_that_it_is_one_and_a_summary_that_it_can_wait(
    app: Flask, template: str, automatic: str | None, precedence: str | None
) -> None:
    sample = letter(SAMPLES[template]).values
    _content, message = wire(template, **{k: v for k, v in sample.items() if k != "name"})
    assert message["Auto-Submitted"] == automatic
    assert message["Precedence"] == precedence
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply, RN, NRN"


def test_what_a_mail_lacks_is_said_where_it_is_queued(app: Flask) -> None:
    whole = letter(SAMPLES["reporter_status"]).values
    for wrong, words in (({"desk"}, "lacks desk"), (set(), "not whole")):
        values = {key: value for key, value in whole.items() if key not in wrong}
        values["url"] = "/follow/x" if not wrong else values["url"]
        with pytest.raises(ValueError, match=words), transaction():
            queue_mail(
                "reporter_status", to_address="a@example.org", to_name="", values=values,
                subject=("ticket", 1), role="reporter", summary="x",
            )  # fmt: skip
