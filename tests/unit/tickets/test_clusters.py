"""How alike two tickets are: near in place, time and words."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from webapp.tickets import clusters
from webapp.tickets.clusters import Case, Likeness, compare

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HALL = (13.6218, 123.1948)
EARTH_M = 6_371_000


def case(text: str = "Street light out", **values: object) -> Case:
    each = {"category": "Lights", "barangay": "Tinago", "lat": HALL[0], "lng": HALL[1], "at": NOON}
    return Case(text, **{**each, **values})  # type: ignore[arg-type]


def north(metres: float) -> float:
    return HALL[0] + math.degrees(metres / EARTH_M)


def test_a_likeness_has_metres_days_and_percent() -> None:
    other = case("Light out in the street", lat=north(120), at=NOON - timedelta(days=2, hours=5))
    found = compare(case(), other)
    assert found == Likeness(metres=120, days=2, alike=100, one_category=True)
    assert found.is_worth_telling


@pytest.mark.parametrize(
    "other",
    [
        case(lat=north(clusters.NEAR_M + 5)),
        case(at=NOON + timedelta(days=14, seconds=1)),
        case(lat=None, barangay="Abella"),
        case(lat=None, barangay=""),
    ],
)
def test_too_far_in_place_or_time_is_not_even_compared(other: Case) -> None:
    assert compare(case(barangay="Tinago"), other) is None


def test_without_coordinates_the_barangay_counts_and_words_must_agree_more() -> None:
    same = compare(case(lat=None), case(barangay="tinago"))
    assert same is not None
    assert same.metres is None
    assert same.is_worth_telling
    vague = compare(case(lat=None), case("Street sweeping was late", barangay="Tinago"))
    assert vague is not None
    assert clusters.ALIKE <= vague.alike < clusters.ALIKE_WITHOUT_PLACE
    assert not vague.is_worth_telling


def test_another_category_needs_nearly_the_same_words() -> None:
    same = compare(case(), case(category="Electricity"))
    other = compare(case(), case("Street flooded again", category="Flooding"))
    assert same is not None
    assert same.is_worth_telling
    assert other is not None
    assert not other.is_worth_telling


def test_empty_words_are_like_nothing() -> None:
    assert clusters.alike_percent("", "") == 0
    assert clusters.alike_percent("!!!", "???") == 0
    assert clusters.alike_percent("انقطاع الكهرباء في الشارع", "الكهرباء في الشارع انقطاع") == 100


places = st.tuples(st.floats(-89.9, 89.9, allow_nan=False), st.floats(-180, 180, allow_nan=False))


@given(place=places, turn=st.floats(0, 360), metres=st.floats(0, clusters.NEAR_M))
@example(place=(0.0, 180.0), turn=90.0, metres=300.0)  # across the date line
@example(place=(58.157706, 11.545077), turn=10.0, metres=299.0)  # by one of h3's pentagons
def test_whatever_is_near_lies_in_a_cell_nearby(
    place: tuple[float, float], turn: float, metres: float
) -> None:
    lat, lng = place
    way, turned = metres / EARTH_M, math.radians(turn)
    phi = math.radians(lat)
    there = math.asin(
        math.sin(phi) * math.cos(way) + math.cos(phi) * math.sin(way) * math.cos(turned)
    )
    beside = math.atan2(
        math.sin(turned) * math.sin(way) * math.cos(phi),
        math.cos(way) - math.sin(phi) * math.sin(there),
    )
    other = (math.degrees(there), (lng + math.degrees(beside) + 540) % 360 - 180)
    assume(abs(other[0]) <= 90)
    cell = clusters.cell_of(*place)
    assert cell is not None
    assert 0 < cell < 2**63  # a BIGINT holds it
    assert clusters.cell_of(*other) in clusters.cells_near(cell)


cases = st.builds(
    Case,
    text=st.text(max_size=80),
    category=st.sampled_from(["Lights", "lights", "Flooding", ""]),
    barangay=st.sampled_from(["Tinago", "Abella", ""]),
    lat=st.one_of(st.none(), st.floats(HALL[0] - 0.004, HALL[0] + 0.004)),
    lng=st.one_of(st.none(), st.floats(HALL[1] - 0.004, HALL[1] + 0.004)),
    at=st.integers(0, 24 * 3600).map(lambda minutes: NOON + timedelta(minutes=minutes)),
)


@given(one=cases, other=cases)
def test_a_likeness_is_the_same_from_both_sides_and_within_its_bounds(
    one: Case, other: Case
) -> None:
    found = compare(one, other)
    assert found == compare(other, one)
    if found:
        assert 0 <= found.alike <= 100
        assert 0 <= found.days <= 14
        assert found.metres is None or 0 <= found.metres <= clusters.NEAR_M
        assert 0 <= found.score <= 100


@given(metres=st.integers(0, 299), days=st.integers(0, 13), alike=st.integers(0, 99))
def test_nearer_later_and_more_alike_never_scores_less(metres: int, days: int, alike: int) -> None:
    worse = Likeness(metres + 1, days, alike, one_category=True).score
    later = Likeness(metres, days + 1, alike, one_category=True).score
    other = Likeness(metres, days, alike + 1, one_category=True).score
    here = Likeness(metres, days, alike, one_category=True).score
    assert worse <= here >= later
    assert other >= here
