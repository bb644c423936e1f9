"""Each named transform: what goes in, what comes out, what is refused."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from webapp.sync.connectors.transforms import build, write_moment

MANILA = ZoneInfo("Asia/Manila")


def apply(name: str, value: Any, **args: Any) -> tuple[Any, list[str]]:
    warnings: list[str] = []
    return build(name, args, zone=MANILA)(value, warnings.append), warnings


@pytest.mark.parametrize(
    ("name", "args", "value", "result"),
    [
        ("text", {}, "  a\r\nb\rc  ", "a\nb\nc"),
        ("text", {}, "nul\x00l\ud800", "null"),
        ("text", {}, "tab\tstays", "tab\tstays"),
        ("text", {}, "e\u0301", "é"),
        ("text", {}, "   ", None),
        ("text", {}, 12, "12"),
        ("text", {}, 1.5, "1.5"),
        ("text", {}, True, "true"),
        ("first_line", {}, "Title\nmore", "Title"),
        ("first_line", {"length": 12}, "a longer title here", "a longer…"),
        ("truncate", {"length": 5}, "abcdefgh", "abcd…"),
        ("lower", {}, "ÀB", "àb"),
        ("upper", {}, "ab", "AB"),
        (
            "strip_html",
            {},
            "<p>Hello <b>you</b> &amp; me</p><script>x()</script>",
            "Hello you & me",
        ),
        ("strip_html", {}, "5 < 6", "5 < 6"),
        ("crlf", {}, "a\r\nb", "a\nb"),
        ("join", {}, ["a", None, "b", "a", ""], "a, b"),
        ("join", {"separator": " / "}, "one", "one"),
        ("first", {}, ["a", "b"], "a"),
        ("first", {}, [], None),
        ("prefix", {"text": "https://x.example/"}, 7, "https://x.example/7"),
        ("phone", {"country": "63"}, "0917 123-4567", "+639171234567"),
        ("phone", {}, "+63 (917) 123 4567", "+639171234567"),
        ("phone", {}, "0063 917 1234567", "+639171234567"),
        ("email", {}, "a@b.example", "a@b.example"),
        ("url", {}, " https://x.example/a ", "https://x.example/a"),
        ("decimal", {}, "1.230", Decimal("1.230")),
        ("decimal", {}, 12.34, Decimal("12.34")),
        ("decimal", {"places": 3}, "7", Decimal("7.000")),
        ("integer", {}, "3.0", 3),
        ("boolean", {}, "Yes", True),
        ("boolean", {}, 0, False),
        ("coordinate", {"limit": 90}, 50.8959020906914, Decimal("50.895902")),
        ("coordinate", {"limit": 90}, "43.691104288", Decimal("43.691104")),
        ("coordinate_of", {"position": 1}, "13.62, 123.19", Decimal("123.190000")),
        ("coordinate_of", {"position": 0}, [13.62, 123.19], Decimal("13.620000")),
    ],
)
def test_a_transform_gives(name: str, args: dict[str, Any], value: Any, result: Any) -> None:
    assert apply(name, value, **args) == (result, [])


@pytest.mark.parametrize(
    ("name", "args", "value"),
    [
        ("text", {}, {"a": 1}),
        ("text", {}, ["a"]),
        ("decimal", {}, "12,3 €"),
        ("decimal", {}, "NaN"),
        ("decimal", {}, "1e999999"),
        ("decimal", {}, True),
        ("integer", {}, "3.5"),
        ("boolean", {}, "perhaps"),
        ("coordinate", {"limit": 90}, 91),
        ("coordinate", {}, "north"),
        ("coordinate_of", {"position": 1}, "13.62"),
        ("datetime", {}, "yesterday"),
        ("datetime", {}, "2026-13-40T00:00:00Z"),
        ("datetime", {}, True),
        ("datetime", {}, ["2026"]),
        ("datetime", {}, 10**30),
        ("datetime", {}, "0001-01-01T00:00:00+14:00"),
    ],
)
def test_a_transform_refuses_what_it_cannot_read(
    name: str, args: dict[str, Any], value: Any
) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        apply(name, value, **args)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("phone", "ask at the hall", "ask at the hall"),
        ("email", "not one", None),
        ("url", "javascript:alert(1)", None),
    ],
)
def test_what_looks_wrong_is_said_so(name: str, value: str, kept: str | None) -> None:
    result, warnings = apply(name, value)
    assert result == kept
    assert len(warnings) == 1
    assert value not in warnings[0]


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-20T10:58:43Z",
        "2026-11-20T18:58:43+08:00",
        "2026-11-20T18:58:43+0800",
        "2026-11-20 18:58:43 +0800",
        "2026-11-20 10:58:43 UTC",
        "2026-11-20T05:58:43-05:00",
        1795172323,
        1795172323000,
        "1795172323",
    ],
)
def test_a_time_is_read_in_the_forms_that_occur(written: Any) -> None:
    assert apply("datetime", written) == (datetime(2026, 11, 20, 10, 58, 43, tzinfo=UTC), [])


def test_a_time_without_a_zone_is_taken_in_the_declared_one_and_said_so() -> None:
    value, warnings = apply("datetime", "2026-11-20T18:58:43")
    assert value == datetime(2026, 11, 20, 10, 58, 43, tzinfo=UTC)
    assert warnings == ["times without a zone are taken as Asia/Manila"]


def test_a_pattern_and_a_zone_of_its_own_may_be_declared() -> None:
    value, _ = apply(
        "datetime", "20/11/2026 11:58", format="%d/%m/%Y %H:%M", timezone="Europe/Berlin"
    )
    assert value == datetime(2026, 11, 20, 10, 58, tzinfo=UTC)


def test_an_empty_time_is_none_and_never_now() -> None:
    assert apply("datetime", "  ") == (None, [])


def test_media_takes_addresses_objects_and_lists() -> None:
    value, warnings = apply(
        "media",
        [
            {
                "url": "https://x.example/a.jpg",
                "contentType": "image/png",
                "name": "n.png",
                "size": "12",
            },
            {"url": "https://x.example/b%20c.jpg?itok=1"},
            "https://x.example/d.pdf",
            "https://x.example/d.pdf",
            {"url": "file:///etc/passwd"},
            {"name": "no address"},
            None,
        ],
        content_type="contentType",
    )
    assert value == [
        {
            "url": "https://x.example/a.jpg",
            "name": "n.png",
            "content_type": "image/png",
            "size": 12,
        },
        {
            "url": "https://x.example/b%20c.jpg?itok=1",
            "name": "b c.jpg",
            "content_type": "image/jpeg",
            "size": None,
        },
        {
            "url": "https://x.example/d.pdf",
            "name": "d.pdf",
            "content_type": "application/pdf",
            "size": None,
        },
    ]
    assert len(warnings) == 2


def test_one_address_is_a_list_of_one() -> None:
    value, _ = apply("media", "https://x.example/")
    assert value == [
        {"url": "https://x.example/", "name": "attachment", "content_type": "", "size": None}
    ]


@pytest.mark.parametrize(
    ("name", "args", "said"),
    [
        ("frist_line", {}, "there is no transform"),
        ("phone", {"contry": "63"}, "knows no contry"),
        ("truncate", {}, "needs length"),
        ("text", ["a"], "named arguments"),
    ],
)
def test_a_transform_that_is_not_there_is_named(name: str, args: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        build(name, args, zone=MANILA)


@pytest.mark.parametrize(
    ("how", "written"),
    [
        ("iso", "2026-11-20T10:58:43+00:00"),
        ("iso_z", "2026-11-20T10:58:43Z"),
        ("date", "2026-11-20"),
        ("epoch", "1795172323"),
        ("epoch_ms", "1795172323000"),
    ],
)
def test_a_moment_is_written_as_the_upstream_wants_it(how: str, written: str) -> None:
    assert write_moment(datetime(2026, 11, 20, 18, 58, 43, tzinfo=MANILA), how) == written
