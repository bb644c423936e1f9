"""MyNaga in both shapes, over real HTTP."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.fakes.upstreams import Fault, mynaga_server
from tests.sync.engines import LOOPBACK, calling, ids_of
from webapp.core.errors import RemoteError
from webapp.core.http import Client, redact_headers
from webapp.sync.connectors import registry
from webapp.sync.connectors.probe import ProbeResult, probe, token_expiry

MYNAGA = registry.get("mynaga")


def probed(url: str, token: str) -> ProbeResult:
    with Client(allow_http=True, allowed_nets=LOOPBACK) as client:
        return probe(MYNAGA, base_url=url, client=client, secret=token)


def refused(url: str, token: str) -> RemoteError:
    with pytest.raises(RemoteError) as caught:
        probed(url, token)
    return caught.value


def test_the_probe_says_whose_token_it_is_and_shows_a_real_record() -> None:
    with mynaga_server(records=3) as naga:
        result = probed(naga.url, naga.token)
    assert result.plan["shape"] == "contract"
    assert result.identity.account == "Naga City Demo Desk"
    assert result.identity.scopes == ("reports:read", "reports:write")
    assert result.can_push
    assert result.sample is not None
    assert result.sample.external_id.startswith("NAGA-")
    assert result.sample_raw is not None


@pytest.mark.parametrize(
    ("token", "kind", "said"),
    [
        ("nobody-knows-it", "unauthorized", "does not know this token"),
        ("mynaga-demo-expired-11d8", "unauthorized", "has expired"),
        ("mynaga-demo-revoked-e04f", "unauthorized", "has been revoked"),
        ("mynaga-demo-nothing-90be", "forbidden", "lacks the permission reports:read"),
    ],
)
def test_what_is_wrong_with_a_token_is_said_in_its_own_words(
    token: str, kind: str, said: str
) -> None:
    with mynaga_server(records=1) as naga:
        error = refused(naga.url, token)
    assert error.kind == kind
    assert said in error.message
    assert error.advice
    assert token not in error.message + error.advice


def test_a_token_that_may_only_read_is_connected_without_push() -> None:
    with mynaga_server(records=1) as naga:
        result = probed(naga.url, "mynaga-demo-reader-52c1")
    assert not result.can_push
    assert result.missing_scopes == ("reports:write",)


def test_a_wrong_address_is_not_found() -> None:
    with mynaga_server(records=1) as naga:
        assert refused(naga.url + "/elsewhere", naga.token).kind == "not_found"


@pytest.mark.parametrize(
    ("mode", "kind"),
    [
        ("down", "network"),
        ("unavailable", "server"),
        ("limited", "rate_limited"),
        ("broken", "server"),
        ("revoked", "unauthorized"),
        ("html", "not_json"),
        ("huge", "too_large"),
        ("gzip_bomb", "too_large"),
        ("redirect", "redirect"),
    ],
)
def test_each_trouble_of_the_upstream_is_told_apart(mode: str, kind: str) -> None:
    with mynaga_server(records=1) as naga:
        naga.trouble(mode)
        assert refused(naga.url, naga.token).kind == kind


@pytest.mark.parametrize("shape", ["bare", "data", "reports"])
def test_the_observed_shape_is_recognised_in_every_envelope(shape: str) -> None:
    with mynaga_server(records=4, legacy_shape=shape) as naga:
        result = probed(naga.url + "/legacy", naga.token)
        with calling("mynaga", naga.url + "/legacy", naga.token, plan=result.plan) as engine:
            found = ids_of(engine)
            assert engine.repoll == "window"
    assert result.plan["shape"] == "observed"
    assert found
    assert all(each is not None and each.startswith("NAGA-") for each in found)


def test_an_error_inside_a_200_is_an_error() -> None:
    with mynaga_server(records=1) as naga:
        assert refused(naga.url + "/legacy", "wrong").kind == "unauthorized"


def test_every_report_is_read_once_from_every_position() -> None:
    with mynaga_server(records=450) as naga, calling("mynaga", naga.url, naga.token) as engine:
        pages = list(engine.pages())
        found = [engine.mapping.find_id(item) for page in pages for item in page.items]
        assert len(found) == len(set(found)) == 450
        for number, page in enumerate(pages[:-1], start=1):
            rest = [item for later in engine.pages(page.position) for item in later.items]
            assert len(rest) == sum(len(later.items) for later in pages[number:])
    assert pages[-1].is_last
    assert pages[-1].position is None
    assert sum(page.requests for page in pages) == len(pages)
    assert all(page.bytes > 0 for page in pages)


def test_since_is_inclusive_and_a_future_since_finds_nothing() -> None:
    with mynaga_server(records=5) as naga, calling("mynaga", naga.url, naga.token) as engine:
        records = [
            engine.mapping.map_record(item) for page in engine.pages() for item in page.items
        ]
        newest = max(record.updated_at for record in records if record.updated_at is not None)
        assert ids_of(engine, since=newest)
        assert ids_of(engine, since=datetime.now(UTC) + timedelta(days=1)) == []


def test_a_page_known_by_its_etag_is_not_sent_again() -> None:
    with mynaga_server(records=3) as naga, calling("mynaga", naga.url, naga.token) as engine:
        (first,) = engine.pages()
        (second,) = engine.pages(etag=first.etag)
    assert first.etag is not None
    assert (second.not_modified, second.items, second.is_last) == (True, [], True)


def test_an_expired_cursor_is_gone() -> None:
    with mynaga_server(records=300) as naga, calling("mynaga", naga.url, naga.token) as engine:
        page = next(engine.pages())
        naga.script(Fault("answer", status=410, body="{}"))
        with pytest.raises(RemoteError) as caught:
            next(engine.pages(page.position))
    assert caught.value.kind == "gone"


def test_paging_that_does_not_end_is_noticed() -> None:
    with mynaga_server(records=300) as naga, calling("mynaga", naga.url, naga.token) as engine:
        naga.trouble("endless")
        with pytest.raises(RemoteError) as caught:
            list(engine.pages())
    assert caught.value.kind == "endless"


def test_a_status_is_pushed_with_key_and_version_and_the_answer_is_read() -> None:
    with mynaga_server(records=1) as naga, calling("mynaga", naga.url, naga.token) as engine:
        record = engine.mapping.map_record(engine.sample().items[0])
        answer = engine.push(
            "status",
            record.external_id,
            {"status": "resolved", "note": None},
            idempotency_key="12-1",
            version=record.version,
        )
        sent = naga.calls[-1]
    assert answer.record is not None
    assert answer.record.fields["status"] == "resolved"
    assert answer.record.version != record.version
    assert (sent.method, sent.headers["idempotency-key"]) == ("PATCH", "12-1")
    assert sent.headers["if-unmodified-since-version"] == record.version


def test_a_push_without_a_known_version_sends_no_empty_header() -> None:
    with mynaga_server(records=1) as naga, calling("mynaga", naga.url, naga.token) as engine:
        engine.push("status", _first(engine), {"status": "closed"}, idempotency_key="12-1")
        assert "if-unmodified-since-version" not in naga.calls[-1].headers


def test_an_older_version_is_a_conflict() -> None:
    with mynaga_server(records=1) as naga, calling("mynaga", naga.url, naga.token) as engine:
        number = _first(engine)
        naga.edit(number, status="Closed")
        with pytest.raises(RemoteError) as caught:
            engine.push("status", number, {"status": "open"}, idempotency_key="12-1", version="0")
    assert (caught.value.kind, caught.value.http_status) == ("conflict", 409)
    assert caught.value.body


def test_a_lost_answer_is_ambiguous_and_the_same_key_repeats_it_harmlessly() -> None:
    with mynaga_server(records=1) as naga, calling("mynaga", naga.url, naga.token) as engine:
        number = _first(engine)
        naga.script(Fault("lost", method="PATCH"))
        with pytest.raises(RemoteError) as caught:
            engine.push("status", number, {"status": "closed"}, idempotency_key="12-1")
        again = engine.push("status", number, {"status": "closed"}, idempotency_key="12-1")
        assert again.record is not None
        assert naga.get(number)["version"] == int(again.record.version or 0)
    assert (caught.value.ambiguous, caught.value.retryable) == (True, True)


def test_a_value_that_they_do_not_have_is_rejected_before_anything_is_sent() -> None:
    with mynaga_server(records=1) as naga, calling("mynaga", naga.url, naga.token) as engine:
        with pytest.raises(RemoteError) as caught:
            engine.push("status", "NAGA-1", {"status": "archived"}, idempotency_key="12-1")
        assert naga.calls == []
    assert caught.value.kind == "rejected"


def test_the_prepared_request_can_be_kept_without_its_token() -> None:
    with mynaga_server(records=1) as naga, calling("mynaga", naga.url, naga.token) as engine:
        request = engine.prepare_push("status", "a/b", {"status": "closed"}, idempotency_key="12-1")
    assert request.url.endswith("/api/v1/reports/a%2Fb")
    assert naga.token not in str(redact_headers(request.headers))
    assert request.body == b'{"status": "Closed"}'


def test_a_record_that_is_gone_is_none() -> None:
    with mynaga_server(records=2) as naga, calling("mynaga", naga.url, naga.token) as engine:
        number = _first(engine)
        naga.remove(number)
        assert engine.fetch_one(number) is None
        pages = list(engine.fetch_many([number, _first(engine)]))
    assert [page.missing for page in pages] == [(number,), ()]


def test_the_end_of_a_jwt_is_read_from_the_token() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjE3OTUxNzIzMjN9.x"
    assert token_expiry(token) == datetime(2026, 11, 20, 10, 58, 43, tzinfo=UTC)
    assert token_expiry("plain") is None
    assert token_expiry("a.b.c") is None


def _first(engine: object) -> str:
    from webapp.sync.connectors.engine import Engine

    assert isinstance(engine, Engine)
    found = engine.mapping.find_id(engine.sample().items[0])
    assert found is not None
    return found
