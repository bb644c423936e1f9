"""Bodies into values: the traps of XML, and what is not what it says."""

from typing import Any

import pytest

from webapp.core.errors import RemoteError
from webapp.core.http import Response
from webapp.sync.connectors.lists import item_of, items_of
from webapp.sync.connectors.parsing import parse_body

REQUESTS = ("service_requests.request",)


def parsed(body: bytes, form: str) -> Any:
    return parse_body(
        Response(200, {}, body, 0.0, "https://x.example/"), form=form, host="x.example"
    )


def test_an_empty_element_is_null_and_a_missing_one_is_absent() -> None:
    value = parsed(b"<a><b/><c> t </c><d></d></a>", "xml")
    assert value == {"a": {"b": None, "c": "t", "d": None}}


def test_one_element_is_a_list_of_one_and_none_is_an_empty_list() -> None:
    one = parsed(b"<service_requests><request><x>1</x></request></service_requests>", "xml")
    two = parsed(
        b"<service_requests><request><x>1</x></request><request><x>2</x></request></service_requests>",
        "xml",
    )
    none = parsed(b"<service_requests>\n</service_requests>", "xml")
    assert items_of(one, REQUESTS, form="xml") == [{"x": "1"}]
    assert items_of(two, REQUESTS, form="xml") == [{"x": "1"}, {"x": "2"}]
    assert items_of(none, REQUESTS, form="xml") == []


def test_an_error_document_is_no_empty_list() -> None:
    errors = parsed(b"<errors><error><code>404</code></error></errors>", "xml")
    assert items_of(errors, REQUESTS, form="xml") is None


def test_namespaces_and_foreign_attributes_do_not_matter() -> None:
    value = parsed(
        b'<s:services xmlns:s="urn:x" is_array="true"><s:service>\xc3\xbc</s:service></s:services>',
        "xml",
    )
    assert value == {"services": {"service": "ü"}}


@pytest.mark.parametrize(
    ("body", "form", "kind"),
    [
        (b"<html><body>Sign in</body></html>", "json", "not_json"),
        (b"", "json", "not_json"),
        (b'{"a": 1', "json", "not_json"),
        (b'{"a": NaN}', "json", "not_json"),
        (b'{"a": 1e999}', "json", "not_json"),
        (b"[" * 100_000, "json", "not_json"),
        (b"\xff\xfe\xfa", "json", "not_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "json", "not_json"),
        (b"<!DOCTYPE html><html>", "xml", "not_xml"),
        (b"{}", "xml", "not_xml"),
        (b"<a><b></a>", "xml", "not_xml"),
        (b"", "xml", "not_xml"),
        (b"<a>" * 200 + b"</a>" * 200, "xml", "not_xml"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml", "not_xml"),
        (b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>', "xml", "not_xml"),
    ],
)
def test_what_cannot_be_read_is_said_in_its_own_words(body: bytes, form: str, kind: str) -> None:
    with pytest.raises(RemoteError) as caught:
        parsed(body, form)
    assert caught.value.kind == kind


def test_a_web_page_is_called_a_web_page() -> None:
    with pytest.raises(RemoteError, match="web page"):
        parsed(b"  <!DOCTYPE HTML><html><body>Sign in</body></html>", "json")


def test_characters_that_no_database_takes_are_left_out() -> None:
    assert parsed(b'{"a\\u0000": ["x\\u0000y", "\\ud800z", "\\ud83d\\ude00"]}', "json") == {
        "a": ["xy", "z", "😀"]
    }


def test_a_byte_order_mark_does_not_matter() -> None:
    assert parsed(b'\xef\xbb\xbf{"a": 1}', "json") == {"a": 1}


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ([1], [1]),
        ({"data": [1]}, [1]),
        ({"reports": [1]}, [1]),
        ({"data": None, "reports": [1]}, [1]),
        ({"data": []}, []),
        ({"other": [1]}, None),
        ({"data": {"a": 1}}, None),
        ({}, None),
        (None, None),
        ("text", None),
    ],
)
def test_the_list_is_found_or_there_is_none(value: Any, items: Any) -> None:
    assert items_of(value, ("", "data", "reports"), form="json") == items


def test_one_record_may_come_alone_or_in_a_list_of_one() -> None:
    assert item_of([{"a": 1}], ("",), form="json") == {"a": 1}
    assert item_of({"a": 1}, ("",), form="json") == {"a": 1}
    assert item_of([], ("",), form="json") is None
    assert item_of([{"a": 1}, {"a": 2}], ("",), form="json") is None


def test_an_empty_envelope_holds_no_record() -> None:
    assert item_of({"data": []}, ("data", ""), form="json") is None
    assert item_of({"data": [{"a": 1}]}, ("data", ""), form="json") == {"a": 1}


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'["Infinity Street", 1e3]', ["Infinity Street", 1000.0]),
        (b'["a\\u0000b", "\\ud800c", "\\ud83d\\ude00"]', ["ab", "c", "😀"]),
        ('\ufeff{"a": "é"}'.encode(), {"a": "é"}),
        ('{"a": "é"}'.encode("utf-16"), {"a": "é"}),
        (b'{"a": 1, "a": 12345678901234567890123}', {"a": 12345678901234567890123}),
    ],
)
def test_json_of_every_legal_writing_is_read(body: bytes, value: Any) -> None:
    assert parsed(body, "json") == value


@pytest.mark.parametrize("body", [b"[1e999]", b"[-1E+400]", b"[NaN]", b"[Infinity]", b'["\xff"]'])
def test_numbers_without_end_and_broken_bytes_are_no_json(body: bytes) -> None:
    with pytest.raises(RemoteError) as told:
        parsed(body, "json")
    assert told.value.kind == "not_json"
