"""A page mapped at once says of each record what it says of one alone."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.unit.connectors.test_mapping import CONTRACT, OBSERVED, report
from webapp.sync.connectors.declaration import parse
from webapp.sync.connectors.mapping import CompiledMapping, RecordProblem, compile_mapping

ODD = compile_mapping(
    DECLARED := parse(
        """
name: odd
title: Odd
record: thing
timezone: Asia/Manila
secret: {label: Token, help: None}
shapes:
  - name: only
    title: Only
    auth: [{kind: none}]
    list: {path: /things, items: "", paging: [{kind: none}], incremental: [{kind: full}]}
    record: {id: [a, b], version: v, updated_at: w, expects: [a]}
    fields:
      title: {from: [a, b], transforms: [text, upper], required: true}
      description: {from: [c, a]}
      category: {from: [c], nullable: false}
      barangay: {from: [a, b], join: " / "}
      place: {from: [c], transforms: [lower]}
      lat: {from: d.0, on_error: warn}
      external_status: {from: [b], transforms: [{truncate: {length: 3}}]}
      reporter_phone: {from: [b], transforms: [{phone: {country: "63"}}]}
      source_url: {from: [c, b]}
      attachments: {from: [d, c], on_error: warn}
"""
    ),
    DECLARED.shapes[0],
)

WORDS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", " ", " a ", "Peñafrancia", "Pen\u0303a", "09171234567", "a\tb", "https://x.example/a"]
    ),
    st.sampled_from(["2026-11-20T08:00:00Z", "2026-11-20", "x" * 400, "\x00", "\ud800", "Closed"]),
)
VALUES: st.SearchStrategy[Any] = st.one_of(
    WORDS,
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=True, allow_infinity=True),
    st.lists(WORDS, max_size=3),
    st.builds(lambda a, b: {"lat": a, "lng": b, "name": a}, WORDS, st.floats(-200, 200)),
)
CHANGES = st.dictionaries(
    st.sampled_from(
        [
            "id",
            "version",
            "createdAt",
            "updatedAt",
            "category",
            "refinedCategory",
            "location",
            "coordinates",
            "barangay",
            "description",
            "attachments",
            "reporterName",
            "reporterPhone",
            "url",
            "status",
            "deleted",
            "control_number",
            "date_created",
        ]
    ),
    VALUES,
    max_size=3,
)
THINGS = st.dictionaries(st.sampled_from("abcdvw"), VALUES)


def told(mapping: CompiledMapping, raw: Any) -> Any:
    try:
        return mapping.map_record(raw)
    except RecordProblem as problem:
        return problem.reason, problem.external_id


def agree(mapping: CompiledMapping, page: list[Any]) -> None:
    together = [
        (one.reason, one.external_id) if isinstance(one, RecordProblem) else one
        for one in mapping.map_page(page)
    ]
    alone = [told(mapping, raw) for raw in page]
    assert repr(together) == repr(alone)  # the order of fields and NaN included


@given(st.lists(CHANGES, max_size=5), st.booleans())
@example([{}, {}], True)
@example([{"barangay": "Pen\u0303a"}, {"barangay": " a "}], True)
@example([{"category": "x" * 400}, {"status": "Awaiting"}], True)
@example([{"location": "a\tb"}, {"url": "javascript:1"}], True)
@example([{"coordinates": {"lat": 95.5, "lng": 1.0}}, {"reporterPhone": "1"}], True)
@example([{"coordinates": {"lat": float("nan"), "lng": 1.0}}, {}], True)
@example([{}, {"coordinates": {"lat": float("nan"), "lng": 1.0}}], True)
def test_reports(changes: list[dict[str, Any]], utc: bool) -> None:
    made = {"createdAt": "2026-11-20T08:00:00Z"} if utc else {}
    page = [report(**made, id=f"N-{n}") | each for n, each in enumerate(changes)]
    agree(CONTRACT, page)
    agree(OBSERVED, page)


@given(st.lists(st.one_of(THINGS, VALUES), max_size=5), st.lists(THINGS, max_size=5))
def test_things_of_all_kinds(page: list[Any], things: list[dict[str, Any]]) -> None:
    agree(ODD, page)
    agree(ODD, things)


@pytest.mark.parametrize("lat", [13.62, 13.6234565, -90.0])
def test_degrees_are_rounded_alike(lat: float) -> None:
    pages = CONTRACT.map_page([report(coordinates={"lat": lat, "lng": 1.0})] * 2)
    first = pages[0]
    assert not isinstance(first, RecordProblem)
    assert first.fields["lat"] == Decimal(repr(lat)).quantize(Decimal("0.000001"))
