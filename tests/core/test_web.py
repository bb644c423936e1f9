"""What every answer shares."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from webapp.accounts.models import User
from webapp.core import assets, db, web


def test_a_stamped_static_file_is_kept_for_a_year_and_compressed(
    client: FlaskClient, app: Flask
) -> None:
    with app.test_request_context():
        address = assets.asset("css/tokens.css")
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert "max-age=300" in client.get("/static/css/tokens.css").headers["Cache-Control"]


def test_with_the_database_away_a_page_says_so_without_a_trace(
    app: Flask,
    people: SimpleNamespace,
    sign_in: Callable[[User], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    browser = sign_in(people.amihan)

    def away(*_args: object, **_options: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config["TESTING"] = False
    monkeypatch.setattr(db.db.engine, "connect", away)
    try:
        answer = browser.get("/tickets")
    finally:
        app.config["TESTING"] = True
        app.config["PROPAGATE_EXCEPTIONS"] = None
    assert answer.status_code == 500
    assert "on our side" in answer.text
    assert "SELECT" not in answer.text


@pytest.mark.parametrize(
    ("headers", "mimetype"),
    [
        ({}, "text/html"),
        ({"Accept": "application/json"}, "application/problem+json"),
    ],
)
def test_nothing_at_an_address_is_said_in_the_askers_form(
    client: FlaskClient, headers: dict[str, str], mimetype: str
) -> None:
    answer = client.get("/no/such/page", headers=headers)
    assert (answer.status_code, answer.mimetype) == (404, mimetype)


def test_htmx_gets_an_error_as_a_toast_and_keeps_its_page(client: FlaskClient) -> None:
    answer = client.get("/no/such/page", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.headers["HX-Reswap"] == "none"
    assert "hx-partial" in answer.text
    assert "nothing at this address" in answer.text


def test_pages_forbid_foreign_scripts_frames_and_sniffing(client: FlaskClient) -> None:
    headers = client.get("/login").headers
    assert "script-src 'self' 'nonce-" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_many_messages_that_nobody_has_seen_yet_keep_the_cookie_small(app: Flask) -> None:
    """Browsers drop a cookie above four kilobytes, and with it who is signed in."""
    with app.test_request_context():
        for number in range(200):
            web.toast(
                "updated",
                f"Ticket T-2026-{number:06} is now In progress, and its reporter was told.",
            )
        assert len(session["_flashes"]) == web.MOST_TOLD
        signer = app.session_interface.get_signing_serializer(app)
        assert signer is not None
        kept = signer.dumps(dict(session))
    assert len(kept) < 2000
    assert signer.loads(kept)["_flashes"][-1][1].startswith("Ticket T-2026-000199")
