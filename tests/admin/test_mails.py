"""Every mail looked at on its page, alone in its frame, and sent to whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.fakes.catcher import Catcher, catching
from webapp.core import clock, settings
from webapp.core.db import transaction
from webapp.mail.channel import MailChannel
from webapp.mail.models import MailBlock
from webapp.mail.samples import SAMPLES
from webapp.outbox import channels, deliver

HTMX = {"HX-Request": "true"}


@pytest.fixture
def amihan(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.amihan)


@pytest.fixture
def catcher(amihan: FlaskClient) -> Iterator[Catcher]:
    channels.register(MailChannel())
    before = settings.current()
    with catching() as running:
        changed = {
            "mail_server": "127.0.0.1", "mail_port": running.port, "base_url": "https://desk.example",
            "mail_default_sender": "Naga Desk <desk@naga.example>",
        }  # fmt: skip
        settings.install(before.model_copy(update=changed))
        yield running
    settings.install(before)


def test_the_page_names_every_mail_and_shows_the_chosen_one(amihan: FlaskClient) -> None:
    page = amihan.get("/settings/mail?kind=reporter_status&look=text").text
    for name in SAMPLES:
        assert f"kind={name}&amp;" in page
    assert "The status of your report T-2026-000123 has changed." in page
    assert "Baradong kanal" in page
    assert "<iframe" not in page
    html = amihan.get("/settings/mail?kind=reporter_status&look=dark").text
    assert 'sandbox="" title="The mail: Re: [T-2026-000123]' in html
    assert 'src="/settings/mail/reporter_status/dark"' in html
    assert amihan.get("/settings/mail?kind=nonsense&look=x").status_code == 200


def test_a_mail_in_its_frame_is_shut_off_and_looks_as_asked(amihan: FlaskClient) -> None:
    light, dark = (amihan.get(f"/settings/mail/admin_digest/{look}") for look in ("light", "dark"))
    policy = light.headers["Content-Security-Policy"]
    assert (
        policy == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
    )
    assert light.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert ("@media not all" in light.text, "@media all" in dark.text) == (True, True)
    assert "prefers-color-scheme" not in light.text + dark.text
    assert amihan.get("/settings/mail/admin_digest/x").status_code == 404
    assert amihan.get("/settings/mail/nonsense/light").status_code == 404


def test_each_example_arrives_as_a_proper_mail_at_who_asked(
    amihan: FlaskClient, catcher: Catcher
) -> None:
    for name in SAMPLES:
        answer = amihan.post(f"/settings/mail/{name}/send", headers=HTMX)
        assert "on its way to amihan@example.org" in answer.text
    deliver.drain("mail")
    assert len(catcher.mails) == len(SAMPLES)
    for sample, mail in zip(SAMPLES.values(), catcher.mails, strict=True):
        assert mail.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in mail.iter_parts()] == [
            "text/plain",
            "text/html",
        ]
        assert not mail.defects
        assert mail["To"].addresses[0].addr_spec == "amihan@example.org"
        assert bool(mail["List-Unsubscribe"]) is bool(sample.kind.news)
        assert bool(mail["Auto-Submitted"]) is sample.kind.automatic
        assert mail["Precedence"] == ("bulk" if sample.kind.bulk or sample.bulk else None)


def test_nobody_else_sees_them(
    people: SimpleNamespace, sign_in: Callable[..., FlaskClient]
) -> None:
    for person in (people.andres, people.fina, people.nadia):
        client = sign_in(person)
        assert client.get("/settings/mail").status_code == 403
        assert client.get("/settings/mail/admin_test/light").status_code == 403
        assert client.post("/settings/mail/admin_test/send").status_code == 403


def test_a_new_colleague_is_mailed_where_to_sign_in_and_no_password(
    amihan: FlaskClient, catcher: Catcher
) -> None:
    made = {"email": "bea@example.org", "name": "Bea", "role": "agent", "timezone": "Asia/Manila"}
    page = amihan.post("/settings/people/new", data=made).text
    deliver.drain("mail")
    [mail] = catcher.mails
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert mail["To"].addresses[0].addr_spec == "bea@example.org"
    assert "Amihan made an account for you." in text
    assert "https://desk.example/login" in text
    words = [word for word in text.split() if len(word) > 11]
    assert "copyable__text" in page
    assert not [word for word in words if f">{word}<" in page and "@" not in word]


def test_whose_mail_comes_back_and_their_admin_see_it(
    people: SimpleNamespace, amihan: FlaskClient, sign_in: Callable[..., FlaskClient]
) -> None:
    with transaction() as session:
        words = "The mail came back: user unknown"
        block = MailBlock(address="andres@example.org", reason=words, created_at=clock.now())
        session.add(block)
    for page in (
        sign_in(people.andres).get("/account").text,
        amihan.get(f"/settings/people/{people.andres.id}").text,
    ):
        assert "No mail reaches andres@example.org" in page
        assert "user unknown" in page
    assert "No mail reaches" not in amihan.get("/account").text
