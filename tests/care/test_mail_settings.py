"""An admin tries out the mail settings and reads in words what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from tests.conftest import free_port
from tests.fakes.catcher import Catcher, catching
from webapp.accounts.queries import desk
from webapp.core import settings
from webapp.outbox import deliver

HTMX = {"HX-Request": "true"}


@pytest.fixture
def amihan(people: SimpleNamespace, sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in(people.amihan)


@pytest.fixture
def catcher(app: object) -> Iterator[Catcher]:
    before = settings.current()
    with catching() as running:
        settings.install(at(running.port))
        yield running
    settings.install(before)


def at(port: int, **more: object) -> settings.Settings:
    changed = {
        "mail_server": "127.0.0.1",
        "mail_port": port,
        "mail_default_sender": "Naga Desk <desk@naga.example>",
    }
    return settings.current().model_copy(update={**changed, **more})


def check(client: FlaskClient) -> str:
    answer = client.post("/settings/mail/check", headers=HTMX)
    assert answer.status_code == 200
    return answer.text


def test_a_server_that_answers_is_said_to(amihan: FlaskClient, catcher: Catcher) -> None:
    said = check(amihan)
    assert f"127.0.0.1:{catcher.port} answers." in said
    assert "not encrypted" in said
    assert catcher.mails == []


def test_a_server_that_is_not_there_is_named_with_what_to_check(
    amihan: FlaskClient, catcher: Catcher
) -> None:
    settings.install(at(free_port()))
    said = check(amihan)
    assert "notice--error" in said
    assert "MAIL_PORT" in said


def test_a_line_that_cannot_be_encrypted_is_said_and_nothing_sent_in_the_clear(
    amihan: FlaskClient, catcher: Catcher
) -> None:
    settings.install(at(catcher.port, mail_use_tls=True))
    assert "does not offer" in check(amihan)


def test_without_a_server_it_says_what_to_set(amihan: FlaskClient) -> None:
    assert "MAIL_SERVER" in check(amihan)
    page = amihan.get("/settings/mail").text
    assert "Test the mail server" not in page


def test_a_test_mail_goes_to_whoever_asked_for_it(amihan: FlaskClient, catcher: Catcher) -> None:
    answer = amihan.post("/settings/mail/test", headers=HTMX)
    assert "on its way to amihan@example.org" in answer.text
    deliver.drain("mail")
    [mail] = catcher.mails
    assert mail["To"].endswith("<amihan@example.org>")
    assert "the desk can send mail" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_without_htmx_the_answer_stands_on_the_settings_page(
    amihan: FlaskClient, catcher: Catcher
) -> None:
    answer = amihan.post("/settings/mail/check", follow_redirects=True)
    assert "answers." in answer.text
    assert "Send me a test mail" in answer.text


@pytest.mark.parametrize("path", ["check", "test"])
@pytest.mark.parametrize("person", ["andres", "fina", "felix", "nadia"])
def test_nobody_else_may(
    people: SimpleNamespace, sign_in: Callable[..., FlaskClient], person: str, path: str
) -> None:
    assert sign_in(getattr(people, person)).post(f"/settings/mail/{path}").status_code == 403


@pytest.mark.parametrize(
    ("typed", "status", "kept"),
    [("40", 303, 40), ("0", 422, 500), ("many", 422, 500), ("1000001", 422, 500)],
)
def test_the_size_of_a_large_import_is_a_setting(
    amihan: FlaskClient, typed: str, status: int, kept: int
) -> None:
    data = {"name": "Naga", "timezone": "Asia/Manila", "large_import": typed}
    assert amihan.post("/settings", data=data).status_code == status
    assert desk().large_import == kept
