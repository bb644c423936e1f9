"""Every JSON list: pages that lead on, tags that spare the body, and texts that travel compressed (S10)."""

from __future__ import annotations

import gzip
import re
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

LISTS = {
    "/api/auth/devices": "devices",
    "/api/auth/tokens": "tokens",
    "/api/mynaga/sync/status": "connections",
    "/bulletin-soin/sync/tuniclaim/status": "connections",
    "/api/jobs": "jobs",
    "/api/employees": "employees",
    "/api/chat": "channels",
    "/api/analytics/leaderboard/all": "leaderboard",
}


@pytest.fixture
def amihan(people: SimpleNamespace, sign_in: Any) -> FlaskClient:
    client: FlaskClient = sign_in(people.amihan)
    return client


def tokens(client: FlaskClient, count: int) -> None:
    for number in range(count):
        body = {"name": f"Token {number}", "scopes": ["read"], "days": 30}
        assert client.post("/api/auth/tokens", json=body).status_code == 201


def test_each_list_has_a_tag_that_spares_the_body_and_is_kept_by_nobody_else(
    amihan: FlaskClient, people: SimpleNamespace
) -> None:
    paths = {**LISTS, f"/api/activities/{people.amihan.id}": "activities"}
    for path, name in paths.items():
        first = amihan.get(path)
        assert (first.status_code, name in first.json) == (200, True), path
        assert first.headers["Cache-Control"] == "private, no-cache", path
        again = amihan.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path
        asked = amihan.get(f"{path}?limit=1&skip=0")
        assert len(asked.json[name]) <= 1, path


def test_a_tag_changes_with_what_it_stands_for(amihan: FlaskClient) -> None:
    tag = amihan.get("/api/auth/tokens").headers["ETag"]
    tokens(amihan, 1)
    answer = amihan.get("/api/auth/tokens", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag


def test_the_pages_of_a_list_lead_on_by_a_link_until_the_last(amihan: FlaskClient) -> None:
    tokens(amihan, 5)
    path, seen = "/api/auth/tokens?limit=2", []
    while path:
        answer = amihan.get(path)
        seen += [token["name"] for token in answer.json["tokens"]]
        found = re.fullmatch(r'<(/[^>]+)>; rel="next"', answer.headers.get("Link", ""))
        path = found[1] if found else ""
    assert seen == [f"Token {number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize(
    "asked", ["limit=0", "limit=-5", "limit=x", "skip=-1", "skip=x", "limit=9999999999"]
)
def test_a_senseless_page_is_answered_with_a_sensible_one(amihan: FlaskClient, asked: str) -> None:
    tokens(amihan, 1)
    assert len(amihan.get(f"/api/auth/tokens?{asked}").json["tokens"]) == 1


def test_long_answers_travel_compressed_and_their_tags_count_too(amihan: FlaskClient) -> None:
    tokens(amihan, 9)
    takes = {"Accept-Encoding": "gzip"}
    plain, packed = amihan.get("/api/auth/tokens"), amihan.get("/api/auth/tokens", headers=takes)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    for sent, takes_it in ((plain, {}), (packed, takes)):
        headers = {"If-None-Match": sent.headers["ETag"], **takes_it}
        assert amihan.get("/api/auth/tokens", headers=headers).status_code == 304


def test_a_version_that_came_compressed_is_the_version_that_is_changed(amihan: FlaskClient) -> None:
    made = amihan.post("/api/jobs", json={"title": "Lamp", "description": "x" * 2000})
    assert made.status_code == 201, made.text
    path = f"/api/jobs/{made.json['job']['id']}"
    tag = amihan.get(path, headers={"Accept-Encoding": "gzip"}).headers["ETag"]
    changed = amihan.put(path, json={"title": "Lamp post"}, headers={"If-Match": tag})
    assert changed.status_code == 200, changed.text


def test_what_must_be_kept_nowhere_has_no_tag(app: Flask, client: FlaskClient, people: Any) -> None:
    body = {"email": "amihan@example.org", "password": "correct horse battery"}
    answer = client.post("/api/auth/login", json=body)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers
