"""Dotted paths: absent and null are different things."""

from typing import Any

import pytest

from webapp.sync.connectors.paths import ABSENT, read
from webapp.sync.connectors.templating import OMIT, fill, fill_path

RECORD: dict[str, Any] = {
    "id": 7,
    "none": None,
    "place": {"lat": 13.6, "street": None},
    "images": [{"url": "a"}, {"url": None}, {"other": 1}, "text", {"url": "b"}],
    "office": {"name": "CEO"},
    "pair": [13.6, 123.2],
    "empty": [],
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("id", 7),
        ("none", None),
        ("missing", ABSENT),
        ("place.lat", 13.6),
        ("place.street", None),
        ("place.missing", ABSENT),
        ("none.deeper", None),
        ("missing.deeper", ABSENT),
        ("id.deeper", ABSENT),
        ("images[].url", ["a", "b"]),
        ("office[].name", ["CEO"]),
        ("missing[].url", ABSENT),
        ("none[].url", None),
        ("empty[].url", []),
        ("pair.1", 123.2),
        ("pair.7", ABSENT),
        ("pair.x", ABSENT),
        ("", RECORD),
    ],
)
def test_a_path_reads_what_is_there(path: str, value: Any) -> None:
    assert read(RECORD, path) == value


@pytest.mark.parametrize("record", [None, [], "text", 3])
def test_a_record_that_is_no_object_has_nothing(record: Any) -> None:
    assert not read(record, "id")


def test_an_empty_step_is_refused() -> None:
    with pytest.raises(ValueError, match="empty step"):
        read({}, "a..b")


def test_a_template_keeps_types_and_leaves_out_what_has_no_value() -> None:
    values = {"status": "Resolved", "n": 3, "note": None}
    template = {
        "s": "{status}",
        "n": "{n}",
        "note": "{note}",
        "text": "{n} of {status}",
        "fix": True,
        "l": ["{n}", "{note}"],
    }
    assert fill(template, values) == {
        "s": "Resolved",
        "n": 3,
        "text": "3 of Resolved",
        "fix": True,
        "l": [3],
    }
    assert fill("{note}", values) is OMIT


def test_a_value_is_not_read_as_a_template_again() -> None:
    assert fill("{note}!", {"note": "{secret}", "secret": "canary"}) == "{secret}!"


@pytest.mark.parametrize(
    ("external_id", "path"),
    [
        ("NAGA-1", "/reports/NAGA-1"),
        ("../me", "/reports/..%2Fme"),
        ("..", "/reports/%2E%2E"),
        ("a?b#c", "/reports/a%3Fb%23c"),
        ("Ñ 1", "/reports/%C3%91%201"),
    ],
)
def test_an_id_cannot_leave_its_place_in_a_path(external_id: str, path: str) -> None:
    assert fill_path("/reports/{id}", {"id": external_id}) == path
