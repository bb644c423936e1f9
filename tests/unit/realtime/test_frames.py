from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.realtime.frames import (
    READY,
    EntryId,
    checked_name,
    format_id,
    named,
    parse,
    parse_id,
    signpost,
    unnamed,
    with_id,
)

ID = EntryId((1795199987943, 2))


def as_a_browser_reads(stream: bytes) -> list[dict[str, str]]:
    """The parser of htmx 4's hx-sse: lines end with CR LF, CR or LF; a blank line ends a message."""
    text = stream.decode().replace("\r\n", "\n").replace("\r", "\n")
    messages = []
    for block in text.split("\n\n")[:-1]:
        message = {"id": "", "event": "", "data": []}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                message["data"].append(value)
            elif name:
                message[name] = value
        messages.append(message | {"data": "\n".join(message["data"])})
    return messages


def lines_joined(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.text())
def test_html_of_any_text_arrives_as_it_was_but_for_line_ends(text):
    (message,) = as_a_browser_reads(with_id(ID, unnamed(text)))
    assert message == {"id": "1795199987943-2", "event": "", "data": lines_joined(text)}


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_a_detail_of_any_text_arrives_on_one_line(detail):
    (message,) = as_a_browser_reads(with_id(ID, named("tickets:changed", detail)))
    assert json.loads(message["data"]) == detail


def test_several_frames_in_one_chunk_stay_apart():
    chunk = with_id(ID, named("a:b", {})) + with_id(EntryId((ID[0], 3)), unnamed("<p>\n\n</p>"))
    assert [(m["event"], m["data"]) for m in as_a_browser_reads(chunk)] == [
        ("a:b", "{}"),
        ("", "<p>\n\n</p>"),
    ]


@given(st.text())
def test_those_who_poll_read_the_same_as_those_who_stream(text):
    frame = with_id(ID, unnamed(text))
    (message,) = as_a_browser_reads(frame)
    assert parse(frame) == {"event": message["event"], "data": message["data"]}


def test_line_separators_of_unicode_do_not_end_a_line():
    (message,) = as_a_browser_reads(with_id(ID, unnamed("one\u2028two\x85three\x0bfour")))
    assert message["data"] == "one\u2028two\x85three\x0bfour"


def test_a_signpost_moves_the_cursor_and_carries_nothing():
    assert signpost(READY, ID) == b"id: 1795199987943-2\nevent: live:ready\n\n"
    assert signpost(READY, None) == b"event: live:ready\n\n"


@given(st.integers(0, 10**18), st.integers(0, 10**18))
def test_ids_survive_the_wire(milliseconds, sequence):
    entry_id = EntryId((milliseconds, sequence))
    assert parse_id(format_id(entry_id)) == entry_id


def test_ids_compare_as_numbers():
    assert parse_id("999-0") < parse_id("1000-0") < parse_id("1000-2") < parse_id("1000-10")


@pytest.mark.parametrize(
    "text", ["", "1", "1-", "-1", "1-1-1", " 1-1", "1-1\n", "١-١", "9" * 30 + "-0", "$"]
)
def test_anything_else_is_no_id(text):
    assert parse_id(text) is None


@pytest.mark.parametrize(
    "name",
    ["reset", "load", "live:ready", "Tickets:changed", "tickets:", "a b:c", "a:b\ndata: x", ""],
)
def test_names_that_a_browser_could_take_for_its_own_are_refused(name):
    with pytest.raises(ValueError, match="no name for a live event"):
        checked_name(name)


@pytest.mark.parametrize("name", ["tickets:changed", "connection:progress", "a1:b-2:c"])
def test_words_joined_by_colons_are_names(name):
    assert checked_name(name) == name
