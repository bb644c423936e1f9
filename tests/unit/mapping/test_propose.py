"""What is proposed for systems of many shapes; each proposal is a valid declaration that reads its own sample."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mapping.issues_server import issue
from webapp.core.errors import Invalid
from webapp.sync.connectors.declaration import Shape, parse
from webapp.sync.connectors.mapping import MappedRecord, compile_mapping
from webapp.sync.mapping.propose import Answer, propose

BEARER = {"kind": "bearer"}

GITHUB = [issue(n) for n in range(1, 6)]
ZENDESK = {
    "tickets": [
        {"id": n, "url": f"https://x.example/api/v2/tickets/{n}.json", "subject": f"Leak {n}", "description": "Water <b>everywhere</b>",
         "status": ["new", "open", "pending", "solved", "closed"][n % 5], "priority": None, "requester_id": 40 + n,
         "created_at": f"2026-01-0{n + 1}T10:00:00Z", "updated_at": f"2026-02-0{n + 1}T10:00:00Z", "tags": ["water"]}
        for n in range(5)
    ],
    "meta": {"has_more": True, "after_cursor": "xxx"},
    "links": {"next": "https://x.example/api/v2/tickets.json?page[after]=xxx", "prev": None},
    "count": 2091,
}  # fmt: skip
CKAN = {
    "help": "…", "success": True,
    "result": {
        "fields": [{"id": "_id", "type": "int"}, {"id": "Direccion", "type": "text"}],
        "records": [
            {"_id": n, "Numero": f"R-{n}", "Asunto": "Bache", "Descripción": "Un bache grande", "Dirección": f"Calle {n}",
             "Estado": "En proceso" if n % 2 else "Resuelto", "Latitud": 13.6 + n / 100, "Longitud": 123.2 + n / 100,
             "Fecha de creación": f"2026-03-1{n}T00:00:00", "Correo": f"v{n}@example.org"}
            for n in range(4)
        ],
        "offset": 0, "limit": 100, "total": 840,
    },
}  # fmt: skip
SOCRATA = [
    {"unique_key": str(500 + n), "created_date": f"2026-05-0{n + 1}T11:00:00.000", "complaint_type": "Noise",
     "descriptor": "Loud music", "status": "Closed" if n else "Open", "incident_address": f"{n} BROADWAY",
     "borough": "QUEENS", "latitude": "40.7128", "longitude": "-74.0060",
     "resolution_action_updated_date": f"2026-05-0{n + 2}T11:00:00.000"}
    for n in range(3)
]  # fmt: skip
OPEN311 = [
    {"service_request_id": str(n), "status": "open", "service_name": "Pothole", "description": "Deep", "address": "Main St",
     "requested_datetime": f"2026-06-0{n + 1}T08:00:00+08:00", "updated_datetime": f"2026-06-1{n}T08:00:00+08:00",
     "lat": 13.62, "long": 123.19, "media_url": f"https://x.example/{n}.jpg"}
    for n in range(3)
]  # fmt: skip
XML = {"service_requests": {"request": [{k: str(v) for k, v in each.items()} for each in OPEN311]}}
NESTED = {
    "data": {
        "edges": {
            "items": [
                {"attributes": {"reference": f"A-{n}", "objet": "Éclairage", "contenu": "Lampe cassée", "statut": "en cours",
                 "position": {"type": "Point", "coordinates": [2.35, 48.85]}, "demandeur": {"nom": "Léa", "courriel": "lea@example.org",
                 "telephone": "+33 1 23 45 67 89"}, "dateModification": f"2026-07-0{n + 1}T10:00:00+02:00"}}
                for n in range(3)
            ]
        }
    },
    "pagination": {"page": 1, "total": 60},
}  # fmt: skip
FILIPINO = [
    {"id": n, "pamagat": "Baradong kanal", "paglalarawan": "Umaapaw tuwing umuulan", "barangay": "Tinago",
     "kalagayan": "ginagawa" if n else "bago", "petsa": f"2026-08-0{n + 1} 10:00:00", "selpon": "0917 123 4567"}
    for n in range(3)
]  # fmt: skip


def proposed(value: Any, **given: Any) -> tuple[Shape, list[MappedRecord], list[str]]:
    found = propose(Answer(value, **given), title="Test", auth=BEARER)
    declaration = parse(found.text)
    mapping = compile_mapping(declaration, declaration.shapes[0])
    return declaration.shapes[0], [mapping.map_record(each) for each in found.records], found.notes


def test_issues_as_github_lists_them() -> None:
    link = {
        "link": '<https://x.example/issues?page=2>; rel="next", <https://x.example/issues?page=9>; rel="last"'
    }
    shape, records, _ = proposed(
        GITHUB,
        path="/repos/city/desk/issues?state=all&per_page=100&since=2026-01-01T00:00:00Z",
        headers=link,
    )
    assert (shape.list.path, shape.list.params, shape.list.items) == (
        "/repos/city/desk/issues",
        {"state": "all"},
        ("",),
    )
    assert (
        shape.list.paging[0].kind,
        shape.list.paging[0].size_param,
        shape.list.paging[0].size,
    ) == ("link", "per_page", 100)
    assert (shape.list.incremental[0].kind, shape.list.incremental[0].param) == (
        "updated_since",
        "since",
    )
    assert (shape.record.id, shape.record.updated_at.from_, shape.record.created_at.from_) == (
        ("id",),
        ("updated_at",),
        ("created_at",),
    )
    first = records[0].fields
    assert (first["title"], first["status"], first["external_status"]) == (
        "Street light 1 is out",
        "open",
        "open",
    )
    assert (first["reporter_name"], first["category"]) == ("neighbour-1", "lights, urgent")
    assert first["source_url"] == "https://issues.example/city/desk/issues/1"
    assert "The lamp at corner 1" in first["description"]


def test_tickets_as_zendesk_lists_them() -> None:
    shape, records, _ = proposed(ZENDESK, path="/api/v2/tickets.json?page[size]=100")
    assert (shape.list.items, shape.list.paging[0].kind, shape.list.paging[0].next) == (
        ("tickets",),
        "link",
        ("links.next",),
    )
    assert shape.list.total == "count"
    assert {each.fields["status"] for each in records} == {"open", "resolved", "closed"}
    assert (
        records[1].fields["description"] == "Water everywhere"
        or "<b>" in records[1].fields["description"]
    )
    assert records[1].fields["title"] == "Leak 1"


def test_rows_as_ckan_lists_them_in_spanish() -> None:
    shape, records, notes = proposed(CKAN, path="/api/3/action/datastore_search?limit=100&offset=0")
    assert shape.list.items == ("result.records",)
    assert (
        shape.list.paging[0].kind,
        shape.list.paging[0].param,
        shape.list.paging[0].size_param,
    ) == ("offset", "offset", "limit")
    second = records[1].fields
    assert (second["title"], second["description"], second["place"]) == (
        "Bache",
        "Un bache grande",
        "Calle 1",
    )
    assert (second["status"], records[0].fields["status"]) == ("in_progress", "resolved")
    assert (float(second["lat"]), float(second["lng"])) == (13.61, 123.21)
    assert second["reporter_email"] == "v1@example.org"
    assert any("no zone" in note for note in notes)


def test_rows_as_socrata_lists_them() -> None:
    shape, records, notes = proposed(SOCRATA, path="/resource/erm2-nwe9.json?$limit=50&$offset=0")
    assert shape.record.id == ("unique_key",)
    assert (shape.list.paging[0].kind, shape.list.paging[0].param) == ("offset", "$offset")
    first = records[0].fields
    assert (first["category"], first["description"], first["barangay"], first["place"]) == (
        "Noise",
        "Loud music",
        "QUEENS",
        "0 BROADWAY",
    )
    assert (float(first["lat"]), float(first["lng"])) == (40.7128, -74.006)
    assert shape.record.updated_at.from_ == ("resolution_action_updated_date",)
    assert notes


@pytest.mark.parametrize(
    ("value", "form", "items"), [(OPEN311, "json", ""), (XML, "xml", "service_requests.request")]
)
def test_requests_as_open311_lists_them(value: Any, form: str, items: str) -> None:
    shape, records, _ = proposed(value, path=f"/requests.{form}", form=form)
    assert (shape.format, shape.list.items, shape.record.id) == (
        form,
        (items,),
        ("service_request_id",),
    )
    first = records[0].fields
    assert (first["category"], first["place"], float(first["lng"])) == (
        "Pothole",
        "Main St",
        123.19,
    )
    assert records[0].updated_at is not None
    assert first["attachments"][0]["url"] == "https://x.example/0.jpg"


def test_one_record_in_xml_is_a_list_of_one() -> None:
    shape, records, _ = proposed(
        {"service_requests": {"request": XML["service_requests"]["request"][0]}}, form="xml"
    )
    assert shape.list.items == ("service_requests.request",)
    assert len(records) == 1


def test_a_nested_envelope_in_french() -> None:
    shape, records, _ = proposed(NESTED, path="/api/demandes?page=1")
    assert (shape.list.items, shape.list.total) == (("data.edges.items",), "pagination.total")
    assert (shape.list.paging[0].kind, shape.list.paging[0].param) == ("page_number", "page")
    assert shape.record.id == ("attributes.reference",)
    first = records[0].fields
    assert (first["title"], first["status"], first["reporter_name"]) == (
        "Éclairage",
        "in_progress",
        "Léa",
    )
    assert (first["reporter_email"], first["reporter_phone"]) == ("lea@example.org", "+33123456789")
    assert (float(first["lat"]), float(first["lng"])) == (48.85, 2.35)


def test_a_bare_array_in_filipino() -> None:
    shape, records, notes = proposed(FILIPINO, path="/ulat")
    assert shape.list.paging[0].kind == "none"
    first = records[1].fields
    assert (first["title"], first["barangay"], first["status"]) == (
        "Baradong kanal",
        "Tinago",
        "in_progress",
    )
    assert first["description"] == "Umaapaw tuwing umuulan"
    assert any("one page" in note for note in notes)


def test_a_cursor_in_the_answer_is_followed() -> None:
    value = {"items": [{"id": 1, "title": "a"}, {"id": 2, "title": "b"}], "next_cursor": "zz"}
    shape, *_ = proposed(value, path="/things?limit=2")
    paging = shape.list.paging[0]
    assert (paging.kind, paging.param, paging.next, paging.size_param) == (
        "cursor",
        "cursor",
        ("next_cursor",),
        "limit",
    )


def test_half_a_position_is_no_position() -> None:
    shape, *_ = proposed(
        [{"id": 1, "lat": 13.6, "title": "a"}, {"id": 2, "lat": 13.7, "title": "b"}]
    )
    assert "lat" not in shape.fields


def test_a_word_that_could_mean_anything_is_left_for_a_person() -> None:
    shape, records, _ = proposed([{"id": 1, "status": "open"}, {"id": 2, "status": "Stage 4"}])
    assert shape.values["status"].in_ == {"open": "open"}
    assert records[1].unmapped == [("status", "Stage 4")]


@pytest.mark.parametrize(
    "value", [{}, [], {"a": 1}, "text", 7, None, {"data": []}, [1, 2], {"error": {"code": 7}}]
)
def test_where_there_is_no_list_it_says_so(value: Any) -> None:
    with pytest.raises(Invalid, match="no list of records"):
        propose(Answer(value), title="x", auth=BEARER)


def test_records_without_an_id_are_refused() -> None:
    with pytest.raises(Invalid, match="no id"):
        propose(Answer([{"a": 1.5, "t": "x"}, {"a": 1.5, "t": "x"}]), title="x", auth=BEARER)
