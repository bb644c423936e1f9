"""GeoReport v2 over real HTTP: the probe's findings, the walk, the second look, the push."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sync.engines import LOOPBACK, calling, ids_of
from tests.sync.georeport_server import GeoReportServer
from webapp.core.errors import RemoteError
from webapp.core.http import Client
from webapp.sync.connectors import registry
from webapp.sync.connectors.probe import ProbeResult, probe

OPEN311 = registry.get("open311")
START = datetime(2026, 3, 1, tzinfo=UTC)


def request(number: int, **changes: Any) -> dict[str, Any]:
    created = START + timedelta(hours=7 * number)
    found = {
        "service_request_id": f"R{number}",
        "status": "open",
        "service_code": "001",
        "service_name": "Pot hole",
        "description": f"Hole number {number}",
        "requested_datetime": created.isoformat(),
        "updated_datetime": (created + timedelta(days=1)).isoformat(),
        "address": "Main St 1",
        "lat": 13.6,
        "long": 123.2,
    }
    return {**found, **changes}


def city_of(count: int, **behaviour: Any) -> GeoReportServer:
    return GeoReportServer([request(number) for number in range(count)], **behaviour)


def probed(city: GeoReportServer, secret: str = "", **options: Any) -> ProbeResult:
    with Client(allow_http=True, allowed_nets=LOOPBACK) as client:
        return probe(OPEN311, base_url=city.url, client=client, secret=secret, **options)


def test_the_probe_finds_pages_and_that_updates_are_not_filtered() -> None:
    with city_of(60, cap=20) as city:
        result = probed(city)
    assert result.plan == {"shape": "json", "auth": 0, "paging": 0, "incremental": 1}
    assert result.honours == {"updated_since": False, "page_number": True}
    assert result.sample is not None
    assert result.sample.external_id == "R0"
    assert result.sample_raw is not None
    assert result.skew is not None
    assert abs(result.skew) < 5


def test_the_probe_finds_a_server_that_knows_update_times() -> None:
    with city_of(5, updated_after=True) as city:
        result = probed(city)
        with calling("open311", city.url, plan=result.plan) as engine:
            assert engine.repoll == ""
            assert ids_of(engine, since=START + timedelta(days=2)) == ["R4"]
    assert result.honours["updated_since"] is True


def test_a_filter_by_update_time_is_of_no_use_where_records_have_none() -> None:
    with city_of(5, updated_after=True) as city:
        city.city.update("R3", updated_datetime=None)
        assert probed(city).honours["updated_since"] is False


def test_a_server_without_pages_is_read_in_slices_of_time() -> None:
    with city_of(130, cap=20, pages=False) as city:
        result = probed(city)
        assert result.honours["page_number"] is False
        with calling("open311", city.url, plan=result.plan) as engine:
            found = ids_of(engine)
            since = ids_of(engine, since=START + timedelta(days=20))
    assert set(found) == {f"R{number}" for number in range(130)}
    assert set(since) == {f"R{number}" for number in range(69, 130)}


def test_more_records_at_one_moment_than_a_page_holds_fail_loudly() -> None:
    same = START.isoformat()
    records = [request(number, requested_datetime=same) for number in range(25)]
    with (
        GeoReportServer(records, cap=20, pages=False) as city,
        calling(
            "open311", city.url, plan={"shape": "json", "paging": 1, "incremental": 1}
        ) as engine,
        pytest.raises(RemoteError) as caught,
    ):
        list(engine.pages())
    assert caught.value.kind == "endless"
    assert "share one moment" in caught.value.advice


def test_a_walk_goes_on_from_every_position() -> None:
    with city_of(90, cap=20) as city:
        plan = probed(city).plan
        with calling("open311", city.url, plan=plan) as engine:
            pages = list(engine.pages(since=START))
            whole = [item for page in pages for item in page.items]
            for number, page in enumerate(pages[:-1], start=1):
                rest = [item for later in engine.pages(page.position) for item in later.items]
                assert rest == [item for later in pages[number:] for item in later.items]
    assert {each["service_request_id"] for each in whole} == {f"R{number}" for number in range(90)}
    assert [page.is_last for page in pages] == [False] * (len(pages) - 1) + [True]


def test_a_window_longer_than_the_standard_allows_is_asked_for_in_parts() -> None:
    with (
        city_of(3) as city,
        calling(
            "open311", city.url, plan={"shape": "json", "paging": 0, "incremental": 1}
        ) as engine,
    ):
        ids_of(engine, since=START, until=START + timedelta(days=200))
        windows = [path for _method, path in city.city.seen if "start_date" in path]
    assert len({path.partition("start_date=")[2][:20] for path in windows}) == 3


def test_a_creation_filter_does_not_show_a_change_so_open_ones_are_asked_for_again() -> None:
    with (
        city_of(30, cap=20) as city,
        calling("open311", city.url, plan=probed(city).plan) as engine,
    ):
        city.city.update("R1", status="closed", updated_datetime="2026-11-01T00:00:00+00:00")
        assert engine.repoll == "ids"
        assert "R1" not in ids_of(engine, since=START + timedelta(days=5))
        pages = list(engine.fetch_many([f"R{number}" for number in range(30)]))
    again = {item["service_request_id"]: item["status"] for page in pages for item in page.items}
    assert len(again) == 30  # although the city caps its answers at 20
    assert again["R1"] == "closed"
    assert all(page.missing == () for page in pages)


def test_what_is_asked_for_and_not_answered_is_named() -> None:
    with city_of(3) as city, calling("open311", city.url) as engine:
        pages = list(engine.fetch_many(["R1", "gone", "R1"]))
        assert engine.fetch_one("gone") is None
        assert engine.fetch_one("R1")["service_request_id"] == "R1"  # type: ignore[index]
    assert [item["service_request_id"] for page in pages for item in page.items] == ["R1"]
    assert pages[-1].missing == ("gone",)


def test_a_server_that_ignores_the_ids_does_not_slip_in_other_records() -> None:
    with city_of(3) as city, calling("open311", city.url) as engine:
        city.city.find = lambda request_id: None  # type: ignore[method-assign]
        city.city.listed = lambda query: [request(1), request(2)]  # type: ignore[method-assign]
        (page, *_rest) = engine.fetch_many(["R1"])
    assert [item["service_request_id"] for item in page.items] == ["R1"]


def test_a_jurisdiction_is_sent_where_one_is_given_and_else_left_out() -> None:
    with city_of(1) as city:
        with calling("open311", city.url, options={"jurisdiction_id": "naga.example"}) as engine:
            ids_of(engine)
        with calling("open311", city.url, options={"jurisdiction_id": ""}) as engine:
            ids_of(engine)
    assert "jurisdiction_id=naga.example" in city.city.seen[0][1]
    assert "jurisdiction_id" not in city.city.seen[-1][1]


def test_a_key_that_reading_needs_is_found_out() -> None:
    with city_of(2, api_key="canary", key_to_read=True) as city:
        assert probed(city, "canary").plan["auth"] == 1
        with pytest.raises(RemoteError) as caught:
            probed(city, "wrong")
    assert caught.value.kind == "forbidden"


def test_a_key_that_nothing_has_tried_is_said_so() -> None:
    with city_of(2, api_key="canary") as city:
        assert any("only be tried" in text for text in probed(city, "wrong").warnings)


def test_a_city_without_json_is_read_as_xml() -> None:
    with city_of(2) as city:
        city.city.faults = [(404, {}, b"not here")]
        assert probed(city).plan["shape"] == "xml"


def test_a_list_in_an_envelope_is_found_as_well() -> None:
    with (
        city_of(3, envelope="service_requests", api_key="canary") as city,
        calling("open311", city.url, "canary", plan=probed(city).plan) as engine,
    ):
        assert ids_of(engine) == ["R0", "R1", "R2"]
        assert engine.fetch_one("R1")["service_request_id"] == "R1"  # type: ignore[index]
        assert engine.fetch_one("gone") is None
        answer = engine.push("status", "R1", {"status": "closed"}, idempotency_key="1-1")
    assert answer.record is not None
    assert answer.record.external_id == "R1"


def test_a_city_with_no_requests_yet_is_connected_with_a_warning() -> None:
    with city_of(0) as city:
        result = probed(city)
    assert result.sample is None
    assert any("no record yet" in text for text in result.warnings)


@pytest.mark.parametrize("shape", ["json", "xml"])
def test_a_status_is_pushed_with_the_key_in_the_body(shape: str) -> None:
    with (
        city_of(2, api_key="canary") as city,
        calling("open311", city.url, "canary", shape=shape) as engine,
    ):
        assert engine.can_push("status")
        answer = engine.push(
            "status", "R1", {"status": "resolved", "note": "Filled"}, idempotency_key="7-1"
        )
        assert answer.record is not None
        assert answer.record.fields["status"] == "closed"
        assert city.city.find("R1")["status_notes"] == "Filled"  # type: ignore[index]
    method, path = city.city.seen[-1]
    assert (method, "canary" in path) == ("PUT", False)


def test_without_a_key_nothing_can_be_pushed() -> None:
    with city_of(2, api_key="canary") as city, calling("open311", city.url) as engine:
        assert not engine.can_push("status")
        assert not engine.can_push("payment")


def test_a_push_with_a_wrong_key_is_forbidden() -> None:
    with (
        city_of(2, api_key="canary") as city,
        calling("open311", city.url, "wrong") as engine,
        pytest.raises(RemoteError) as caught,
    ):
        engine.push("status", "R1", {"status": "closed"}, idempotency_key="7-1")
    assert (caught.value.kind, caught.value.ambiguous) == ("forbidden", False)
