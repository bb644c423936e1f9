"""Real GeoReport payloads of Cologne, Chicago, Toronto, Gießen and San Francisco."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.sync.engines import calling
from tests.sync.georeport_server import (
    ABSENT_REASON,
    KOELN,
    SAMPLES,
    GeoReportServer,
    koeln_records,
)
from webapp.core.errors import RemoteError
from webapp.core.http import Response
from webapp.sync.connectors import registry
from webapp.sync.connectors.lists import items_of
from webapp.sync.connectors.mapping import MappedRecord, compile_mapping
from webapp.sync.connectors.parsing import parse_body

pytestmark = pytest.mark.skipif(not KOELN.exists(), reason=ABSENT_REASON)

OPEN311 = registry.get("open311")


def parsed(name: str, form: str) -> Any:
    body = (SAMPLES / name).read_bytes()
    return parse_body(Response(200, {}, body, 0.0, "https://x/"), form=form, host="city.example")


def mapped(name: str, form: str) -> list[MappedRecord]:
    shape = OPEN311.shape(form)
    items = items_of(parsed(name, form), shape.list.items, form=form)
    assert items is not None
    mapping = compile_mapping(OPEN311, shape)
    return [mapping.map_record(item) for item in items]


def test_all_fifty_of_cologne_keep_their_texts_places_photos_and_dates() -> None:
    for raw, record in zip(koeln_records(), mapped(KOELN.name, "json"), strict=True):
        fields = record.fields
        assert record.external_id == raw["service_request_id"]
        assert record.warnings == []
        assert record.unmapped == []
        assert fields["title"] == raw["service_name"]
        assert fields["category"] == raw["service_name"]
        assert fields["place"] == raw["address"]
        assert (fields["status"], fields["external_status"]) == ("open", "open")
        assert fields["lat"] == round(Decimal(str(raw["lat"])), 6)
        assert fields["lng"] == round(Decimal(str(raw["long"])), 6)
        assert fields["reported_at"] == datetime.fromisoformat(raw["requested_datetime"])
        assert record.created_at == fields["reported_at"]
        assert record.updated_at == datetime.fromisoformat(raw["updated_datetime"])
        _same_text(raw, fields)
        _same_photo(raw, fields)


def _same_text(raw: dict[str, Any], fields: dict[str, Any]) -> None:
    told = raw.get("description") or raw.get("status_notes")
    if told is None:
        assert "description" not in fields
    else:
        assert fields["description"] == told.replace("\r\n", "\n").strip()


def _same_photo(raw: dict[str, Any], fields: dict[str, Any]) -> None:
    if "media_url" not in raw:
        assert "attachments" not in fields
        return
    (photo,) = fields["attachments"]
    assert photo["url"] == raw["media_url"]
    assert photo["name"] in raw["media_url"]
    assert photo["content_type"] == "image/jpeg"


def test_times_keep_their_summer_and_winter_offsets() -> None:
    record = mapped(KOELN.name, "json")[0]
    assert record.created_at == datetime(2023, 12, 11, 8, 1, 37, tzinfo=UTC)


def test_the_fifty_of_cologne_are_the_same_in_json_and_xml() -> None:
    with GeoReportServer(koeln_records(), cap=20) as city:
        with calling("open311", city.url, shape="json") as engine:
            from_json = [
                engine.mapping.map_record(i) for p in engine.pages(since=_2023) for i in p.items
            ]
        with calling("open311", city.url, shape="xml") as engine:
            from_xml = [
                engine.mapping.map_record(i) for p in engine.pages(since=_2023) for i in p.items
            ]
    by_id = {record.external_id: _without_absent(record) for record in from_json}
    assert len(by_id) == len({each["service_request_id"] for each in koeln_records()})
    assert {record.external_id: _without_absent(record) for record in from_xml} == by_id


_2023 = datetime(2023, 1, 1, tzinfo=UTC)


def _without_absent(record: MappedRecord) -> Any:
    return record.version, record.updated_at, record.created_at, record.fields


def test_chicagos_two_requests_parse() -> None:
    first, second = mapped("02-chicago-requests-2.json", "json")
    assert first.external_id == "14-01100669"
    assert first.fields["title"] == "Alley Light Out"
    assert first.fields["place"] == "1540 W 17TH ST, CHICAGO, IL, 60608"
    assert first.fields["lat"] == Decimal("41.858725")
    assert first.updated_at == datetime(2014, 7, 12, 16, 8, 21, tzinfo=UTC)
    assert "description" not in first.fields
    assert second.fields["description"] == "Locked"


def test_torontos_empty_elements_are_null_and_its_missing_update_time_is_none() -> None:
    first, second = mapped("03-toronto-requests-many.xml", "xml")
    assert first.updated_at is None
    assert first.created_at == datetime(2018, 7, 30, 4, 1, tzinfo=UTC)
    assert first.fields["title"] == "Road - Pot hole"
    assert first.fields["description"] == "In progress - The request has been scheduled."
    assert first.fields["attachments"] is None
    assert first.fields["lng"] == Decimal("-79.272307")
    assert second.fields["place"] == "Parkette Pl / Danforth Ave, Scarborough"


def test_torontos_single_request_is_a_list_of_one() -> None:
    (only,) = mapped("04-toronto-requests-single.xml", "xml")
    assert only.external_id == "101005420892"


def test_san_franciscos_empty_list_is_empty() -> None:
    assert mapped("06-sf-requests-empty.xml", "xml") == []


def test_san_franciscos_other_answers_parse() -> None:
    posted = parsed("07-sf-post-ok.xml", "xml")["service_requests"]["request"]
    assert posted["service_request_id"] == "293944"
    assert posted["service_notice"].startswith("The City will inspect")
    assert posted["account_id"] is None
    token = parsed("10-sf-id-from-token.xml", "xml")["service_requests"]["request"]
    assert token == {"service_request_id": "638344", "token": "12345"}
    values = parsed("11-sf-service-definition.xml", "xml")["service_definition"]["attribute"][
        "values"
    ]
    assert [value["name"] for value in values["value"]] == ["Ford", "Chrysler"]


def test_the_service_lists_of_chicago_and_giessen_parse() -> None:
    assert [each["service_code"] for each in parsed("01-chicago-services.json", "json")] == [
        "001",
        "002",
        "003",
    ]
    services = parsed("05-giessen-services.xml", "xml")["services"]["service"]
    assert len(services) == 8
    assert services[4]["service_name"] == "Straßen- und Gehwegschäden"
    assert services[0]["description"] is None


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("08-sf-error-403.xml", 200, "forbidden"),
        ("08-sf-error-403.xml", 403, "forbidden"),
        ("09-sf-error-not-found.xml", 200, "not_found"),
        ("09-sf-error-not-found.xml", 404, "not_found"),
    ],
)
def test_san_franciscos_errors_are_errors_whatever_their_status(
    name: str, status: int, kind: str
) -> None:
    body = (SAMPLES / name).read_bytes()
    with (
        GeoReportServer(fault=(status, {"Content-Type": "text/xml"}, body)) as city,
        calling("open311", city.url, shape="xml") as engine,
        pytest.raises(RemoteError) as caught,
    ):
        list(engine.pages())
    assert caught.value.kind == kind


def test_cologne_has_one_record_twice() -> None:
    ids = [each["service_request_id"] for each in json.loads(KOELN.read_bytes())]
    assert (len(ids), len(set(ids))) == (50, 49)
