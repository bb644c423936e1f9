"""Statuses, waits and secrets of HTTP, without a network."""

from datetime import UTC, datetime

import pytest

from webapp.core.errors import RemoteError
from webapp.core.http import (
    check_status,
    redact_body,
    redact_headers,
    redact_url,
    retry_after_seconds,
)
from webapp.core.http.failures import KINDS, failure

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (302, "redirect", False),
        (400, "rejected", False),
        (401, "unauthorized", False),
        (403, "forbidden", False),
        (404, "not_found", False),
        (408, "timeout", True),
        (409, "conflict", False),
        (410, "gone", False),
        (412, "conflict", False),
        (422, "rejected", False),
        (425, "rate_limited", True),
        (429, "rate_limited", True),
        (500, "server", True),
        (502, "server", True),
        (503, "server", True),
    ],
)
def test_a_status_is_told_apart(status: int, kind: str, retryable: bool) -> None:
    with pytest.raises(RemoteError) as caught:
        check_status(status, host="naga.example")
    assert (caught.value.kind, caught.value.retryable) == (kind, retryable)
    assert caught.value.http_status == status
    assert caught.value.message
    assert caught.value.advice


@pytest.mark.parametrize("status", [200, 201, 204, 304])
def test_success_and_not_modified_pass(status: int) -> None:
    check_status(status, host="naga.example")


@pytest.mark.parametrize(
    ("method", "status", "ambiguous"),
    [
        ("GET", 500, False),
        ("PATCH", 500, True),
        ("POST", 504, True),
        ("POST", 503, False),
        ("PUT", 429, False),
    ],
)
def test_a_write_that_met_a_server_error_may_have_had_its_effect(
    method: str, status: int, ambiguous: bool
) -> None:
    with pytest.raises(RemoteError) as caught:
        check_status(status, host="naga.example", method=method)
    assert caught.value.ambiguous is ambiguous


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 1.5 ", 1.5),
        ("0", 0),
        ("-30", 0),
        ("1000000000", 6 * 3600),
        ("inf", 6 * 3600),
        ("Fri, 20 Nov 2026 12:02:00 GMT", 120),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 20 Nov 2050 11:00:00 GMT", 6 * 3600),
        ("soon", None),
        ("nan", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_every_form(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, now=NOW) == seconds


def test_the_wait_reaches_the_error() -> None:
    with pytest.raises(RemoteError) as caught:
        check_status(429, host="naga.example", headers={"retry-after": "77"}, now=NOW)
    assert caught.value.retry_after == 77


def test_every_kind_has_words_of_its_own() -> None:
    said = {failure(kind, "naga.example", http_status=500).message for kind in KINDS}
    assert len(said) == len(KINDS)
    assert all("%(" not in text for text in said)


def test_secret_headers_are_hidden_and_others_are_not() -> None:
    shown = redact_headers(
        {
            "Authorization": "Bearer canary",
            "Cookie": "sid=canary",
            "Set-Cookie": "sid=canary",
            "X-Api-Key": "canary",
            "X-Auth-Token": "canary",
            "Idempotency-Key": "7-1",
            "Accept": "application/json",
        }
    )
    assert "canary" not in str(shown)
    assert shown["Idempotency-Key"] == "7-1"
    assert shown["Accept"] == "application/json"


@pytest.mark.parametrize(
    "name", ["api_key", "apikey", "token", "access_token", "accessToken", "key", "password"]
)
def test_secrets_in_addresses_and_forms_are_hidden(name: str) -> None:
    url = redact_url(f"https://user:canary@naga.example/r?page=2&{name}=canary#canary")
    assert url == f"https://naga.example/r?page=2&{name}=[hidden]"
    form = redact_body(
        f"status=open&{name}=canary".encode(), content_type="application/x-www-form-urlencoded"
    )
    assert form == f"status=open&{name}=[hidden]"


def test_secrets_in_json_are_hidden() -> None:
    shown = redact_body(
        b'{"status": "open", "accessToken": "can\\"ary", "n": 1}', content_type="application/json"
    )
    assert shown == '{"status": "open", "accessToken": "[hidden]", "n": 1}'


def test_secrets_in_xml_are_hidden() -> None:
    shown = redact_body(
        b"<r><api_key>canary</api_key><status>open</status></r>", content_type="text/xml"
    )
    assert shown == "<r><api_key>[hidden]</api_key><status>open</status></r>"
