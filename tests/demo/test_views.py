"""`/demo`: exists only in demo mode, for admins; its switches reach the upstreams."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Browser
from tests.fakes.upstreams import Server, mynaga_server, open311_server, tuniclaim_server
from webapp import create_app
from webapp.core import settings as core_settings
from webapp.core.settings import Settings
from webapp.demo import remote

MAIL = b"""From: Tulay <desk@tulay.example>\r
To: rosa@example.org\r
Subject: We have your report\r
MIME-Version: 1.0\r
Content-Type: multipart/alternative; boundary="b"\r
\r
--b\r
Content-Type: text/plain; charset=utf-8\r
\r
Follow it at http://127.0.0.1:8000/follow/abc\r
--b\r
Content-Type: text/html; charset=utf-8\r
\r
<p>Follow it <script>alert(1)</script><a href="http://127.0.0.1:8000/follow/abc">here</a></p>\r
--b--\r
"""


@pytest.fixture(scope="module")
def demo_app(_app: Flask, settings: Settings) -> Flask:
    app = create_app(settings.model_copy(update={"tulay_demo": True}))
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    app.test_client_class = Browser
    core_settings.install(settings)
    return app


@pytest.fixture
def naga() -> Iterator[Server]:
    with mynaga_server(records=5) as server:
        yield server


@pytest.fixture
def city() -> Iterator[Server]:
    with open311_server(records=5) as server:
        yield server


@pytest.fixture
def tuni() -> Iterator[Server]:
    with tuniclaim_server(bordereaux=4) as server:
        yield server


@pytest.fixture
def demo(
    demo_app: Flask,
    settings: Settings,
    people,
    naga: Server,
    city: Server,
    tuni: Server,
    tmp_path: Path,
    monkeypatch,
) -> Iterator[FlaskClient]:
    """The demo desk as its admin sees it."""
    monkeypatch.setenv("TULAY_DEMO_MYNAGA", naga.url)
    monkeypatch.setenv("TULAY_DEMO_TUNICLAIM", tuni.url)
    monkeypatch.setenv("TULAY_DEMO_OPEN311", city.url.removesuffix("/open311/v2"))
    monkeypatch.setenv("TULAY_LOCAL", str(tmp_path / "local"))
    core_settings.install(settings.model_copy(update={"tulay_demo": True}))
    yield demo_app.test_client(user=people.amihan)
    core_settings.install(settings)


def test_outside_demo_mode_there_is_no_such_page(people, sign_in) -> None:
    assert sign_in(people.amihan).get("/demo").status_code == 404


@pytest.mark.parametrize("name", ["andres", "fina", "felix", "rosa", "nadia"])
def test_only_admins_see_it(demo: FlaskClient, demo_app: Flask, people, name: str) -> None:
    other = demo_app.test_client(user=getattr(people, name))
    assert other.get("/demo").status_code == 403
    assert other.post("/demo/upstreams/mynaga/add").status_code == 403
    assert other.get("/demo/mail").status_code == 403


def test_it_shows_all_upstreams_and_every_trouble(demo: FlaskClient) -> None:
    page = demo.get("/demo").text
    assert "MyNaga demo" in page
    assert "Open311 demo" in page
    assert page.count('name="mode"') == 3 * 15
    assert "TUNICLAIM demo" in page
    assert "mynaga-demo-reader-52c1" in page
    assert "tuniclaim-demo-key-5b9e" in page


def test_a_button_puts_an_upstream_into_trouble_and_right_again(
    demo: FlaskClient, naga: Server
) -> None:
    answer = demo.post("/demo/upstreams/mynaga/trouble", data={"mode": "limited"})
    assert answer.headers["Location"] == "/demo#upstream-mynaga"
    assert naga.troubles.standing
    assert naga.troubles.standing.mode == "limited"
    assert "In trouble: limited" in demo.get("/demo").text
    demo.post("/demo/upstreams/mynaga/trouble", data={"mode": "well"})
    assert naga.troubles.standing is None


def test_an_unknown_trouble_changes_nothing_and_says_so(demo: FlaskClient, naga: Server) -> None:
    page = demo.post(
        "/demo/upstreams/mynaga/trouble", data={"mode": "sulking"}, follow_redirects=True
    ).text
    assert "did not take the order" in page
    assert naga.troubles.standing is None


def test_a_report_is_added_and_one_is_changed(
    demo: FlaskClient, naga: Server, city: Server
) -> None:
    page = demo.post("/demo/upstreams/mynaga/add", follow_redirects=True).text
    assert re.search(r"MyNaga demo has something new: NAGA-20\d\d-004106", page)
    assert naga.upstream.shelf.count() == 6
    page = demo.post("/demo/upstreams/open311/change", follow_redirects=True).text
    assert re.search(r"Open311 demo has changed \d{5}", page)


def test_an_upstream_that_is_away_is_shown_as_such(demo: FlaskClient, monkeypatch) -> None:
    monkeypatch.setenv("TULAY_DEMO_MYNAGA", "http://127.0.0.1:1")
    assert "Not running" in demo.get("/demo").text
    page = demo.post("/demo/upstreams/mynaga/add", follow_redirects=True).text
    assert "did not take the order" in page


def test_an_unknown_upstream_is_not_found(demo: FlaskClient) -> None:
    assert demo.get("/demo/upstreams/other/received").status_code == 404


def test_what_it_received_is_shown(demo: FlaskClient, naga: Server) -> None:
    import httpx

    headers = {"Authorization": f"Bearer {naga.token}"}
    address = f"{naga.url}/api/v1/reports/NAGA-2026-004101"
    httpx.patch(address, json={"status": "Resolved", "note": "<b>done</b>"}, headers=headers)
    part = demo.get("/demo/upstreams/mynaga/received").text
    assert "PATCH NAGA-2026-004101" in part
    assert "&lt;b&gt;done" in part


def test_a_payment_that_it_received_is_shown(demo: FlaskClient, tuni: Server) -> None:
    import httpx

    made = tuni.add(bulletins=0)["id"]
    bulletin = tuni.upstream.claims.add_bulletin(made, status="VALIDE")["id"]
    sent = {"bulletinId": bulletin, "status": "PAYE", "amount": "1.250"}
    address = f"{tuni.url}/api/bordereaux/{made}/payment"
    assert httpx.put(address, json=sent, headers={"X-API-Key": tuni.token}).status_code == 200
    part = demo.get("/demo/upstreams/tuniclaim/received").text
    assert f"PUT {made}/payment" in part
    assert "1.250" in part


def test_claims_arrive_and_move_in_words_of_their_own(demo: FlaskClient, tuni: Server) -> None:
    assert "Bordereaux" in demo.get("/demo").text
    page = demo.post("/demo/upstreams/tuniclaim/add", follow_redirects=True).text
    assert re.search(r"TUNICLAIM demo has something new: \d{6}", page)
    page = demo.post("/demo/upstreams/tuniclaim/change", follow_redirects=True).text
    assert re.search(r"TUNICLAIM demo has changed \w+", page)


def test_a_mail_is_shown_with_text_headers_and_a_harmless_frame(demo: FlaskClient) -> None:
    key = remote.mailbox().keep(MAIL)
    assert "We have your report" in demo.get("/demo/mail").text
    page = demo.get(f"/demo/mail/{key}").text
    assert '<a href="http://127.0.0.1:8000/follow/abc"' in page
    assert "rosa@example.org" in page
    frame = demo.get(f"/demo/mail/{key}/html")
    policy = frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_no_mail_yet_says_the_next_step(demo: FlaskClient) -> None:
    assert "No mail yet" in demo.get("/demo/mail").text


def test_a_mail_that_is_not_there_is_not_found(demo: FlaskClient) -> None:
    assert demo.get("/demo/mail/123-456").status_code == 404
    assert demo.get("/demo/mail/..%2F..%2Fkeys/html").status_code == 404
