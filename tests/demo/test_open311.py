"""The demo Open311 city speaks GeoReport v2, with the limits that real servers have."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from defusedxml import ElementTree

from tests.fakes.upstreams import Server, open311_server

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


@pytest.fixture
def city() -> Iterator[Server]:
    with open311_server(records=130, clock=lambda: NOW) as server:
        yield server


def listed(city: Server, **params: object) -> list[dict]:
    answer = httpx.get(f"{city.url}/requests.json", params=params)
    assert answer.status_code == 200
    return answer.json()


def test_services_come_as_json_and_xml_alike(city: Server) -> None:
    rows = httpx.get(f"{city.url}/services.json").json()
    root = ElementTree.fromstring(httpx.get(f"{city.url}/services.xml").content)
    assert root.tag == "services"
    assert [item.findtext("service_code") for item in root] == [row["service_code"] for row in rows]


def test_requests_come_newest_first_and_at_most_fifty(city: Server) -> None:
    rows = listed(city, page_size=1000)
    times = [row["requested_datetime"] for row in rows]
    assert len(rows) == 50
    assert times == sorted(times, reverse=True)


def test_pages_hold_each_request_once(city: Server) -> None:
    ids = [r["service_request_id"] for page in (1, 2, 3, 4) for r in listed(city, page=page)]
    assert len(ids) == len(set(ids)) == 130


def test_json_and_xml_say_the_same(city: Server) -> None:
    row = listed(city)[0]
    root = ElementTree.fromstring(httpx.get(f"{city.url}/requests.xml").content)
    assert root.tag == "service_requests"
    shown = {child.tag: child.text for child in root[0]}
    assert shown == {name: None if value is None else str(value) for name, value in row.items()}


def test_dates_filter_the_time_of_creation_not_of_update(city: Server) -> None:
    old = city.add(created=NOW - timedelta(days=40))
    city.edit(old["service_request_id"], status="closed")
    since = (NOW - timedelta(days=1)).isoformat()
    ids = [row["service_request_id"] for row in listed(city, start_date=since)]
    assert old["service_request_id"] not in ids


def test_updated_after_is_ignored_unless_switched_on(city: Server) -> None:
    old = city.add(created=NOW - timedelta(days=40))
    city.edit(old["service_request_id"], status="closed")
    since = (NOW - timedelta(hours=1)).isoformat()
    assert len(listed(city, updated_after=since)) == 50
    city.upstream.updated_after = True
    assert [r["service_request_id"] for r in listed(city, updated_after=since)] == [
        old["service_request_id"]
    ]


def test_without_dates_only_ninety_days_are_listed(city: Server) -> None:
    old = city.add(created=NOW - timedelta(days=91))["service_request_id"]
    assert old not in {
        r["service_request_id"] for page in (1, 2, 3) for r in listed(city, page=page)
    }
    assert [r["service_request_id"] for r in listed(city, service_request_id=old)] == [old]


def test_status_and_service_narrow_the_list(city: Server) -> None:
    rows = listed(city, status="open", service_code="roads,waste")
    assert {row["status"] for row in rows} == {"open"}
    assert {row["service_code"] for row in rows} == {"roads", "waste"}


def test_a_batch_of_ids_is_answered(city: Server) -> None:
    wanted = [row["service_request_id"] for row in listed(city)[3:9]]
    found = listed(city, service_request_id=",".join(wanted))
    assert {row["service_request_id"] for row in found} == set(wanted)


def test_a_new_request_needs_a_key_and_is_then_listed(city: Server) -> None:
    sent = {"service_code": "roads", "address_string": "Magsaysay Avenue", "description": "A hole."}
    address = f"{city.url}/requests.json"
    assert httpx.post(address, data=sent).status_code == 400
    assert httpx.post(address, data={**sent, "api_key": "wrong"}).status_code == 403
    made = httpx.post(address, data={**sent, "api_key": city.token})
    assert made.status_code == 201
    request_id = made.json()[0]["service_request_id"]
    assert city.get(request_id)["description"] == "A hole."
    assert [(r.record, r.body.get("api_key")) for r in city.received] == [(request_id, None)]


def test_our_extension_takes_a_status_back(city: Server) -> None:
    request_id = listed(city, status="open")[0]["service_request_id"]
    sent = {"api_key": city.token, "status": "closed", "status_notes": "Filled."}
    answer = httpx.put(f"{city.url}/requests/{request_id}.json", data=sent)
    assert answer.json()[0]["status_notes"] == "Filled."
    assert city.get(request_id)["status"] == "closed"


@pytest.mark.parametrize("form", ["json", "xml"])
def test_an_unknown_request_is_refused_in_the_form_asked_for(city: Server, form: str) -> None:
    answer = httpx.get(f"{city.url}/requests/nothing.{form}")
    assert answer.status_code == 404
    assert ("<errors><error><code>404</code>" in answer.text) is (form == "xml")
