"""Troubles are what they say, and scripted ones are used up by the calls that they concern."""

import gzip
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.fakes.upstreams import Fault, Server, mynaga_server


@pytest.fixture
def naga() -> Iterator[Server]:
    with mynaga_server(records=12) as server:
        yield server


def ask(naga: Server, path: str = "/api/v1/reports", **options: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {naga.token}"}
    return httpx.get(naga.url + path, headers=headers, timeout=60, **options)  # type: ignore[arg-type]


def test_down_drops_the_connection(naga: Server) -> None:
    naga.trouble("down")
    with pytest.raises(httpx.TransportError):
        ask(naga)
    naga.well()
    assert ask(naga).status_code == 200


def test_a_lost_answer_has_had_its_effect(naga: Server) -> None:
    naga.script(Fault("lost", method="PATCH"))
    address = f"{naga.url}/api/v1/reports/NAGA-2026-004101"
    headers = {"Authorization": f"Bearer {naga.token}"}
    with pytest.raises(httpx.TransportError):
        httpx.patch(address, json={"status": "Closed"}, headers=headers)
    assert naga.get("NAGA-2026-004101")["status"] == "Closed"
    assert [call.method for call in naga.calls] == ["PATCH"]


@pytest.mark.parametrize(
    ("mode", "status", "kind"),
    [
        ("unavailable", 503, "application/json"),
        ("limited", 429, "application/json"),
        ("broken", 500, "text/html"),
        ("html", 200, "text/html; charset=utf-8"),
        ("revoked", 401, "application/json"),
        ("redirect", 302, "application/json"),
    ],
)
def test_each_answer_is_as_named(naga: Server, mode: str, status: int, kind: str) -> None:
    naga.trouble(mode)
    answer = ask(naga)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, kind)


@pytest.mark.parametrize("form", ["7", "Fri, 20 Nov 2026 09:00:00 GMT", "soon", "-5", "1000000000"])
def test_retry_after_is_sent_as_scripted(naga: Server, form: str) -> None:
    naga.script(Fault("limited", retry_after=form))
    assert ask(naga).headers["Retry-After"] == form


def test_scripted_faults_come_in_order_and_end(naga: Server) -> None:
    naga.script(Fault("broken", times=2), Fault("unavailable", path="/api/v1/me"))
    assert [ask(naga).status_code for _ in range(3)] == [500, 500, 200]
    assert ask(naga, "/api/v1/me").status_code == 503


def test_endless_paging_never_ends(naga: Server) -> None:
    naga.trouble("endless")
    cursors = set()
    cursor = ask(naga, params={"limit": 3}).json()["nextCursor"]
    for _ in range(8):
        page = ask(naga, params={"limit": 3, "cursor": cursor}).json()
        cursor = page["nextCursor"]
        cursors.add(len(page["data"]))
        assert cursor
    assert 0 not in cursors


def test_the_bomb_is_small_on_the_wire_and_large_unpacked(naga: Server) -> None:
    naga.trouble("gzip_bomb")
    with httpx.stream("GET", naga.url + "/api/v1/reports", timeout=60) as answer:
        packed = b"".join(answer.iter_raw())
    assert len(packed) < 1_000_000
    assert gzip.decompress(packed).endswith(b"]}")


def test_a_huge_page_is_more_than_ten_megabytes(naga: Server) -> None:
    naga.trouble("huge")
    assert len(ask(naga).content) > 10 * 1024 * 1024


def test_a_truncated_answer_breaks_off(naga: Server) -> None:
    naga.trouble("truncated")
    with pytest.raises(httpx.RemoteProtocolError):
        ask(naga)


def test_slow_waits(naga: Server) -> None:
    naga.trouble("slow", seconds=0.3)
    started = time.monotonic()
    ask(naga)
    assert time.monotonic() - started >= 0.3


def test_any_answer_can_be_scripted(naga: Server) -> None:
    naga.script(Fault("answer", status=400, body='{"error": {"code": "duplicate"}}'))
    assert ask(naga).json() == {"error": {"code": "duplicate"}}


def test_the_control_address_works_in_any_trouble(naga: Server) -> None:
    naga.trouble("down")
    control = naga.url + "/_control"
    assert httpx.get(control).json()["trouble"]["mode"] == "down"
    assert httpx.post(control, json={"trouble": None, "do": "add"}).json()["done"]["id"]
    assert httpx.get(control).json()["records"] == 13


def test_the_control_address_refuses_a_form_and_an_unknown_fault(naga: Server) -> None:
    control = naga.url + "/_control"
    assert httpx.post(control, data={"do": "add"}).status_code == 403
    assert httpx.post(control, json={"trouble": {"mode": "sulking"}}).status_code == 400
