"""What needs nothing done to it takes a short way into a ticket's values; it must lead to the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from webapp.tickets.states import STATUSES
from webapp.tickets.values import TicketValues, storable, storable_together

_TEXTS = st.one_of(
    st.sampled_from(
        ["", " ", "a", "a  b", " a", "a ", "a\nb", "a\r\nb", "ñ", "ñ", "a\x00b", "a\u00a0b"]
    ),
    st.text(max_size=40),
    st.text(alphabet="aé ñ\n.", max_size=400),
    st.none(),
    st.integers(0, 9),
    st.booleans(),
)
_TIMES = st.one_of(
    st.none(),
    st.sampled_from([UTC, None, timezone(timedelta(hours=8))]).flatmap(
        lambda zone: st.datetimes(min_value=datetime(1985, 1, 1), timezones=st.just(zone))  # noqa: DTZ001 (they get one)
    ),
    st.just("2026-11-20T08:00:00Z"),
)
_DEGREES = st.one_of(
    st.none(),
    st.decimals(-200, 200, places=6),
    st.decimals(-90, 90, places=2),
    st.just(Decimal("NaN")),
    st.floats(-100, 100),
)
_ADDRESSES = st.one_of(
    _TEXTS, st.sampled_from(["https://city.example/1", "javascript:1", " https://a.example"])
)
_FILES = st.sampled_from([None, [], (), [{"url": "https://city.example/a.jpg"}], [{"url": "x"}]])
_LINES = [
    "title",
    "place",
    "reporter_name",
    "reporter_email",
    "reporter_phone",
    "source",
    "source_name",
    "control_number",
    "category",
    "refined_category",
    "barangay",
    "external_status",
]
_VALUES = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys((*_LINES, "description"), _TEXTS),
        "status": st.sampled_from([*STATUSES, "", None, "unheard of"]),
        "lat": _DEGREES,
        "lng": _DEGREES,
        "reported_at": _TIMES,
        "resolved_at": _TIMES,
        "source_url": _ADDRESSES,
        "attachments": _FILES,
        "unknown": st.just(1),
    },
)


def _outcome(make: Any, values: dict[str, Any]) -> Any:
    try:
        made = make(values)
    except ValidationError as error:
        return [(each["loc"], each["type"]) for each in error.errors()]
    kinds = {name: type(value) for name, value in made.__dict__.items()}
    return made, made.__dict__, kinds, made.model_fields_set, made.given(), made.shown_title


@settings(max_examples=120, deadline=None)
@given(_VALUES)
def test_the_short_way_leads_to_the_same_values_and_the_same_refusals(
    values: dict[str, Any],
) -> None:
    assert _outcome(storable, values) == _outcome(TicketValues.model_validate, values)


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from([*_LINES, "description", "source_url", "lat", "lng", "reported_at"]), st.data()
)
def test_so_does_each_field_alone(name: str, data: st.DataObject) -> None:
    kinds = {"source_url": _ADDRESSES, "lat": _DEGREES, "lng": _DEGREES, "reported_at": _TIMES}
    values = {name: data.draw(kinds.get(name, _TEXTS))}
    assert _outcome(storable, values) == _outcome(TicketValues.model_validate, values)


_CLEAN = {"title": "Drain", "category": "ñ", "barangay": "", "description": "It\noverflows."}


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(_CLEAN)), st.lists(_TEXTS, min_size=1, max_size=3))
@example("title", ["a|b"])
@example("title", ["a |b"])
@example("barangay", ["n\u0303"])
@example("category", ["a" * 201])
def test_many_together_become_what_each_becomes_alone(name: str, texts: list[Any]) -> None:
    many = [{**_CLEAN, name: text} for text in ["Road", *texts]]
    together = storable_together(many)
    assert together is None or together == [TicketValues.model_validate(each) for each in many]
    assert storable_together([_CLEAN, _CLEAN]) == [storable(_CLEAN)] * 2


def test_a_value_of_another_is_never_shared() -> None:
    first, second = storable({}), storable({"title": "One"})
    assert (first.title, second.title, first.attachments) == ("", "One", ())
    assert (first.model_fields_set, second.model_fields_set) == (set(), {"title"})
