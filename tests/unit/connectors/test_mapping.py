"""From a raw record to our fields, and the hash that tells whether anything changed."""

import contextlib
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.errors import Invalid
from webapp.sync.connectors import registry
from webapp.sync.connectors.canonical import payload_hash
from webapp.sync.connectors.mapping import CompiledMapping, RecordProblem, compile_mapping
from webapp.sync.connectors.values import outward

MYNAGA = registry.get("mynaga")
CONTRACT = compile_mapping(MYNAGA, MYNAGA.shape("contract"))
OBSERVED = compile_mapping(MYNAGA, MYNAGA.shape("observed"))


def report(**changes: Any) -> dict[str, Any]:
    found = {
        "id": "NAGA-2026-004217",
        "version": 3,
        "createdAt": "2026-11-20T08:00:00+08:00",
        "updatedAt": "2026-11-20T09:30:00.250Z",
        "category": "Drainage",
        "refinedCategory": None,
        "location": "Purok 2",
        "coordinates": {"lat": 13.62, "lng": 123.19},
        "barangay": "San Felipe",
        "description": "Baha sa kanto.\nPakiayos po.",
        "attachments": [
            {
                "url": "https://x.example/a.jpg",
                "contentType": "image/jpeg",
                "name": "a.jpg",
                "size": 5,
            }
        ],
        "reporterName": "Ana",
        "reporterPhone": "0917 123 4567",
        "url": "https://naga.example/r/1",
        "status": "In Progress",
        "deleted": False,
    }
    return {**found, **changes}


def test_a_report_of_the_contract_becomes_our_fields() -> None:
    record = CONTRACT.map_record(report())
    assert (record.external_id, record.version, record.deleted) == ("NAGA-2026-004217", "3", False)
    assert record.updated_at == datetime(2026, 11, 20, 9, 30, 0, 250000, tzinfo=UTC)
    assert record.created_at == datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
    assert record.unmapped == []
    assert record.warnings == []
    assert record.fields == {
        "title": "Baha sa kanto.",
        "description": "Baha sa kanto.\nPakiayos po.",
        "category": "Drainage",
        "refined_category": None,
        "barangay": "San Felipe",
        "place": "Purok 2",
        "lat": Decimal("13.62"),
        "lng": Decimal("123.19"),
        "reporter_name": "Ana",
        "reporter_phone": "+639171234567",
        "external_status": "In Progress",
        "status": "in_progress",
        "source_url": "https://naga.example/r/1",
        "reported_at": datetime(2026, 11, 20, 0, 0, tzinfo=UTC),
        "attachments": [
            {
                "url": "https://x.example/a.jpg",
                "name": "a.jpg",
                "content_type": "image/jpeg",
                "size": 5,
            }
        ],
    }


def test_a_report_of_the_observed_shape_becomes_the_same_fields() -> None:
    record = OBSERVED.map_record(
        {
            "_id": "66f0",
            "control_number": "NAGA-1",
            "date_created": "2026-11-20T00:00:00Z",
            "report_type": {"name": "Drainage"},
            "location": "Purok 2",
            "barangay": {"name": "San Felipe"},
            "description": "Baha",
            "images": [{"url": "https://x.example/a.jpg"}],
            "user": {"name": "Ana", "mobile": "09171234567"},
            "report_cluster": {"status": "reroute"},
            "offices": {"name": "CEO"},
            "refinedCategory": "Flood",
        }
    )
    assert record.external_id == "NAGA-1"
    assert record.fields["category"] == "Drainage"
    assert record.fields["barangay"] == "San Felipe"
    assert record.fields["refined_category"] == "Flood"
    assert record.fields["status"] == "for_rerouting"
    assert record.fields["external_status"] == "reroute"
    assert record.fields["reporter_phone"] == "+639171234567"
    assert record.fields["attachments"][0]["url"] == "https://x.example/a.jpg"


def test_an_absent_field_is_absent_and_a_null_one_is_none() -> None:
    raw = report(location=None)
    del raw["barangay"]
    fields = CONTRACT.map_record(raw).fields
    assert "barangay" not in fields
    assert fields["place"] is None


def test_null_coordinates_clear_both_halves() -> None:
    fields = CONTRACT.map_record(report(coordinates=None)).fields
    assert (fields["lat"], fields["lng"]) == (None, None)


def test_an_unknown_status_is_kept_and_listed_and_becomes_none_of_ours() -> None:
    record = CONTRACT.map_record(report(status="Awaiting Budget"))
    assert record.unmapped == [("status", "Awaiting Budget")]
    assert "status" not in record.fields
    assert record.fields["external_status"] == "Awaiting Budget"


def test_an_admins_decision_maps_it() -> None:
    mapping = compile_mapping(
        MYNAGA, MYNAGA.shape("contract"), overrides={"status": {"Awaiting Budget": "in_progress"}}
    )
    record = mapping.map_record(report(status="awaiting  budget"))
    assert record.fields["status"] == "in_progress"
    assert record.unmapped == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"id": None}, "no id"),
        ({"id": ""}, "no id"),
        ({"id": {"a": 1}}, "neither a text"),
        ({"id": True}, "neither a text"),
        ({"id": "x" * 201}, "longer than"),
        ({"updatedAt": "last week"}, "updated_at"),
        ({"createdAt": "0000-00-00"}, "reported_at"),
        ({"description": ["a"]}, "title"),
        ({"version": {"v": 1}}, "version"),
    ],
)
def test_a_record_that_cannot_be_trusted_is_a_problem_and_nothing_is_invented(
    changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(RecordProblem, match=said):
        CONTRACT.map_record(report(**changes))


@pytest.mark.parametrize("raw", [None, "text", 3, ["a"]])
def test_what_is_no_object_is_a_problem(raw: Any) -> None:
    with pytest.raises(RecordProblem, match="not an object"):
        CONTRACT.map_record(raw)


def test_a_problem_names_the_record_and_none_of_its_values() -> None:
    with pytest.raises(RecordProblem) as caught:
        CONTRACT.map_record(report(updatedAt="private words"))
    assert caught.value.external_id == "NAGA-2026-004217"
    assert "private words" not in caught.value.reason


def test_a_missing_update_time_is_none_and_not_now() -> None:
    assert CONTRACT.map_record(report(updatedAt=None)).updated_at is None


def test_an_id_given_as_a_number_is_the_same_id_as_a_text() -> None:
    assert (
        CONTRACT.map_record(report(id=42)).external_id
        == CONTRACT.map_record(report(id="42")).external_id
    )


def test_bad_coordinates_and_media_cost_a_warning_not_the_record() -> None:
    record = CONTRACT.map_record(
        report(coordinates={"lat": "north", "lng": 900}, attachments="nowhere")
    )
    assert "lat" not in record.fields
    assert "lng" not in record.fields
    assert record.fields["attachments"] == []
    assert len(record.warnings) == 3


def test_a_title_too_long_is_shortened() -> None:
    assert len(CONTRACT.map_record(report(description="word " * 90)).fields["title"]) <= 120


def test_a_category_too_long_for_its_column_is_shortened_and_said_so() -> None:
    record = CONTRACT.map_record(report(category="x" * 300))
    assert len(record.fields["category"]) == 200
    assert record.warnings == ["category was shortened."]


def test_a_withdrawn_report_is_marked() -> None:
    assert CONTRACT.map_record(report(deleted=True)).deleted


def test_without_a_description_the_category_is_the_title() -> None:
    assert CONTRACT.map_record(report(description="  ")).fields["title"] == "Drainage"


def test_the_hash_ignores_what_is_not_mapped() -> None:
    first = CONTRACT.map_record(report()).fields
    second = CONTRACT.map_record(
        report(version=9, updatedAt="2026-11-21T00:00:00Z", views=8)
    ).fields
    assert payload_hash(first) == payload_hash(second)


@pytest.mark.parametrize(
    "changes", [{"status": "Closed"}, {"location": None}, {"description": "baha sa kanto."}]
)
def test_the_hash_sees_each_mapped_change(changes: dict[str, Any]) -> None:
    assert payload_hash(CONTRACT.map_record(report()).fields) != payload_hash(
        CONTRACT.map_record(report(**changes)).fields
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"description": "cafe\u0301"}, {"description": "café"}),
        ({"createdAt": "2026-11-20T08:00:00+08:00"}, {"createdAt": "2026-11-20T00:00:00Z"}),
        ({"coordinates": {"lat": 13.5, "lng": 1}}, {"coordinates": {"lat": "13.50", "lng": 1.0}}),
    ],
)
def test_equal_values_have_one_hash(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = (CONTRACT.map_record(report(**each)).fields for each in (one, other))
    assert payload_hash(first) == payload_hash(second)


def test_the_raw_hash_stays_until_the_record_or_its_reading_changes() -> None:
    assert _hash(CONTRACT, report()) == _hash(CONTRACT, report())
    assert _hash(CONTRACT, report()) != _hash(CONTRACT, report(views=8))
    shape = registry.get("mynaga").shape("contract")
    decided = compile_mapping(
        registry.get("mynaga"), shape, overrides={"status": {"Under Review": "open"}}
    )
    elsewhere = compile_mapping(registry.get("mynaga"), shape, zone="Europe/Berlin")
    hashes = {_hash(each, report()) for each in (CONTRACT, decided, elsewhere)}
    assert len(hashes) == 3


def _hash(mapping: CompiledMapping, raw: dict[str, Any]) -> str:
    return mapping.raw_hash(mapping.written(raw))


@given(
    st.recursive(
        st.none() | st.booleans() | st.text() | st.integers() | st.floats(),
        lambda x: st.lists(x) | st.dictionaries(st.text(), x),
        max_leaves=10,
    )
)
def test_no_value_of_any_kind_breaks_the_mapping(value: Any) -> None:
    for name in (
        "description",
        "status",
        "coordinates",
        "attachments",
        "updatedAt",
        "reporterPhone",
        "id",
    ):
        with contextlib.suppress(RecordProblem):
            assert payload_hash(CONTRACT.map_record(report(**{name: value})).fields)


def test_a_status_of_ours_is_put_into_their_words() -> None:
    values = MYNAGA.shape("contract").values["status"]
    assert outward(values, "open", {}) == "Acknowledged"
    assert outward(values, "open", {"open": "Submitted"}) == "Submitted"
    assert outward(values, "nonsense", {}) is None


@pytest.mark.parametrize("zone", ["Asia/Manilla", "../etc/passwd", "x" * 300])
def test_a_zone_that_does_not_exist_is_said_so(zone: str) -> None:
    with pytest.raises(Invalid) as caught:
        compile_mapping(MYNAGA, MYNAGA.shape("contract"), zone=zone)
    assert "timezone" in caught.value.fields
