"""What a mail looks like on the wire, whatever people type."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from webapp.core.errors import Invalid, Misconfigured
from webapp.mail.compose import Letter, compose, recipient
from webapp.mail.headers import one_line

SENDER = "Tulay Desk <desk@tulay.example>"
VALUES: dict[str, Any] = {
    "desk": "Naga City",
    "ref": "T-2026-000007",
    "title": "Baradong kanal",
    "name": "Rosa",
    "place": "",
    "url": "https://desk.example/follow/abc",
    "old_status": "Open",
    "new_status": "Resolved",
    "author": "Andres",
    "text": "First line\nsecond line\n\nNext paragraph",
}
EXPECTED = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "X-Auto-Response-Suppress",
    "X-Loop",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
]


def wire(
    template: str = "reporter_received",
    *,
    name: str = "Rosa",
    unsubscribe: str = "",
    **values: Any,
) -> tuple[bytes, EmailMessage]:
    letter = Letter(
        template, "rosa@example.org", name, VALUES | values, "<one@tulay.example>",
        unsubscribe=unsubscribe,
    )  # fmt: skip
    content = compose(letter, sender=SENDER, date=datetime(2026, 3, 2, tzinfo=UTC))
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return content, message


def _decoded(message: EmailMessage, name: str) -> str:
    """As a reader sees it, by the older decoder: the newer one loses spaces in Python 3.11."""
    raw = dict(message.raw_items())[name]
    return str(make_header(decode_header(raw)))


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize(
    "template", ["reporter_received", "reporter_status", "reporter_response", "agent_response"]
)
def test_each_mail_has_both_parts_a_link_and_short_lines(app: Flask, template: str) -> None:
    content, message = wire(template)
    assert VALUES["url"] in body(message, "plain")
    assert f'href="{VALUES["url"]}"' in body(message, "html")
    assert "T-2026-000007" in message["Subject"]
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert content.isascii()
    assert body(message, "plain").rstrip().endswith("-- \nNaga City")


@pytest.mark.parametrize(
    "evil",
    [
        "Hello\r\nBcc: all@example.org",
        "Hello\nBcc: all@example.org",
        "Hello\rBcc: all@example.org",
        "Hello\u2028Bcc: all@example.org",
        "Hello\x85Bcc: all@example.org",
        "Hello\x0b\x0cBcc: all@example.org",
        "Hello\x00\r\n\r\n<script>",
        "=?utf-8?q?x=0D=0ABcc:_all@example.org?=",
    ],
)
def test_no_title_or_name_can_add_a_header(app: Flask, evil: str) -> None:
    _, message = wire(title=evil, name=evil)
    assert message.keys() == EXPECTED
    assert message["Bcc"] is None
    assert [address.addr_spec for address in message["To"].addresses] == ["rosa@example.org"]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(max_size=300), st.text(max_size=120))
def test_any_text_makes_a_mail_that_reads_back(app: Flask, title: str, name: str) -> None:
    content, message = wire(title=title, name=name)
    assert message.keys() == EXPECTED
    assert _decoded(message, "Subject") == one_line(f"[T-2026-000007] {title}", most=200)
    assert one_line(name, most=100).replace("\\", "") in _decoded(message, "To").replace("\\", "")
    assert max(len(line) for line in content.split(b"\r\n\r\n")[0].split(b"\r\n")) <= 300
    assert [address.addr_spec for address in message["To"].addresses] == ["rosa@example.org"]
    assert not message.defects


@pytest.mark.parametrize(
    "title",
    [
        "مشكلة في الإنارة أمام المدرسة الابتدائية في شارع الاستقلال منذ أسبوعين",
        "🚨🕳️ Malaking lubak sa kanto 👷🏽‍♀️ " * 4,
        "ñ" * 150,
        "Straßenlaterne defekt – Neußer Straße / Ecke Mauenheimer Gürtel, zweite Meldung",
    ],
)
def test_subjects_in_any_script_arrive_as_they_were(app: Flask, title: str) -> None:
    _, message = wire(title=title)
    expected = " ".join(f"[T-2026-000007] {title}".split())
    assert message["Subject"] == expected


def test_a_subject_of_200_kb_is_cut(app: Flask) -> None:
    _, message = wire(title="x" * 200_000)
    assert len(message["Subject"]) <= 200
    assert message["Subject"].endswith("…")


def test_html_in_texts_stays_text(app: Flask) -> None:
    _, message = wire("reporter_response", text="<img src=x onerror=alert(1)>", author="<b>Eve</b>")
    assert "<img" not in body(message, "html")
    assert "&lt;img" in body(message, "html")
    assert "<b>Eve" not in body(message, "html")
    assert "<img src=x onerror=alert(1)>" in body(message, "plain")


def test_paragraphs_stay_paragraphs(app: Flask) -> None:
    _, message = wire("reporter_response")
    assert body(message, "html").count('<p dir="auto">') == 2


def test_a_domain_of_another_script_is_written_in_ascii() -> None:
    assert recipient("rosa@bücher.example") == "rosa@xn--bcher-kva.example"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "rosa",
        "@example.org",
        "rosa@",
        "rosa@exa mple.org",
        "a@b\r\nBcc: c@d",
        "a@b,c@d",
        "<a@b>",
        "rösa@example.org",
        "a@b..c",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(app: Flask, address: str) -> None:
    with pytest.raises(Invalid) as caught:
        recipient(address)
    assert caught.value.message == "The recipient's e-mail address cannot be used."


def test_a_wrong_sender_names_the_setting(app: Flask) -> None:
    letter = Letter("reporter_received", "rosa@example.org", "", VALUES, "<one@tulay.example>")
    with pytest.raises(Misconfigured, match="MAIL_DEFAULT_SENDER"):
        compose(letter, sender="nobody", date=datetime(2026, 3, 2, tzinfo=UTC))
