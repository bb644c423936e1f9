"""Files of static/ that are sent as one."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from webapp.core import assets, bundles
from webapp.core.bundles import BUNDLES, STATIC


def test_a_bundle_holds_its_files_in_order_compressed_and_kept_for_a_year(
    app: Flask, client: FlaskClient
) -> None:
    with app.test_request_context():
        address = assets.asset("bundles/device.js")
    answer = client.get(address, headers={"Accept-Encoding": "gzip, br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "max-age=31536000" in answer.headers["Cache-Control"]
    assert answer.mimetype == "text/javascript"
    text = brotli.decompress(answer.data).decode()
    places = [text.index((STATIC / path).read_text()) for path in BUNDLES["bundles/device.js"]]
    assert places == sorted(places)
    assert client.get(address).text == text
    for packing in ("br", "gzip", "identity"):
        said = client.get(address, headers={"Accept-Encoding": packing})
        again = {"Accept-Encoding": packing, "If-None-Match": said.headers["ETag"]}
        assert client.get(address, headers=again).status_code == 304


def test_a_first_visit_is_small(client: FlaskClient) -> None:
    """experience.md: at most 100 kB compressed for the first page without a map."""
    packed = {"Accept-Encoding": "br"}
    sizes = [len(client.get(f"/static/{name}", headers=packed).data) for name in BUNDLES]
    assert sum(sizes) < 75_000


def test_a_sheet_finds_its_pictures_from_a_bundle(client: FlaskClient) -> None:
    sheet = client.get("/static/bundles/desk.css").text
    assert 'url("../select.svg")' in sheet
    assert "../../" not in sheet
    assert client.get("/static/bundles/../select.svg").status_code == 200


def test_a_bundle_has_a_new_address_and_is_joined_anew_when_one_of_its_files_changes(
    app: Flask, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "_known", assets._Known())
    monkeypatch.setattr(bundles, "STATIC", tmp_path)
    monkeypatch.setattr(assets, "LOOKED_AT_EVERY_S", -1.0)
    first, second = (tmp_path / path for path in BUNDLES["bundles/report.js"][:2])
    first.parent.mkdir()
    for path in BUNDLES["bundles/report.js"]:
        (tmp_path / path).write_text("one();")
    with app.test_request_context():
        before = assets.asset("bundles/report.js")
        assert assets.asset("bundles/report.js") == before
        second.write_text("two();")
        os.utime(second, (2000, 2000))
        assert assets.asset("bundles/report.js") != before
    assert client.get("/static/bundles/report.js").text.count("one();") == 2


def test_files_are_named_while_other_threads_look_at_all_of_them(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "_known", assets._Known())
    monkeypatch.setattr(assets, "LOOKED_AT_EVERY_S", -1.0)
    over = threading.Event()

    def looks() -> int:
        seen = 0
        while not over.is_set():
            seen = assets.look_again()
        return seen

    with ThreadPoolExecutor() as threads, app.test_request_context():
        looking = [threads.submit(looks) for _ in range(3)]
        try:
            for number in range(300):
                assets.asset(f"none/{number}.js")
        finally:
            over.set()
        assert [each.result() for each in looking] == [0, 0, 0]


def test_nothing_else_is_found_among_the_bundles(client: FlaskClient) -> None:
    assert client.get("/static/bundles/none.js").status_code == 404
    assert client.get("/static/css/tokens.css").status_code == 200


def test_a_new_cookie_makes_no_file_old(client: FlaskClient) -> None:
    """Browsers ask anew for whatever differs by cookie, and each toast after a redirect is a new cookie."""
    for address in ("/static/bundles/desk.css?v=1", "/static/icons.svg?v=1"):
        assert client.get(address).headers["Vary"] == "Accept-Encoding"
    assert "Cookie" in client.get("/login").headers["Vary"]
